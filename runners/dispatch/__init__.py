"""From the asking to an agent."""
