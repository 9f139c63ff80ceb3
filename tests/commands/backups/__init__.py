"""Tests of commands/backups."""
