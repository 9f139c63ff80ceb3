"""Tests of runners/platforms."""
