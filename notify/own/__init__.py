"""Alerts of the office's own: whom they are for, when they leave, what they are made of, and drills."""
