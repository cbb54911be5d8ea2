"""SQL of the ways to people: every address of every recipient, ranked, with its ground, joined where several share one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    CompoundSelect,
    Connection,
    FromClause,
    Integer,
    MetaData,
    Select,
    String,
    Subquery,
    Table,
    and_,
    case,
    func,
    insert,
    literal,
    literal_column,
    or_,
    select,
    union_all,
)

from core.tables import BigId, table
from notify.grounds import CONSENT, EMERGENCY, FORBIDDEN, NO_GROUND, REFUSALS, Transfer
from notify.routing import HOME_PREFIX, TAKEN_FROM, Route, Where, layers
from notify.tables import Delivery, Recipient
from registry import scope

RECIPIENTS, DELIVERIES = table(Recipient), table(Delivery)


@dataclass(frozen=True)
class Plan:
    """How the notices of a version are made.

    Attributes:
        routes: which channel takes which addresses, in order of preference.
        not_before: by IANA zone, the moment from which people there may be written to; zones that need not wait are absent.
        priority: 0 goes first.
        transfer: what the office may do with providers abroad; `emergency`: a ground for everybody, without consent.
        apart: countries that have texts of their own.
    """

    version_id: int
    rule: str
    routes: Sequence[Route]
    every_channel: bool
    priority: int
    not_before: Mapping[str, datetime]
    now: datetime
    transfer: Transfer
    emergency: bool
    apart: Sequence[str] = ()

    @property
    def may_refuse(self) -> bool:
        """Tell whether a notice of this version can lack a ground at all: if not, the database need not look."""
        return self.goes_abroad and not (self.transfer.allowed and self.emergency)

    @property
    def goes_abroad(self) -> bool:
        """Tell whether any of its channels has a provider abroad."""
        return any(route.channel in self.transfer.abroad for route in self.routes)


def ways(plan: Plan, addresses: Select[Any]) -> Select[Any] | CompoundSelect[Any]:
    """Return every usable way to every recipient, with the ground on which it may be used, or why it may not."""
    at = addresses.subquery()
    r = RECIPIENTS.c
    return _every_layer([
        select(
            r.id.label("recipient_id"), r.language, r.zone, r.planned, r.country, at.c.address_id,
            _by_route(layer, at, {one: one.channel for one in layer}).label("channel"), at.c.value_index, at.c.preference,
            _unverified(at.c.verified_at).label("unverified"),
            _by_route(layer, at, {one: plan.routes.index(one) for one in layer}).label("route"),
            _by_route(layer, at, {one: _ground(plan, one.channel) for one in layer}).label("ground"),
        )
        .join(at, at.c.registrant_id == r.registrant_id)
        .where(r.version_id == plan.version_id, _taken(layer, at))
        for layer in layers(plan.routes)
    ])  # fmt: skip


def register_channel(channel: ColumnElement[str]) -> ColumnElement[str]:
    """Return the channel of the register whose addresses the channel of a notice takes."""
    return case(TAKEN_FROM, value=channel, else_=channel)


def _every_layer(queries: Sequence[Select[Any]]) -> Select[Any] | CompoundSelect[Any]:
    return queries[0] if len(queries) == 1 else union_all(*queries)


def _by_route(layer: Sequence[Route], at: Subquery, values: Mapping[Route, Any]) -> ColumnElement[Any]:
    """Return the value of the one route of a layer that takes an address."""
    if len(set(values.values())) == 1:
        value = next(iter(values.values()))
        return value if isinstance(value, ColumnElement) else literal(value)
    return case(*((_takes(one, at), values[one]) for one in layer))


def _taken(layer: Sequence[Route], at: Subquery) -> ColumnElement[bool]:
    """Return the condition under which any route of a layer takes an address."""
    plain = [one.takes for one in layer if one.where is Where.ANY]
    apart = [_takes(one, at) for one in layer if one.where is not Where.ANY]
    return or_(at.c.channel.in_(plain), *apart) if plain else or_(*apart)


def _takes(route: Route, at: Subquery) -> ColumnElement[bool]:
    mine = at.c.channel == route.takes
    if route.where is Where.ANY:
        return mine
    return and_(mine, at.c.prefix == HOME_PREFIX if route.where is Where.HOME else at.c.prefix != HOME_PREFIX)


def _unverified(verified_at: ColumnElement[datetime | None]) -> ColumnElement[int]:
    return case((verified_at.is_(None), 1), else_=0)


def _ground(plan: Plan, channel: str) -> ColumnElement[str]:
    """Return the ground of each person's own for a channel: theirs to give, and nobody's who shares their number."""
    if channel not in plan.transfer.abroad:
        return literal("")
    if not plan.transfer.allowed:
        return literal(FORBIDDEN)
    agreed = scope.agreed_abroad(RECIPIENTS.c.registrant_id)
    return case((agreed, CONSENT), else_=EMERGENCY if plan.emergency else NO_GROUND)


def refused(ground: ColumnElement[str]) -> ColumnElement[int]:
    """Tell (1 or 0) whether a word for a ground says that there is none."""
    return case((ground.in_(REFUSALS), 1), else_=0)


@contextmanager
def worked_out(connection: Connection, plan: Plan, addresses: Select[Any]) -> Iterator[Table]:
    """Keep every way to every recipient in a table of this transaction: looked up once, for the notices and for the links.

    PostgreSQL then knows how many there are; of rows that this very transaction made it has no statistics.
    """
    r = RECIPIENTS.c
    columns = [
        Column("recipient_id", BigId), Column("language", r.language.type), Column("zone", r.zone.type),
        Column("planned", r.planned.type), Column("country", r.country.type), Column("address_id", BigId),
        Column("channel", String), Column("value_index", DELIVERIES.c.address_index.type), Column("preference", Integer),
        Column("unverified", Integer), Column("route", Integer), Column("ground", String),
    ]  # fmt: skip
    kept = Table("way", MetaData(), *columns, prefixes=["TEMPORARY"])
    kept.create(connection)
    connection.execute(insert(kept).from_select([column.name for column in columns], ways(plan, addresses)))
    yield kept
    kept.drop(connection)  # Where the transaction fails, its table goes with it.


def ranked(plan: Plan, found: FromClause) -> Select[Any]:
    """Return the ways to each recipient, numbered by preference. One that may not be used comes after all that may."""
    way = found.c
    first = [refused(way.ground)] if plan.may_refuse else []
    turn = func.row_number().over(
        partition_by=way.recipient_id,
        order_by=(*first, way.route, way.preference, way.unverified, way.address_id.desc()),
    )
    return select(*way, turn.label("turn"))


def grouped(plan: Plan, chosen: FromClause, step: ColumnElement[int]) -> Select[Any]:
    """Return the ways joined that end at the same address: thirty workers behind one number get one notice that says so.

    Those of them who lack a ground are counted apart: the notice is for the others. `step` is a constant or an aggregate.
    """
    c = chosen.c
    people = (
        func.count()
    )  # A person has each address once, and each channel takes addresses of one kind: nobody counts twice.
    staying = func.min(case((c.planned, 1), else_=0))
    variant = _own_text(plan, c, case((people > 1, "shared"), (staying == 1, "planned"), else_="abroad"))
    # Several zones behind one address: nobody is woken for the earliest of them, so the latest moment counts.
    wait = func.max(_wait(plan, c.zone))
    lacking = refused(c.ground) if plan.may_refuse else literal_column("0")
    return select(
        c.channel, c.value_index, func.min(c.address_id).label("address_id"), _for_all(c.language).label("language"),
        people.label("people"), variant.label("variant"), wait.label("not_before"), lacking.label("refused"),
        func.min(c.country).label("country"), step.label("step"),
        # The weaker ground is the one that must be written down: "emergency" comes after "consent".
        func.max(c.ground).label("ground"),
    ).group_by(c.value_index, c.channel, *([lacking] if plan.may_refuse else []))  # fmt: skip


def _for_all(language: ColumnElement[str]) -> ColumnElement[str]:
    """Return the language for several people behind one address: the one they all read; else Chinese if any of them does, or English."""
    chinese = func.max(case((language == "zh", 1), else_=0)) == 1
    return case((func.min(language) == func.max(language), func.max(language)), (chinese, "zh"), else_="en")


def _own_text(plan: Plan, c: Any, reader: ColumnElement[str]) -> ColumnElement[str]:
    """Return which text it carries: that of the one country all of these people are in, if the alert has one for it."""
    if not plan.apart:
        return reader
    alone = and_(func.min(c.country) == func.max(c.country), func.min(c.country).in_(list(plan.apart)))
    return case((alone, reader + "." + func.min(c.country)), else_=reader)


def _wait(plan: Plan, zone: ColumnElement[str]) -> ColumnElement[datetime | None]:
    kind = DELIVERIES.c.not_before.type
    if not plan.not_before:
        return literal(None, kind)
    moments = {name: literal(moment, kind) for name, moment in plan.not_before.items()}
    return case(moments, value=zone, else_=literal(None, kind))
