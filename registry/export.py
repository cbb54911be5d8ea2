"""People as a roster: one row for each stay, under headings that the reader of rosters knows, so that it can be imported again."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection

from core.audit import record
from core.keys import MasterKeys
from registry.actors import Actor
from registry.employers import list_employers
from registry.people import STOPPED_BY_UNDO, AddressView, Channel, ContactView, PersonView, PostingView
from registry.scope.addresses import agreeing
from registry.scope.people import Chosen, next_people
from registry.tables import PostingStatus

CHINESE_NUMBER = "+86"


@dataclass(frozen=True)
class ExportRow:
    """One stay of a person, or a person of whom no stay is known.

    Attributes:
        employer: code of the company; empty for a resident.
        stay: None: the register does not know where the person is.
        abroad, home, mails: phones and mails in the order of preference, masked for an auditor.
        stopped: no address is in use; those shown were stopped, and are here because a person is known by them.
        foreign: agreed to providers abroad.
    """

    number: int
    employer: str
    name: str
    language: str
    stay: PostingView | None
    abroad: tuple[str, ...]
    home: tuple[str, ...]
    mails: tuple[str, ...]
    stopped: bool
    foreign: bool
    contacts: tuple[ContactView, ...]


@dataclass(frozen=True)
class ExportPage:
    """The rows of some people, and who they are: the ids, in ranges, for the audit."""

    rows: tuple[ExportRow, ...]
    people: int
    ids: str


def export_pages(connection: Connection, actor: Actor, keys: MasterKeys, chosen: Chosen) -> Iterator[ExportPage]:
    """Give the people this actor may see as rows, 900 people at a time, by id. The caller writes the audit: `record_export`.

    Args:
        chosen: with a country, its stays alone are given, without those that are over.

    Raises:
        KeyGone: a name, an address or a contact does not open.
    """
    return pages_of(connection, actor, _chosen(connection, actor, keys, chosen), chosen.country)


def pages_of(
    connection: Connection, actor: Actor, parts: Iterable[Sequence[PersonView]], country: str | None
) -> Iterator[ExportPage]:
    """Give people as rows, a page for each part. The caller writes the audit: `record_export`.

    Args:
        country: its stays alone are given, without those that are over; None: every stay.
    """
    companies = {one.employer_id: one.code for one in list_employers(connection, actor)}
    for people in parts:
        ids = [one.registrant_id for one in people]
        agreed = agreeing(connection, actor, ids)
        rows = (row for one in people for row in _rows(one, companies, one.registrant_id in agreed, country))
        yield ExportPage(tuple(rows), len(people), in_ranges(ids))


def record_export(connection: Connection, actor: Actor, ids: list[str], now: datetime) -> None:
    """Write to the audit whose data were exported, before anybody gets them.

    Args:
        ids: of each page, in ranges; an export of nobody is written too.
    """
    for one in ids or [""]:
        record(connection, actor=actor.name, action="people.export", subject="registrant", now=now, detail=one)


def in_ranges(ids: list[int]) -> str:
    """Return rising numbers in short: 1, 2, 3 and 7 as `1-3,7`. Pure."""
    ranges: list[tuple[int, int]] = []
    for one in ids:
        if ranges and ranges[-1][1] == one - 1:
            ranges[-1] = (ranges[-1][0], one)
        else:
            ranges.append((one, one))
    return ",".join(str(first) if first == last else f"{first}-{last}" for first, last in ranges)


def _chosen(connection: Connection, actor: Actor, keys: MasterKeys, chosen: Chosen) -> Iterator[list[PersonView]]:
    after = 0
    while people := next_people(connection, actor, keys, chosen, after=after):
        yield people
        after = people[-1].registrant_id


def _rows(person: PersonView, companies: Mapping[int, str], foreign: bool, country: str | None) -> Iterator[ExportRow]:
    ways = [one for one in person.addresses if one.stopped_at is None]
    # Without any address the person would be taken for somebody else when the file is imported again.
    shown = ways or [one for one in person.addresses if one.stop_reason != STOPPED_BY_UNDO]
    phones = [one.value for one in shown if one.channel != Channel.EMAIL]
    for stay in _stays(person, country):
        yield ExportRow(
            person.registrant_id, companies.get(person.employer_id or 0, ""), person.name, person.language, stay,
            abroad=tuple(one for one in phones if not one.startswith(CHINESE_NUMBER)),
            home=tuple(one for one in phones if one.startswith(CHINESE_NUMBER)),
            mails=_values(shown, Channel.EMAIL), stopped=bool(shown) and not ways, foreign=foreign, contacts=person.contacts,
        )  # fmt: skip


def _values(ways: list[AddressView], channel: str) -> tuple[str, ...]:
    return tuple(one.value for one in ways if one.channel == channel)


def _stays(person: PersonView, country: str | None) -> list[PostingView | None]:
    """Return the stays in the order in which an import pairs them: those that tell most first, so that none takes another's place."""
    if country is not None:
        there = [one for one in person.postings if one.country == country and one.status != PostingStatus.RETURNED]
    else:
        there = list(person.postings)
    return [*sorted(there, key=lambda one: (-_told(one), one.posting_id))] or [None]


def _told(stay: PostingView) -> int:
    told: list[str | date | None] = [stay.city, stay.site, stay.project, stay.date_from, stay.date_to]
    return sum(1 for one in told if one)
