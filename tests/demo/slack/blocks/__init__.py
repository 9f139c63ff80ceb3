"""Tests of demo/slack/blocks."""
