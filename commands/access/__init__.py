"""Who may do what, and host keys."""
