"""From names to the things that a person may see."""
