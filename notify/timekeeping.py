"""Is the clock of this machine behind what was written with it before? Leases, waits and validity are measured by it."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection

from notify.store.deliveries import newest_attempt

TOLERATED = timedelta(minutes=1)
"""Machines that share a database differ by seconds."""


def behind(connection: Connection, now: datetime) -> timedelta:
    """Return by how much the clock is behind the newest attempt in the ledger; zero if it is not, or hardly.

    Nothing is sent twice for it: what was claimed stays claimed until its lease is over by this clock, and what waits for a
    moment waits longer. But somebody must know, for a notice may be late by as much.
    """
    newest = newest_attempt(connection)
    gap = timedelta(0) if newest is None else newest - now
    return gap if gap > TOLERATED else timedelta(0)
