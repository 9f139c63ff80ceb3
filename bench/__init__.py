"""Measures what the documentation claims: ``make bench``."""
