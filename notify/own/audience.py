"""Whom a version is for: its countries, narrowed to places, employers, people and saved groups. Counted when it is asked."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import Connection, Select

from notify.own import store
from notify.own.model import Audience
from notify.tables import AlertVersion
from registry import scope
from registry.actors import SYSTEM
from registry.places import Matched, match_places
from registry.scope.among import among
from registry.scope.present import written_places


def audience_of(connection: Connection, version_id: int) -> Audience:
    """Return whom a version is for within its countries."""
    return store.audience(connection, version_id)


def people_of(
    connection: Connection, version: AlertVersion, day: date | None = None, *, audience: Audience | None = None
) -> Select[Any]:
    """Select the people a version is for, with the columns of `registry.scope.people_in`.

    Args:
        day: the day of the office whose whereabouts count; None: that of the version.
        audience: in place of the version's own, to see what a narrower one leaves out.
    """
    assert version.id is not None
    countries = store.countries(connection, version.id)
    wanted = audience_of(connection, version.id) if audience is None else audience
    people = scope.people_in(
        SYSTEM, countries, day or version.day, include_doubtful=version.include_doubtful,
        places=_matched(connection, countries, wanted.places),
    )  # fmt: skip
    if not wanted.names_people:
        return people
    kin, listed = store.members(connection, version.id, wanted)
    return among(people, kin, listed)


def _matched(connection: Connection, countries: list[str], places: tuple[str, ...]) -> Matched | None:
    """Return what the words in the register mean for these places; None if none are asked for."""
    return match_places(written_places(connection, SYSTEM, countries), places) if places else None
