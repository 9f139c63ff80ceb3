"""Backing up, and looking at what came of it."""
