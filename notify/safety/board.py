"""The board of a roll call: everybody who was asked after an alert, what stands of them, who said it and when."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection

from core.errors import NotFound
from core.i18n import t
from core.tables import Mode
from notify.safety.model import Word
from notify.safety.take import end_of, told, word
from notify.safety.tally import Entry, Place, Tally, by, entry, in_turn, tally
from notify.store import alerts as alert_store
from notify.store import safety as store
from notify.store.safety import Part
from registry.actors import Actor
from registry.scope.api import own_people
from registry.tables import Role


@dataclass(frozen=True)
class Board:
    """A roll call as it stands now, or the part of it an actor may see.

    Attributes:
        drill: it is an exercise, and none of it is of a live alert.
        ended_at: after this moment a word is late: the alert was closed, or its force ends then.
        entries: as they are worked off: who needs help, the silent, the unclear, the safe.
    """

    alert_id: int
    title_zh: str
    title_en: str
    drill: bool
    ended_at: datetime
    entries: tuple[Entry, ...]

    @property
    def total(self) -> Tally:
        """Count everybody."""
        return tally(self.entries)

    @property
    def by_country(self) -> dict[str, Tally]:
        """Count by the country people were in when they were told."""
        return by(self.entries, lambda one: one.place.country)

    @property
    def by_employer(self) -> dict[int, Tally]:
        """Count by the company people were with when they were told; 0: of no company."""
        return by(self.entries, lambda one: one.place.employer_id or 0)


def board(connection: Connection, alert_id: int, actor: Actor, *, country: str | None = None) -> Board:
    """Return the board of an alert: all of it for the office and auditors, for a company its own people.

    Raises:
        NotFound: there is no such alert; or it was not for anybody this actor may know of.
    """
    part = part_of(actor, country=country)
    # Of an alert for others' people a company learns as much as of none, by the same query.
    theirs = part.people is None or store.told_among(connection, alert_id, replace(part, country=None))
    alert = alert_store.alert(connection, alert_id) if theirs else None
    if alert is None:
        raise NotFound(t("There is no such alert."))
    entries = _entries(connection, alert_id, part)
    version = alert_store.newest_version(connection, alert_id)
    drill, ended = alert.mode == Mode.DRILL, end_of(alert)
    return Board(alert_id, version.title_zh, version.title_en, drill, ended, tuple(in_turn(entries)))


def part_of(actor: Actor, *, country: str | None = None) -> Part:
    """Return which part of a board an actor may see. Erased people stay in the figures of the office: counts outlive keys."""
    if actor.is_office or actor.role == Role.AUDITOR:
        return Part(country=country)
    company = actor.employer_id if actor.role == Role.COMPANY else None
    return Part(own_people(actor), employer_id=company, country=country)


def _entries(connection: Connection, alert_id: int, part: Part) -> list[Entry]:
    places = {row.registrant_id: Place(*row) for row in connection.execute(store.roll(alert_id, part))}
    words: defaultdict[int, list[Word]] = defaultdict(list)
    for row in store.words_of(connection, alert_id, part):
        words[row.registrant_id].append(word(row))
    places |= _unasked(connection, alert_id, part, [one for one in words if one not in places])
    again = store.asked_again(connection, alert_id)
    return [entry(place, words.get(person, ()), again.get(person)) for person, place in places.items()]


def _unasked(connection: Connection, alert_id: int, part: Part, people: Iterable[int]) -> Mapping[int, Place]:
    """Return where those belong of whom something was said and whom nobody asked."""
    rows = told(connection, alert_id, sorted(people), part)
    found = {one: Place(row.registrant_id, row.employer_id, row.country, asked=False) for one, row in rows.items()}
    if part == Part():  # the office: a call for help from somebody the alert was not for is not lost either
        found |= {one: Place(one, asked=False) for one in people if one not in found}
    return found
