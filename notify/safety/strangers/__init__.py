"""Strangers: messages from numbers that no alert in question was sent to, kept for an officer."""
