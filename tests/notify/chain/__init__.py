"""Tests of the chain of an alert and of those who come later."""
