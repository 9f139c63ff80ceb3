"""Tests of the net for secrets, and their catalogue."""
