"""Choosing the digest: a company or a resident, daily or weekly, or no longer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from core.audit import record
from core.errors import BadInput, NotFound
from core.i18n import t
from notify.digest import store
from notify.digest.tables import DigestReader, Rhythm
from registry import scope
from registry.actors import Actor, require_office, require_writer


@dataclass(frozen=True)
class Who:
    """Who chooses: a company or a person, exactly one of them."""

    employer_id: int | None = None
    registrant_id: int | None = None

    @property
    def reader(self) -> str:
        """Return the name under which letters to them are kept."""
        return f"employer/{self.employer_id}" if self.employer_id is not None else f"registrant/{self.registrant_id}"


def who_of(row: DigestReader) -> Who:
    """Return whose choice a row is."""
    return Who(row.employer_id, row.registrant_id)


def choose(connection: Connection, actor: Actor, who: Who, rhythm: Rhythm | None, now: datetime) -> None:
    """Write the choice; None: no digest any more. The same choice again changes nothing.

    Raises:
        BadInput: neither or both of company and person are given.
        NotAllowed: the actor may not write for this company; for a person only the office and the person may.
        NotFound: there is no such person.
    """
    if (who.employer_id is None) == (who.registrant_id is None):
        raise BadInput(t("Say who reads the digest: a company or a person."))
    _require(connection, actor, who)
    found = store.standing(connection, employer_id=who.employer_id, registrant_id=who.registrant_id)
    if rhythm is None:
        for one in found:
            store.end(connection, one.id or 0, now)
    elif found:
        store.set_rhythm(connection, found[0].id or 0, rhythm)
    else:
        store.add(connection, {"employer_id": who.employer_id, "registrant_id": who.registrant_id, "rhythm": rhythm, "since": now,
                               "created_by": actor.name})  # fmt: skip
    detail = "never" if rhythm is None else rhythm.value
    record(connection, actor=actor.name, action="digest.choose", subject=who.reader, now=now, detail=detail)


def _require(connection: Connection, actor: Actor, who: Who) -> None:
    if who.registrant_id is None:
        require_writer(actor, who.employer_id)
        return
    if who.registrant_id not in actor.own:
        require_office(actor)
    if who.registrant_id not in scope.person_keys(connection, [who.registrant_id]):
        raise NotFound(t("There is no person {number}.", number=who.registrant_id))
