"""Blocks: what each may hold, and checking it."""
