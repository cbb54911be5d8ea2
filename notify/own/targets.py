"""Targets by word: whom a draft is for within its countries, changed before it is submitted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Connection

from notify.own import groups
from notify.own.model import Audience
from registry.actors import SYSTEM
from registry.employers import find_employer


@dataclass(frozen=True)
class Targets:
    """Whom a draft shall be for, as an officer writes it. None leaves a kind of target as it is.

    Attributes:
        employers: codes. `people`: numbers. `groups`: names.
        everybody: what is not named here is taken away: everybody in the countries, but for what is named.
    """

    places: Sequence[str] | None = None
    employers: Sequence[str] | None = None
    people: Sequence[int] | None = None
    groups: Sequence[str] | None = None
    everybody: bool = False

    @property
    def changes(self) -> bool:
        """Tell whether anything is to change."""
        return self.everybody or any(one is not None for one in (self.places, self.employers, self.people, self.groups))


def retargeted(connection: Connection, audience: Audience, wanted: Targets) -> Audience:
    """Return an audience with the targets that are named in place of those of their kind.

    Raises:
        NotFound: no such employer, group or person.
    """
    found = Audience() if wanted.everybody else audience
    # Looked up for the office: who may edit an alert at all was asked before.
    if wanted.places is not None:
        found = replace(found, places=tuple(dict.fromkeys(one.strip() for one in wanted.places if one.strip())))
    if wanted.employers is not None:
        codes = dict.fromkeys(wanted.employers)
        found = replace(found, employers=tuple(find_employer(connection, SYSTEM, one).employer_id for one in codes))
    if wanted.people is not None:
        groups.refuse_unknown(connection, SYSTEM, list(wanted.people))
        found = replace(found, people=tuple(dict.fromkeys(wanted.people)))
    if wanted.groups is not None:
        found = replace(
            found, groups=tuple(groups.find(connection, one).id or 0 for one in dict.fromkeys(wanted.groups))
        )
    return found
