"""Tests of storage/devices."""
