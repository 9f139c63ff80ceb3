"""Where an agent reads passwords."""
