"""What is known of devices and their versions."""
