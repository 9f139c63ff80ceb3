"""Tests of bot/serving."""
