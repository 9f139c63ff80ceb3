"""What serve knows of unfinished runs and of agents."""
