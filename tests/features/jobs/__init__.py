"""Tests of features/jobs."""
