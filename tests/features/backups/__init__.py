"""Tests of features/backups."""
