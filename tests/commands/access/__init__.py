"""Tests of commands/access."""
