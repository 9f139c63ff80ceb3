"""Tests of domain/jobs."""
