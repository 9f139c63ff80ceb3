"""Tests of storage/access."""
