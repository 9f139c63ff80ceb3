"""What serve and agents say to each other."""
