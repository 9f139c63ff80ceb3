"""Tests of runners/ssh."""
