"""Tests of storage/jobs."""
