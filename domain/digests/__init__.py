"""What a digest covers and counts."""
