"""Tests of storage/subscriptions."""
