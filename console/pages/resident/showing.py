"""What residents' pages show: the text of consent in parts, the names of countries, and people as they stand in the register."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import cache
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from console.api.ids import Kind
from console.pages.resident.visiting import Visiting
from core.audit import record
from core.database import writing
from core.i18n import Language
from core.places.names import codes, display
from notify.grounds import NO_GROUND
from notify.office import Office
from notify.routing import HOME_PREFIX, may_take
from notify.service import NO_CHANNEL, why_not
from registry.people import AddressView
from registry.rights.model import PersonFile, StayFile
from registry.scope.rights import person_file
from registry.tables import PostingStatus

POINT = re.compile(r"\d+\.\s+\*\*(?P<head>.+?)\*\*\s*(?P<body>.+)")


@dataclass(frozen=True)
class Text:
    """The text of consent, taken apart. `points`: heading and words of each."""

    title: str
    version: str
    points: tuple[tuple[str, str], ...]


def sections(markdown: str) -> Text:
    """Take the text of consent apart. Every line is in the result: what does not fit the form stops us.

    Raises:
        ValueError: the file has another form.
    """
    title, version, *rest = [line for line in markdown.splitlines() if line.strip()]
    points = [POINT.fullmatch(line.strip()) for line in rest]
    if not title.startswith("# ") or not all(points):
        raise ValueError("the text of consent is not a title, a version and numbered points")
    return Text(title[2:], version, tuple((one["head"], one["body"]) for one in points if one is not None))


@cache
def country_names(language: Language) -> tuple[str, ...]:
    """Return the names of all countries and regions; Chinese ones by sound, as GB 18030 orders the common characters."""
    names = {display(code, language) for code in codes()}
    return tuple(sorted(names, key=lambda name: name.encode("gb18030")))


def office_day(office: Office) -> date:
    """Return today at the office."""
    return office.clock.now().astimezone(ZoneInfo(office.settings.zone)).date()


@dataclass(frozen=True)
class StayLine:
    """A stay with its id for addresses."""

    ref: str
    stay: StayFile

    @property
    def over(self) -> bool:
        """Tell whether it is over."""
        return self.stay.status == PostingStatus.RETURNED


@dataclass(frozen=True)
class WayLine:
    """An address in use, with its id for addresses of pages."""

    ref: str
    way: AddressView


@dataclass(frozen=True)
class Person:
    """A person of a visit, with what is held of them.

    Attributes:
        me: it is the visitor; else somebody they registered along.
        ours: they registered themselves; else a company did, which answers for them.
        grave_only: addresses to which only warnings of danger to life go, for want of consent to providers abroad.
        shut: addresses in use to which this office can send nothing.
    """

    ref: str
    held: PersonFile
    me: bool
    stays: tuple[StayLine, ...]
    ways: tuple[WayLine, ...]
    grave_only: tuple[str, ...] = ()
    shut: tuple[str, ...] = ()

    @property
    def ours(self) -> bool:
        """Tell whether they registered themselves."""
        return self.held.employer_id is None

    @property
    def foreign(self) -> bool:
        """Tell whether the consent to providers abroad stands."""
        return _agrees(self.held)

    @property
    def there(self) -> tuple[StayLine, ...]:
        """Return the stays that are not over."""
        return tuple(one for one in self.stays if not one.over)


def person(here: Visiting, registrant_id: int) -> Person:
    """Return a person of the visit; the look is in the audit.

    Raises:
        NotFound: they are not of this visit.
    """
    lines = _lines(here.office)
    with writing(here.office.engine) as connection:
        return _person(connection, here, registrant_id, lines)


def people(here: Visiting) -> list[Person]:
    """Return everybody of the visit, by what the visitor registered themselves first, their companions last."""
    lines = _lines(here.office)
    with writing(here.office.engine) as connection:
        found = [_person(connection, here, one, lines) for one in (*here.visit.mine, *here.visit.companions)]
    return sorted(found, key=lambda one: (not one.me, not one.ours))


Lines = Callable[[AddressView, bool], str]
"""Why no everyday warning goes to an address, by whether its owner agreed to providers abroad; empty if one does."""


def _lines(office: Office) -> Lines:
    tools = office.tools()

    def why(way: AddressView, foreign: bool) -> str:
        """Return the first hindrance, if every channel has one."""
        prefix = HOME_PREFIX if way.value.startswith(f"+{HOME_PREFIX}") else ""
        taking = [one for one in tools.channels if may_take(one, way.channel, prefix)]
        found = [why_not(tools.settings, tools.channels, one, foreign=foreign) for one in taking]
        return "" if "" in found else min(found, key=lambda one: one != NO_GROUND, default=NO_CHANNEL)

    return why


def _agrees(held: PersonFile) -> bool:
    last = held.consents[-1] if held.consents else None
    return last is not None and last.foreign and last.withdrawn_at is None


def _person(connection: Connection, here: Visiting, registrant_id: int, lines: Lines) -> Person:
    held = person_file(connection, here.actor, registrant_id, here.office.keys)
    subject = f"registrant/{registrant_id}"
    record(connection, actor=here.actor.name, action="resident.view", subject=subject, now=here.now)
    stays = tuple(StayLine(here.show(Kind.POSTING, one.posting_id), one) for one in held.postings)
    ways = tuple(
        WayLine(here.show(Kind.ADDRESS, one.address_id), one) for one in held.addresses if one.stopped_at is None
    )
    ref = here.show(Kind.PERSON, registrant_id)
    hindered = {one.way.value: lines(one.way, _agrees(held)) for one in ways}
    return Person(
        ref, held, registrant_id in here.visit.mine, stays, ways,
        grave_only=tuple(value for value, why in hindered.items() if why == NO_GROUND),
        shut=tuple(value for value, why in hindered.items() if why not in {"", NO_GROUND}),
    )  # fmt: skip
