"""What admins are told unasked."""
