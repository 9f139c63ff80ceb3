"""Tests of domain/configs."""
