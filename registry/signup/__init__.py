"""Residents register themselves, and prove their addresses."""
