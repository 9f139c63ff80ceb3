"""Tests of features/kills."""
