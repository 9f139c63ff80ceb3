"""Tests of commands/subscriptions."""
