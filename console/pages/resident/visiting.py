"""Who has proven by code who they are: the cookie of a visit, and what its pages work with."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import Depends, Request
from fastapi.responses import RedirectResponse
from sqlalchemy import Connection

from console.api.ids import Ids, Kind
from console.pages.frame import frame_of, set_cookie
from core.database import reading, writing
from core.errors import NotAllowed
from notify.office import Office
from registry.actors import Actor
from registry.enrol import Sealer, index_key
from registry.signup import visit as visits
from registry.signup.visit import Visit

COOKIE = "lingbao-resident-session"
RESIDENTS = 0
"""No company has this number: the ids in residents' addresses are of nobody else."""
CHANGE = "/register/change"


class NoVisit(Exception):
    """Nobody has proven who they are, or it was too long ago."""


@dataclass(frozen=True)
class Visiting:
    """A visit at work.

    Attributes:
        secret: key of the blind index, in clear.
    """

    office: Office
    visit: Visit
    secret: bytes
    now: datetime

    @property
    def actor(self) -> Actor:
        """Return who acts: they see themselves and their companions."""
        return self.visit.actor

    @property
    def sealer(self) -> Sealer:
        """Return what it takes to write."""
        return Sealer(self.office.keys, self.secret, self.actor.name, self.now)

    def show(self, kind: Kind, number: int) -> str:
        """Return the id of a row as it stands in an address: it tells neither its number nor how many there are."""
        return Ids(self.secret, RESIDENTS).show(kind, number)

    def read(self, kind: Kind, text: str) -> int:
        """Return the row of an id; what is none leads to no row."""
        return Ids(self.secret, RESIDENTS).read(kind, text)


def visiting(request: Request) -> Visiting:
    """Return the visit of this browser; a POST makes it last longer.

    Raises:
        NoVisit: there is none, or it is over.
    """
    office = frame_of(request).office
    now, token = office.clock.now(), request.cookies.get(COOKIE, "")
    doing = request.method == "POST"
    with (writing if doing else reading)(office.engine) as connection:
        try:
            found = visits.visit_of(connection, token, now=now, prolong=doing)
        except NotAllowed as error:
            raise NoVisit from error
        return Visiting(office, found, index_key(connection, office.keys), now)


InVisit = Annotated[Visiting, Depends(visiting)]
"""The visit at hand. Who has none is asked to prove who they are."""


def begin(
    connection: Connection, request: Request, leads_to: str, *, registrant_id: int, address_id: int
) -> RedirectResponse:
    """Begin a visit of somebody who has just proven an address, under a new token, and lead on."""
    now = frame_of(request).office.clock.now()
    token = visits.begin(connection, registrant_id, address_id, now=now)
    answer = RedirectResponse(leads_to, 303)
    set_cookie(request, answer, COOKIE, token, strict=True)
    return answer


def over(request: Request) -> RedirectResponse:
    """Return the way out of a visit: the browser forgets it."""
    answer = RedirectResponse("/register/", 303)
    answer.delete_cookie(COOKIE, httponly=True, samesite="strict")
    return answer
