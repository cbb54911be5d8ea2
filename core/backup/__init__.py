"""Backups: one sealed file that holds a database and what its home directory needs. Knows nothing of notices or people."""
