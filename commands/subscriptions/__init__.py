"""Who is told what: people and channels."""
