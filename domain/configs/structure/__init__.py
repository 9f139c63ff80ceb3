"""What encloses each line of a configuration, and the picture of a change that is drawn from it."""
