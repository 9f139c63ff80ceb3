"""Tests of demo/fleet."""
