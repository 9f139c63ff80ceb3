"""Tests of notifications/graphs."""
