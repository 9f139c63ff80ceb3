"""Tests of runners/state."""
