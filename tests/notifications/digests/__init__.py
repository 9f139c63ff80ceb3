"""Tests of notifications/digests."""
