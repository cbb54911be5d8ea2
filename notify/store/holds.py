"""SQL of what waits for something else than its turn: a budget that is used up, a country that cannot be reached.

Both are a reason and a due time on rows that are `ready` (DESIGN section 5), so that one UPDATE takes them out of the way of the
others, and what waits for what can be counted.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date, datetime

from sqlalchemy import Connection, func, select, update
from sqlalchemy.dialects import postgresql, sqlite

from core.settings_tables import Budget
from core.tables import table
from notify.budgets import ALL, HELD, Day, Stand, fit, limits, reason
from notify.duty.budgets import page_budget, settle_budget
from notify.store.alerts import drills
from notify.store.deliveries import DELIVERIES, IS_READY, Claimed, Lease, candidates, take
from notify.store.due import is_held
from notify.tables import BudgetUse
from registry.scope.prefixes import with_prefix

USES = table(BudgetUse)


def claim_within(
    connection: Connection, lease: Lease, channel: str, alert_id: int | None, limit: Mapping[str, int], day: Day
) -> list[Claimed]:
    """Claim as `deliveries.claim` does, but no more than the budgets of this day leave, and count it.

    The row of the whole channel is locked first, so that two dispatchers count one after the other. What does not fit is held
    until the next day of the office. A drill in a live office is not counted.

    Args:
        limit: calls a day by country, `*` for all together.
    """
    used = _lock(connection, day.date, channel)
    while True:
        wanted = [(row.id, row.country) for row in connection.execute(candidates(connection, lease, channel, alert_id))]
        chosen, full = fit(wanted, limit, used)
        for country in full:
            _hold(connection, channel, country, day.ends, lease.now)
            page_budget(connection, channel, country, lease.now)
        if chosen or not full:
            break
    taken = take(connection, lease, chosen) if chosen else []
    apart = drills(connection, {one.version_id for one in taken})
    _count(connection, day.date, channel, Counter(one.country for one in taken if one.version_id not in apart))
    return taken


def _lock(connection: Connection, day: date, channel: str) -> dict[str, int]:
    """Lock what was used of a channel on a day, and return it by country."""
    first = {"day": day, "channel": channel, "country": ALL, "used": 0}
    insert = _insert(connection).values(first)
    # An update that changes nothing: it takes the lock, which an insert that is skipped would not.
    connection.execute(insert.on_conflict_do_update(index_elements=list(USES.primary_key), set_={"used": USES.c.used}))
    rows = connection.execute(select(USES.c.country, USES.c.used).where(USES.c.day == day, USES.c.channel == channel))
    return {row.country: row.used for row in rows}


def _count(connection: Connection, day: date, channel: str, calls: Mapping[str, int]) -> None:
    for country, count in [*sorted(calls.items()), (ALL, sum(calls.values()))]:
        insert = _insert(connection).values(day=day, channel=channel, country=country, used=count)
        more = {"used": USES.c.used + insert.excluded.used}
        if count:
            connection.execute(insert.on_conflict_do_update(index_elements=list(USES.primary_key), set_=more))


def give_back(connection: Connection, uncalled: Mapping[tuple[date, str, str], int]) -> None:
    """Give back to budgets what was counted when it was taken in hand, and then no call was made.

    To be the first that a transaction writes: the row of the whole channel is locked before anything else, as in a claim.

    Args:
        uncalled: how many, by day, channel and country.
    """
    u = USES.c
    less: Counter[tuple[date, str, str]] = Counter()
    for (day, channel, country), count in uncalled.items():
        less[day, channel, country] += count
        less[day, channel, ALL] += count
    for (day, channel, country), count in sorted(less.items()):
        mine = (u.day == day, u.channel == channel, u.country == country)
        connection.execute(update(USES).where(*mine).values(used=u.used - count))


def _insert(connection: Connection) -> sqlite.Insert | postgresql.Insert:
    return postgresql.insert(USES) if connection.dialect.name == "postgresql" else sqlite.insert(USES)


def _hold(connection: Connection, channel: str, country: str, until: datetime, now: datetime) -> None:
    query = update(DELIVERIES).where(IS_READY, DELIVERIES.c.channel == channel)
    if country != ALL:
        query = query.where(DELIVERIES.c.country == country)
    connection.execute(query.values(reason=reason(channel, country), due=until, updated_at=now))


def let_go(connection: Connection, budgets: Sequence[Budget], day: Day, now: datetime) -> None:
    """Put back into the queue what waits for a budget that has room again: it was raised, removed, or a day began."""
    d = DELIVERIES.c
    waiting = connection.execute(select(d.reason).where(IS_READY, d.reason.startswith(f"{HELD}:")).distinct()).scalars()
    for why in waiting.all():
        _, channel, country = why.split(":")
        limit, used = limits(budgets, channel).get(country), _used(connection, day.date, channel, country)
        if limit is None or used < limit:
            query = update(DELIVERIES).where(IS_READY, d.reason == why)
            connection.execute(query.values(reason="", due=None, updated_at=now))
            settle_budget(connection, channel, country, now)


def _used(connection: Connection, day: date, channel: str, country: str) -> int:
    u = USES.c
    query = select(u.used).where(u.day == day, u.channel == channel, u.country == country)
    return connection.execute(query).scalar() or 0


def stands(connection: Connection, budgets: Sequence[Budget], day: date) -> list[Stand]:
    """Return how each budget stands on a day."""
    d = DELIVERIES.c
    held = select(d.reason, func.count()).where(IS_READY, d.reason.startswith(f"{HELD}:")).group_by(d.reason)
    waiting = {row[0]: row[1] for row in connection.execute(held)}
    return [
        Stand(one, _used(connection, day, one.channel, one.country), waiting.get(reason(one.channel, one.country), 0))
        for one in budgets
    ]


def held_by(connection: Connection, version_id: int) -> dict[str, int]:
    """Count the notices of a version that wait for a budget or a country, by reason."""
    d = DELIVERIES.c
    query = select(d.reason, func.count()).where(d.version_id == version_id, IS_READY, is_held())
    return {row[0]: row[1] for row in connection.execute(query.group_by(d.reason).order_by(d.reason))}


def stop_place(connection: Connection, channel: str, place: str, why: str, until: datetime) -> int:
    """Let what is ready for a place wait until then, for the reason `why`. Returns how many.

    Args:
        place: a calling code with its plus, or the country where people are.
    """
    d = DELIVERIES.c
    there = d.address_id.in_(with_prefix(place[1:])) if place.startswith("+") else d.country == place
    query = update(DELIVERIES).where(IS_READY, d.channel == channel, there)
    held = query.values(reason=why, due=until, error_code="")
    return connection.execute(held).rowcount
