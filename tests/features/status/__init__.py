"""Tests of features/status."""
