"""Changes that somebody has looked at."""
