"""The audit, and lists as files."""
