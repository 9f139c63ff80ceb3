"""What encloses a line, and the picture of a change."""
