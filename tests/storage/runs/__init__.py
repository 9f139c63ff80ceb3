"""Tests of storage/runs."""
