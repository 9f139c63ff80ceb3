"""What people and channels have chosen to be told."""
