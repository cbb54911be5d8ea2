"""The list an officer telephones from: who needs help, who is silent or unclear after an alert, under which numbers, what was tried."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from core import audit
from core.errors import NotAllowed
from core.i18n import Message, t
from core.keys import MasterKeys
from notify.safety.board import board
from notify.safety.tally import State
from notify.store import safe_rounds as store
from notify.store import safe_ways
from registry import scope
from registry.actors import Actor
from registry.scope.home import contacts_of

DANGER = (State.HELP, State.SILENT, State.UNCLEAR)
"""The most pressing first; whoever is safe is not called."""

STEP_WORDS = {
    "again": t("asked again"), "company": t("company told"), "home": t("contact at home told"), "phone": t("on the list"),
}  # fmt: skip
OUTCOME_WORDS = {
    "accepted": t("sent"), "doubt": t("perhaps sent"), "failed": t("not sent"), "refused": t("not sent"),
    "none": t("no way"), "": t("not yet sent"),
}  # fmt: skip


@dataclass(frozen=True)
class Tried:
    """A step of the rounds, when it was taken, and what came of its message; None: it made notices, not a message."""

    step: str
    at: datetime
    outcome: str | None

    @property
    def words(self) -> Message:
        """Say it."""
        told = STEP_WORDS[self.step]
        return told if self.outcome is None else t("{step}: {outcome}", step=told, outcome=OUTCOME_WORDS[self.outcome])


@dataclass(frozen=True)
class Line:
    """One person to be called.

    Attributes:
        numbers: their own, the preferred first. `home`: whom to call at home: name, relation, number.
        since: when they were asked; None: they were not.
    """

    registrant_id: int
    state: State
    country: str
    employer_id: int | None
    since: datetime | None
    name: str = field(repr=False)
    numbers: tuple[str, ...] = field(repr=False)
    home: tuple[tuple[str, str, str], ...] = field(repr=False)
    tried: tuple[Tried, ...] = ()


def phone_list(connection: Connection, alert_id: int, actor: Actor, keys: MasterKeys, now: datetime) -> list[Line]:
    """Return who is to be called after an alert, by danger and then by how long they wait; the look is in the audit.

    Raises:
        NotAllowed: the actor is not of the office.
        NotFound: there is no such alert.
    """
    if not actor.is_office:
        raise NotAllowed(t("The list of numbers is for the office only."))
    entries = [one for one in board(connection, alert_id, actor).entries if one.state in DANGER]
    ids = [one.place.registrant_id for one in entries]
    names, homes = scope.names_of(connection, actor, ids, keys), contacts_of(connection, actor, ids, keys)
    numbers, tried = _numbers(connection, actor, ids, keys), _tried(connection, alert_id)
    since = {row.registrant_id: row.since for row in connection.execute(safe_ways.silent_since(alert_id))}
    shown = ",".join(str(one) for one in ids)
    audit.record(connection, actor=actor.name, action="safe.phone", subject=f"alert/{alert_id}", now=now, detail=shown)
    lines = [
        Line(
            one, entry.state, entry.place.country, entry.place.employer_id, since.get(one), names.get(one, ""),
            tuple(numbers.get(one, ())), tuple((c.name, c.relation, c.phone) for c in homes.get(one, ())), tuple(tried.get(one, ())),
        )
        for entry in entries for one in [entry.place.registrant_id]
    ]  # fmt: skip
    return sorted(lines, key=lambda line: (DANGER.index(line.state), line.since or now, line.registrant_id))


def _numbers(connection: Connection, actor: Actor, people: list[int], keys: MasterKeys) -> dict[int, list[str]]:
    ways = store.numbers_of(connection, people)
    opened = scope.open_addresses(connection, actor, [at for _, at in ways], keys)
    found: defaultdict[int, list[str]] = defaultdict(list)
    for person, at in ways:
        if at in opened and opened[at] not in found[person]:
            found[person].append(opened[at])
    return found


def _tried(connection: Connection, alert_id: int) -> dict[int, list[Tried]]:
    found: defaultdict[int, list[Tried]] = defaultdict(list)
    row: Any
    for row in store.steps_of(connection, alert_id):
        found[row.registrant_id].append(Tried(row.step.partition(store.ROUND)[0], row.at, row.outcome))
    return found
