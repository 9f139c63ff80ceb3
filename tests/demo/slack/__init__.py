"""Tests of demo/slack."""
