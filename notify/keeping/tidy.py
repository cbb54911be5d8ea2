"""Tidying: rows and files whose time of keeping is over are deleted. The proof stays whole, and the next night misses nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import islice

from core.database import reading, writing
from notify.keeping import store
from notify.office import Office
from sources.capture_store import needed

FILES = 500
"""Files that are asked about at once."""


@dataclass(frozen=True)
class Tidied:
    """What was deleted, or would be.

    Attributes:
        rows: rows by table; a table without any is left out.
        bodies: bodies of captures; `freed`: their bytes on disk.
    """

    rows: Mapping[str, int] = field(default_factory=dict)
    bodies: int = 0
    freed: int = 0


def tidy(office: Office) -> Tidied:
    """Delete what is over, 5,000 rows to a transaction. Can be run again at any time."""
    now = office.clock.now()
    rows: dict[str, int] = {}
    for one in store.over(now, _records_before(office, now)):
        while True:
            with writing(office.engine) as connection:
                done = store.delete_some(connection, one)
            rows[one.name] = rows.get(one.name, 0) + done
            if done < store.AT_ONCE:
                break
    return _told(rows, *_drop(office, now))


def would_tidy(office: Office) -> Tidied:
    """Count what `tidy` would delete now. Changes nothing; bytes of files are not counted."""
    now = office.clock.now()
    with reading(office.engine) as connection:
        rows = {one.name: store.count(connection, one) for one in store.over(now, _records_before(office, now))}
    return _told(rows, sum(len(chunk) for chunk in _droppable(office, _bodies_before(office, now))), 0)


def _told(rows: Mapping[str, int], bodies: int, freed: int) -> Tidied:
    return Tidied({name: count for name, count in rows.items() if count}, bodies, freed)


def _drop(office: Office, now: datetime) -> tuple[int, int]:
    before, bodies, freed = _bodies_before(office, now), 0, 0
    for hashes in _droppable(office, before):
        with writing(office.engine) as connection:  # written first: the check of the books then knows why they are gone
            store.write_dropped(connection, before, len(hashes), now)
        sizes = [office.archive.drop(one, before) for one in hashes]
        bodies, freed = bodies + len(hashes), freed + sum(sizes)
    return bodies, freed


def _droppable(office: Office, before: datetime) -> Iterator[list[str]]:
    """Give the hashes of bodies that nothing needs, some at a time."""
    old = iter(list(office.archive.older_than(before)))
    while hashes := list(islice(old, FILES)):
        with reading(office.engine) as connection:
            stay = needed(connection, hashes, before, store.behind_alerts())
        if gone := [one for one in hashes if one not in stay]:
            yield gone


def _bodies_before(office: Office, now: datetime) -> datetime:
    return now - timedelta(days=office.settings.keep_captures_days)


def _records_before(office: Office, now: datetime) -> datetime:
    return now - timedelta(days=office.settings.keep_records_days)
