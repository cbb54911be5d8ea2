"""Tests of the office's own alerts."""
