"""Erasure as the whole house does it: nobody is erased while a warning to them is under way, and no notice keeps a number."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, Engine

from core.clock import Clock
from core.database import empty_log, reading, writing
from core.errors import NotFound
from core.i18n import t
from notify.store import erasure as store
from registry import scope
from registry.accounts.drafts import forget_drafts
from registry.accounts.sessions import forget as forget_sessions
from registry.actors import SYSTEM, Actor, require_office
from registry.rights import erase as rights
from registry.rights import store as requests
from registry.rights.model import RequestKind
from registry.signup.register import expire

BATCH = 500
"""People erased in one transaction."""
MOST = 10_000_000
"""More than any register holds."""


@dataclass(frozen=True)
class Erasure:
    """Who was erased, and who has to wait because a notice of an alert in force to them is not at its end."""

    erased: tuple[int, ...] = ()
    waiting: tuple[int, ...] = ()


def erase_people(
    connection: Connection, actor: Actor, registrant_ids: Sequence[int], *, kind: RequestKind, now: datetime
) -> Erasure:
    """Erase people, but for those a notice is on its way to; what was asked for these waits for the next retention run.

    Raises:
        NotAllowed: the actor is not the office.
        NotFound: one of them is not there, or was erased before.
    """
    require_office(actor)
    keys = scope.person_keys(connection, registrant_ids)
    for one in registrant_ids:
        if one not in keys:
            raise NotFound(t("There is no person {number}.", number=one))
    kept = store.awaiting(connection, registrant_ids, now)
    gone = [one for one in registrant_ids if one not in kept]
    rights.erase(connection, actor, gone, kind=kind, now=now)
    store.blur_addresses(connection, gone)
    if kind is RequestKind.ERASURE:  # Retention finds them again by itself, unless they have gone abroad anew.
        for one in sorted(kept):
            requests.add_waiting(connection, one, by=actor.name, now=now)
    return Erasure(tuple(gone), tuple(sorted(kept)))


def run_retention(engine: Engine, clock: Clock, days: int) -> Erasure:
    """Erase whoever asked for it and had to wait, and everybody all of whose stays have been over for `days`.

    Registrations that nobody confirmed in time are destroyed too, and rosters that were uploaded and not applied within a day.
    In transactions of at most 500 people; can be run again at any time.
    """
    with writing(engine) as connection:
        expire(connection, clock.now())
        forget_drafts(connection, clock.now())
        forget_sessions(connection, clock.now() - timedelta(days=30))
    done = _asked(engine, clock)
    after: int | None = 0
    while after is not None:
        with writing(engine) as connection:
            now = clock.now()
            people = rights.due(connection, SYSTEM, now=now, days=days, limit=BATCH, after=after)
            part = erase_people(connection, SYSTEM, people, kind=RequestKind.RETENTION, now=now)
        done = _joined(done, part)
        after = people[-1] if people else None
    empty_log(engine)
    return done


def count_due(connection: Connection, now: datetime, days: int) -> int:
    """Count whom the next retention run would erase, or find waiting for a notice to end. Changes nothing."""
    due = rights.due(connection, SYSTEM, now=now, days=days, limit=MOST)
    return len({*due, *requests.waiting(connection)})


def _asked(engine: Engine, clock: Clock) -> Erasure:
    with reading(engine) as connection:
        asked = requests.waiting(connection)
    done = Erasure()
    for start in range(0, len(asked), BATCH):
        with writing(engine) as connection:
            there = scope.person_keys(connection, asked[start : start + BATCH])
            done = _joined(
                done, erase_people(connection, SYSTEM, sorted(there), kind=RequestKind.ERASURE, now=clock.now())
            )
    return done


def _joined(one: Erasure, other: Erasure) -> Erasure:
    return Erasure((*one.erased, *other.erased), tuple(sorted({*one.waiting, *other.waiting})))
