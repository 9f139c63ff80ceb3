"""Tests of features/credentials."""
