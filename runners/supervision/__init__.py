"""Time limits, lost agents, recovery after a stop."""
