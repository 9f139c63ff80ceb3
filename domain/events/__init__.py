"""What is worth telling, and whom."""
