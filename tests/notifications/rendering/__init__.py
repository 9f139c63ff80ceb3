"""Tests of notifications/rendering."""
