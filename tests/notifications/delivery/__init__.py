"""Tests of notifications/delivery."""
