"""Versions: one bare git repository for each site."""
