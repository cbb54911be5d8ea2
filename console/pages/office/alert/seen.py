"""What the pages of one alert look at, gathered once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

from fastapi import Query
from sqlalchemy import Connection

from console.pages.office.alert.steps import OPEN, OUT, Case
from console.pages.office.visit import Visit
from console.pictures.levels import level_badge
from notify import alerts
from notify.alerts import MOST_NUMBER
from notify.own import store as own_store
from notify.send_off import hands
from notify.size import second_person
from notify.store import alerts as store
from notify.tables import Alert, AlertPlace, AlertVersion, VersionKind
from registry.tables import Role
from registry.users import list_users
from sources.model import Grade

LONGEST = 18
After = Annotated[int, Query(ge=0, le=MOST_NUMBER)]
"""The last number of the page before."""


@dataclass(frozen=True)
class Seen:
    """An alert as it stands.

    Attributes:
        newest: its newest version. `told`: its newest released one, None if nobody was told yet.
    """

    alert: Alert
    newest: AlertVersion
    told: AlertVersion | None
    places: tuple[AlertPlace, ...]
    case: Case
    drill: bool

    @property
    def number(self) -> int:
        """Return the number of the alert."""
        return self.newest.alert_id

    @property
    def shown(self) -> AlertVersion:
        """Return the version whose landing is shown: the newest that went out, else the newest."""
        return self.told or self.newest

    @property
    def countries(self) -> tuple[str, ...]:
        """Return where the newest version applies."""
        return tuple(one.country for one in self.places)

    @property
    def mark(self) -> str:
        """Return a mark of where the alert stands: a step is for the state that was seen, and for no other.

        That the last notice left meanwhile is no other state: nobody has taken a step.
        """
        status = "out" if self.newest.status in OUT else self.newest.status
        return f"{self.newest.id}-{status}-{'paused' if self.shown.paused_at else ''}"


def look(connection: Connection, who: Visit, number: int) -> Seen:
    """Gather an alert.

    Raises:
        NotFound: there is no such alert.
    """
    newest = alerts.find(connection, number)
    assert newest.id is not None
    alert, released = store.alert(connection, number), store.told_versions(connection, number)
    assert alert is not None
    told = store.version(connection, released[-1]) if released else None
    places = tuple(store.places(connection, newest.id))
    return Seen(
        alert, newest, told, places, _case(connection, who, newest, told, places), store.is_drill(connection, number)
    )


def common(who: Visit, seen: Seen) -> dict[str, Any]:
    """Return what every page of an alert shows: which it is, and its level as a badge."""
    return {
        "id": seen.number, "seen": seen, "title_of": title(seen.newest, who),
        "badge": lambda level: level_badge(level or Grade.UNSTATED, who.language),
    }  # fmt: skip


def numbers(typed: Iterable[str]) -> list[int]:
    """Return the numbers of rows among what was sent; what is none is left out."""
    return [int(one) for one in typed if one.isdecimal() and len(one) <= LONGEST]


def title(version: AlertVersion, who: Visit) -> str:
    """Return the title of a version in the reader's language."""
    return version.title_en if who.language == "en" else version.title_zh


def _case(
    connection: Connection, who: Visit, newest: AlertVersion, told: AlertVersion | None, places: tuple[AlertPlace, ...]
) -> Case:
    theirs, waits = hands(connection, newest), newest.status in OPEN
    return Case(
        newest, who.actor, who.now, theirs,
        second_person(connection, newest, who.acting.rules.approval) if waits and places else None, bool(places),
        None if told is None else VersionKind(told.kind), _leaves_at(connection, newest, who.now) if waits else None,
        _approvers(connection, who, theirs) if waits else (), None if told is None or told.id == newest.id else told,
    )  # fmt: skip


def _leaves_at(connection: Connection, version: AlertVersion, now: datetime) -> datetime | None:
    waiting = own_store.waiting_schedule(connection, version.id or 0)
    return waiting.at if waiting is not None and waiting.at > now else None


def _approvers(connection: Connection, who: Visit, without: frozenset[str]) -> tuple[str, ...]:
    roles = {Role.APPROVER, Role.ADMINISTRATOR}
    users = [one for one in list_users(connection, who.actor) if one.active and one.role in roles]
    return tuple(one.name for one in users if one.name not in without)
