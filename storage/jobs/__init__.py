"""Jobs and their slots."""
