"""Tests of storage/messages."""
