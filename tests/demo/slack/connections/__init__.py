"""Tests of demo/slack/connections."""
