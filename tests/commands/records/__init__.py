"""Tests of commands/records."""
