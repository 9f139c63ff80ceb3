"""Jobs, schedules, slots."""
