"""Tests of features/notifications."""
