"""SQL of later versions: who was told goes on being told where they were told; everybody else by the ladder."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, FromClause, Select, Subquery, and_, case, func, literal, or_, select, true

from notify.store.outbox import DELIVERIES, LINKS, RECIPIENTS, insert_grouped, link, may_have_left
from notify.store.ways import Plan, ranked, refused, worked_out


def insert_following(
    connection: Connection, plan: Plan, addresses: Select[Any], earlier: Sequence[int], *, only_there: bool
) -> int:
    """Make the notices of a later version; returns how many are new.

    Whoever got an earlier version, or may have, gets this one over the same channels at the same addresses, as far as these can
    still be used. Whoever cannot be told so, or was not told yet, gets it as a first version would go out.

    Args:
        earlier: the released versions before this one.
        only_there: also a version that uses every channel goes to those addresses only: the end of a danger wakes nobody
            on another one.
    """
    if not plan.routes:
        return 0
    with worked_out(connection, plan, addresses) as found:
        made = insert_grouped(connection, plan, _again(plan, found, earlier, only_there=only_there), literal(1))
        link(connection, plan, found)
    return made


def insert_for_newcomers(connection: Connection, plan: Plan, addresses: Select[Any]) -> int:
    """Make the notices of those people of a version whose addresses are given; returns how many are new.

    A number over which somebody else was told already gets none: the newcomer's record points to that notice.
    """
    if not plan.routes:
        return 0
    with worked_out(connection, plan, addresses) as found:
        at = ranked(plan, found).subquery("at")
        first = true() if plan.every_channel else at.c.turn == 1
        made = insert_grouped(connection, plan, select(at).where(first).subquery("chosen"), literal(1))
        link(connection, plan, found)
    return made


def _again(plan: Plan, found: FromClause, earlier: Sequence[int], *, only_there: bool) -> Subquery:
    """Choose the ways: where somebody was told before, or else the first."""
    at, got = ranked(plan, found).subquery("at"), _got(plan, earlier)
    if plan.every_channel and not only_there:
        return select(at).subquery("chosen")
    again = and_(got.c.recipient_id.is_not(None), refused(at.c.ground) == 0)
    here = and_(
        got.c.recipient_id == at.c.recipient_id, got.c.channel == at.c.channel, got.c.address_index == at.c.value_index
    )
    marked = select(*at.c, case((again, 1), else_=0).label("same")).outerjoin_from(at, got, here).subquery("marked")
    any_same = func.max(marked.c.same).over(partition_by=marked.c.recipient_id).label("any_same")
    way = select(marked, any_same).subquery("way").c
    first = true() if plan.every_channel else way.turn == 1
    return select(*way).where(or_(way.same == 1, and_(way.any_same == 0, first))).subquery("chosen")


def _got(plan: Plan, earlier: Sequence[int]) -> Subquery:
    """Return at which channels and addresses the people of this version were told by an earlier one, or may have been."""
    mine, old = RECIPIENTS.alias("mine"), RECIPIENTS.alias("old")
    return (
        select(mine.c.id.label("recipient_id"), DELIVERIES.c.channel, DELIVERIES.c.address_index)
        .select_from(mine)
        .join(old, old.c.registrant_id == mine.c.registrant_id)
        .join(LINKS, LINKS.c.recipient_id == old.c.id)
        .join(DELIVERIES, DELIVERIES.c.id == LINKS.c.delivery_id)
        .where(mine.c.version_id == plan.version_id, old.c.version_id.in_(earlier), may_have_left())
        .distinct()
        .subquery("got")
    )
