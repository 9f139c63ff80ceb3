"""Texts of configurations: whole, compared, masked."""
