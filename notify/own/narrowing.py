"""What each narrower target leaves out: people who are in the countries of an alert and would not be told."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import Connection

from core.i18n import Message, t
from notify.own import store
from notify.own.audience import audience_of, people_of
from notify.own.model import Audience
from notify.tables import AlertVersion
from registry.actors import SYSTEM
from registry.employers import list_employers


@dataclass(frozen=True)
class LeftOut:
    """What one target, if it stood alone, would leave out.

    Attributes:
        target: in words: the places, or the employers, people and groups.
        kept, left: people in the countries who would be told, and who would not.
    """

    target: Message
    kept: int
    left: int


@dataclass(frozen=True)
class Narrowing:
    """An audience in numbers: everybody in the countries, those who are told, and each target by itself."""

    there: int
    told: int
    targets: tuple[LeftOut, ...]


def narrowing(connection: Connection, version: AlertVersion) -> Narrowing:
    """Count what the targets of a version leave out, of the people in its countries now."""
    assert version.id is not None
    whole = audience_of(connection, version.id)
    there = _count(connection, version, Audience())
    targets = []
    for words, alone in _each(connection, whole):
        kept = _count(connection, version, alone)
        targets.append(LeftOut(words, kept, there - kept))
    told = _count(connection, version, whole) if targets else there
    return Narrowing(there, told, tuple(targets))


def _each(connection: Connection, whole: Audience) -> Iterator[tuple[Message, Audience]]:
    if whole.places:
        yield t("Places: {names}", names="、".join(whole.places)), Audience(places=whole.places)
    if whole.employers:
        codes = {one.employer_id: one.code for one in list_employers(connection, SYSTEM)}
        names = "、".join(codes.get(one, str(one)) for one in whole.employers)
        yield t("Employers: {names}", names=names), Audience(employers=whole.employers)
    if whole.groups:
        names = "、".join(one.name for one in store.groups_of(connection, whole.groups))
        yield t("Groups: {names}", names=names), Audience(groups=whole.groups)
    if whole.people:
        yield t("People one by one: {count}", count=len(whole.people)), Audience(people=whole.people)


def _count(connection: Connection, version: AlertVersion, audience: Audience) -> int:
    return store.count(connection, people_of(connection, version, audience=audience))
