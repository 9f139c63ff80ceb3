"""Tests of domain/inventory."""
