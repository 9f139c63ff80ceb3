"""Tests of bot/requests."""
