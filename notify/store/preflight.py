"""SQL of the preflight: what a planned version puts on which channel, for which country. For a plan that is rolled back too."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection, func, select

from core.tables import table
from notify.routing import HOME_PREFIX
from notify.store.deliveries import DELIVERIES
from notify.store.facts import TEXTS
from notify.store.totals import GOES
from notify.tables import BudgetUse
from registry import scope
from registry.actors import SYSTEM

USED = table(BudgetUse)


@dataclass(frozen=True)
class Load:
    """What goes over one channel for people in one country.

    Attributes:
        parts: of SMS; any other notice counts as one.
    """

    channel: str
    country: str
    notices: int
    parts: int


def loads(connection: Connection, version_id: int) -> tuple[Load, ...]:
    """Count the notices and parts of a version by channel and country, without what may not go out."""
    c = DELIVERIES.c
    query = (
        select(c.channel, c.country, func.count(), func.coalesce(func.sum(TEXTS.c.parts), 0))
        .join(TEXTS, TEXTS.c.id == c.text_id)
        .where(c.version_id == version_id, GOES)
        .group_by(c.channel, c.country)
        .order_by(c.channel, c.country)
    )
    return tuple(Load(row[0], row[1], row[2], int(row[3])) for row in connection.execute(query))


def to_home_numbers(connection: Connection, version_id: int, channel: str) -> int:
    """Count the notices of a version over a channel that go to numbers under +86."""
    at = scope.usable_addresses(SYSTEM).subquery()
    query = (
        select(func.count())
        .select_from(DELIVERIES)
        .join(at, at.c.address_id == DELIVERIES.c.address_id)
        .where(DELIVERIES.c.version_id == version_id, DELIVERIES.c.channel == channel, GOES, at.c.prefix == HOME_PREFIX)
    )
    return int(connection.execute(query).scalar_one())


def used_on(connection: Connection, day: date) -> dict[tuple[str, str], int]:
    """Return how many calls of a day's budgets are used up, by channel and country."""
    query = select(USED.c.channel, USED.c.country, USED.c.used).where(USED.c.day == day)
    return {(row[0], row[1]): row[2] for row in connection.execute(query)}


def last_wait(connection: Connection, version_id: int) -> datetime | None:
    """Return when the last notice that is kept back for the night may leave; None if none is."""
    query = select(DELIVERIES.c.not_before).where(DELIVERIES.c.version_id == version_id, GOES)
    kept = query.where(DELIVERIES.c.not_before.is_not(None)).order_by(DELIVERIES.c.not_before.desc()).limit(1)
    found: datetime | None = connection.execute(kept).scalar()
    return found
