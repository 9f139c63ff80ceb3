"""Tests of features/company."""
