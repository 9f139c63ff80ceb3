"""Tests of commands/jobs."""
