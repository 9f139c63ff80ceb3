"""What clocks show: zones, days, times of day."""
