"""What can go wrong with a backup."""

from __future__ import annotations

from core.errors import LingbaoError


class BackupFailed(LingbaoError):
    """A backup could not be written. There is no file, and nothing else was changed."""


class BadBackup(LingbaoError):
    """A file is no backup, does not open, or does not hold what it says. Nothing was changed by reading it."""
