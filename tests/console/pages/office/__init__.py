"""The console of the office."""
