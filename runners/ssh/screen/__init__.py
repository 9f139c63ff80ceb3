"""What a device printed, byte for byte, and what a terminal would show of the line that the cursor is in."""
