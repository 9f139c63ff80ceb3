"""Tests of notifications/alerts."""
