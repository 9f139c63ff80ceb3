"""Tests of domain/digests."""
