"""Tests of runners/agent."""
