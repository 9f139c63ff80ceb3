"""Tests of notifications/events."""
