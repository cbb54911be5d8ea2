"""SQL of the ways to people: every address of every recipient, ranked, with its ground, joined where several share one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, Subquery, case, distinct, func, literal, literal_column, select

from core.tables import table
from notify.grounds import CONSENT, EMERGENCY, FORBIDDEN, NO_GROUND, REFUSALS, Transfer
from notify.tables import Delivery, Recipient
from registry import scope

RECIPIENTS, DELIVERIES = table(Recipient), table(Delivery)


@dataclass(frozen=True)
class Plan:
    """How the notices of a version are made.

    Attributes:
        channels: in order of preference.
        not_before: by IANA zone, the moment from which people there may be written to; zones that need not wait are absent.
        priority: 0 goes first.
        transfer: what the office may do with providers abroad; `emergency`: a ground for everybody, without consent.
    """

    version_id: int
    rule: str
    channels: Sequence[str]
    every_channel: bool
    priority: int
    not_before: Mapping[str, datetime]
    now: datetime
    transfer: Transfer
    emergency: bool

    @property
    def may_refuse(self) -> bool:
        """Tell whether a notice of this version can lack a ground at all: if not, the database need not look."""
        abroad = not self.transfer.abroad.isdisjoint(self.channels)
        return abroad and not (self.transfer.allowed and self.emergency)


def ways(plan: Plan, addresses: Select[Any]) -> Select[Any]:
    """Return every usable way to every recipient, with the ground on which it may be used, or why it may not."""
    at = addresses.subquery()
    return (
        select(RECIPIENTS.c.id.label("recipient_id"), RECIPIENTS.c.language, RECIPIENTS.c.zone, RECIPIENTS.c.planned,
               at.c.address_id, at.c.channel, at.c.value_index, at.c.preference, _ground(plan, at.c.channel).label("ground"))
        .join(at, at.c.registrant_id == RECIPIENTS.c.registrant_id)
        .where(RECIPIENTS.c.version_id == plan.version_id, at.c.channel.in_(list(plan.channels)))
    )  # fmt: skip


def _ground(plan: Plan, channel: ColumnElement[str]) -> ColumnElement[str]:
    """Return the ground of each person's own for each channel: theirs to give, and nobody's who shares their number."""
    at_home = channel.not_in(sorted(plan.transfer.abroad))
    if plan.transfer.abroad.isdisjoint(plan.channels):
        return literal("")
    if not plan.transfer.allowed:
        return case((at_home, ""), else_=FORBIDDEN)
    agreed = scope.agreed_abroad(RECIPIENTS.c.registrant_id)
    return case((at_home, ""), (agreed, CONSENT), else_=EMERGENCY if plan.emergency else NO_GROUND)


def refused(ground: ColumnElement[str]) -> ColumnElement[int]:
    """Tell (1 or 0) whether a word for a ground says that there is none."""
    return case((ground.in_(REFUSALS), 1), else_=0)


def ranked(plan: Plan, addresses: Select[Any]) -> Select[Any]:
    """Return the ways to each recipient, numbered by preference. One that may not be used comes after all that may."""
    way = ways(plan, addresses).subquery().c
    order = case({name: i for i, name in enumerate(plan.channels)}, value=way.channel)
    first = [refused(way.ground)] if plan.may_refuse else []
    turn = func.row_number().over(
        partition_by=way.recipient_id, order_by=(*first, order, way.preference, way.address_id)
    )
    return select(*way, turn.label("turn"))


def grouped(plan: Plan, chosen: Subquery) -> Select[Any]:
    """Return the ways joined that end at the same address: thirty workers behind one number get one notice that says so.

    Those of them who lack a ground are counted apart: the notice is for the others.
    """
    c = chosen.c
    people = func.count(distinct(c.recipient_id))
    staying = func.min(case((c.planned, 1), else_=0))
    variant = case((people > 1, "shared"), (staying == 1, "planned"), else_="abroad")
    # Several zones behind one address: nobody is woken for the earliest of them, so the latest moment counts.
    wait = func.max(_wait(plan, c.zone))
    lacking = refused(c.ground) if plan.may_refuse else literal_column("0")
    return select(
        c.channel, c.value_index, func.min(c.address_id).label("address_id"), func.max(c.language).label("language"),
        people.label("people"), variant.label("variant"), wait.label("not_before"), lacking.label("refused"),
        # The weaker ground is the one that must be written down: "emergency" comes after "consent".
        func.max(c.ground).label("ground"),
    ).group_by(c.channel, c.value_index, *([lacking] if plan.may_refuse else []))  # fmt: skip


def _wait(plan: Plan, zone: ColumnElement[str]) -> ColumnElement[datetime | None]:
    kind = DELIVERIES.c.not_before.type
    if not plan.not_before:
        return literal(None, kind)
    moments = {name: literal(moment, kind) for name, moment in plan.not_before.items()}
    return case(moments, value=zone, else_=literal(None, kind))


def reachable(plan: Plan, addresses: Select[Any]) -> Select[Any]:
    """Return every usable address of every recipient, without a look at grounds."""
    at = addresses.subquery()
    return (
        select(RECIPIENTS.c.id.label("recipient_id"), at.c.channel, at.c.value_index)
        .join(at, at.c.registrant_id == RECIPIENTS.c.registrant_id)
        .where(RECIPIENTS.c.version_id == plan.version_id)
    )
