"""The way between serve and its agents."""
