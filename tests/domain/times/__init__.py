"""Tests of domain/times."""
