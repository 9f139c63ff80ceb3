"""Tests of commands/input."""
