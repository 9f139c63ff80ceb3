"""Tests of runners/dispatch."""
