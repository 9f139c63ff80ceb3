"""Tests of features/access."""
