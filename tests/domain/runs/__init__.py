"""Tests of domain/runs."""
