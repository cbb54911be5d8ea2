"""What is known of one country, looked up once each: levels and their past, our alerts, our people, numbers to call."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import Connection

from core.places.zones import zone, zones
from notify.levels import SideBySide, side_by_side
from notify.levels_past import Past, past_levels
from notify.store.in_country import Said, said_about
from notify.store.levels import changes_about, standing
from notify.texts.helplines import Helpline, shipped
from notify.texts.store import own_lines
from registry.actors import Actor
from registry.employers import EmployerView, list_employers
from registry.scope.reach import CompanyThere, channels_there, companies_there, zones_there
from sources.change import Entry
from sources.model import Card
from sources.store import states
from sources.tables import SourceState

YEAR = timedelta(days=365)
MOST_COMPANIES = 20


@dataclass(frozen=True)
class Asked:
    """Which country, who asks, and when; `cards`: of the sources that are read."""

    code: str
    actor: Actor
    now: datetime
    day: date
    cards: Sequence[Card]


@dataclass(frozen=True)
class Ours:
    """Our people there. `companies`: most people first; `named`: the first of them by id; `channels`: people by channel."""

    companies: tuple[CompanyThere, ...]
    named: Mapping[int, EmployerView]
    channels: Mapping[str, int]
    zones: Mapping[str, int]

    @property
    def all(self) -> CompanyThere:
        """Return the people of all companies, and of none, together."""
        counts = ("people", "abroad", "planned", "doubtful", "stale", "unreached")
        return CompanyThere(None, *(sum(getattr(one, count) for one in self.companies) for count in counts))

    @property
    def employers(self) -> int:
        """Return how many companies have people there."""
        return sum(one.employer_id is not None for one in self.companies)


@dataclass(frozen=True)
class Facts:
    """All of it. `entries`: what stands of any source, the newest first."""

    side: SideBySide
    past: tuple[Past, ...]
    entries: tuple[Entry, ...]
    said: tuple[Said, ...]
    ours: Ours
    lines: tuple[Helpline, ...]


def facts(connection: Connection, asked: Asked) -> Facts:
    """Look everything up: one question for each fact, however many people there are."""
    known = states(connection)
    sources = [(card, known.get(card.id, SourceState(source_id=card.id))) for card in asked.cards]
    entries, changes = standing(connection, asked.code), changes_about(connection, asked.code)
    names = {card.id for card in asked.cards}
    return Facts(
        side_by_side(asked.code, entries, changes, sources, asked.now),
        past_levels(asked.code, entries, changes, sources, asked.now - YEAR),
        _newest(one for one in entries if one.advisory.source in names),
        tuple(said_about(connection, asked.code, asked.now)), _ours(connection, asked), _lines(connection, asked.code),
    )  # fmt: skip


def _newest(entries: Iterable[Entry]) -> tuple[Entry, ...]:
    def moment(one: Entry) -> datetime:
        """Return when a publisher said this, or when we last saw it."""
        return one.advisory.published_at or one.advisory.updated_at or one.last_seen

    return tuple(sorted(entries, key=moment, reverse=True))


def _ours(connection: Connection, asked: Asked) -> Ours:
    companies = companies_there(connection, asked.actor, asked.day, asked.code)
    shown = {one.employer_id for one in companies[:MOST_COMPANIES]}
    known = list_employers(connection, asked.actor) if companies else ()
    named = {one.employer_id: one for one in known if one.employer_id in shown}
    channels = channels_there(connection, asked.actor, asked.code) if companies else {}
    # A country with one zone needs no question: whoever is there lives by it.
    several = companies and len(zones(asked.code)) > 1
    stays = zones_there(connection, asked.actor, asked.code) if several else {zone(asked.code): 0}
    return Ours(companies, named, channels, stays)


def _lines(connection: Connection, code: str) -> tuple[Helpline, ...]:
    """Return the numbers of a country, each kind together, in the order of the table."""
    kinds: defaultdict[str, list[Helpline]] = defaultdict(list)
    for one in shipped().corrected(own_lines(connection, code)).lines.get(code, ()):
        kinds[one.kind].append(one)
    return tuple(one for ones in kinds.values() for one in ones)
