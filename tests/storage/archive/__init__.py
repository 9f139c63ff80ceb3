"""Tests of storage/archive."""
