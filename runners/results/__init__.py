"""From what an agent sent to an outcome."""
