"""Tests of notifications/runs."""
