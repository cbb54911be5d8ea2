"""Who looks at a page of the portal: proven by the cookie of a session, before any form is read."""

from __future__ import annotations

import hmac
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from typing import Annotated, Any

from fastapi import Depends, Request
from fastapi.responses import HTMLResponse, RedirectResponse
from sqlalchemy import Connection
from starlette.responses import Response

from console.api.call import Call
from console.api.ids import Ids, Kind
from console.pages.company.words import DONE
from console.pages.desk import AtDesk
from console.pages.frame import frame_of, language_for
from core.database import reading, writing
from core.errors import NotAllowed
from core.i18n import Message, t
from registry.accounts.sign_in import Session, note_use, session_of, worth_noting
from registry.accounts.store import users_of_company
from registry.actors import CONTACT, Actor
from registry.employers import EmployerView, own_employer
from registry.enrol import index_key
from registry.people import PersonView

PATH = "/company"
COOKIE = "lingbao-company-session"


class SignInNeeded(Exception):
    """Nobody is signed in, or not any more."""


@dataclass(frozen=True)
class NavItem:
    """A page of the portal, in the row of pages."""

    href: str
    label: Message
    current: bool


@dataclass(frozen=True)
class Visit(AtDesk):
    """One request by somebody who is signed in for a company."""

    session: Session
    employer: EmployerView

    @property
    def actor(self) -> Actor:
        """Return who acts."""
        return self.session.actor

    @property
    def ids(self) -> Ids:
        """Return the public ids of the company: those of its API."""
        return Ids(self.index_key, self.employer.employer_id)

    @property
    def call(self) -> Call:
        """Return the same as a call to the API: for what both show."""
        return Call(
            self.office, self.actor, self.actor.user_id or 0, self.employer.employer_id, self.index_key,
            language_for(self.request),
        )  # fmt: skip

    def render(self, name: str, status: int = 200, **values: object) -> HTMLResponse:
        """Return a page of the portal.

        Args:
            name: the template, in the folder of the portal.
        """
        here = self.request.url.path.removeprefix(PATH)
        done = DONE.get(self.request.query_params.get("done", "")) if self.request.method == "GET" else None
        told: dict[str, Any] = {"nav": navigation(here), "employer": self.employer, "show": self.show, "done": done}
        return self.frame.render(self.request, f"company/{name}", status, **(told | values))

    def show(self, kind: str, number: int) -> str:
        """Return the public id of a row."""
        return self.ids.show(Kind(kind), number)

    def state_of(self, view: PersonView) -> str:
        """Return the mark of a person as they are now: a form sent with another one is of a state that is no more."""
        return hmac.digest(self.index_key, repr(view).encode(), sha256)[:12].hex()


def namer(who: Visit, connection: Connection) -> Callable[[str], Message | str]:
    """Return how those who did something are called: their numbers would tell of other companies, and names of the office's
    people are not for everybody.
    """
    own = frozenset(users_of_company(connection, who.employer.employer_id))

    def named(by: str) -> Message | str:
        """Return who this is, to people of this company."""
        if by == who.actor.name:
            return t("you")
        if by.startswith(CONTACT):
            return t("a contact")
        return by if by in own else t("the office")

    return named


def visit(request: Request) -> Visit:
    """Return who looks.

    Raises:
        SignInNeeded: nobody is signed in.
    """
    frame = frame_of(request)
    secret, now = request.cookies.get(COOKIE, ""), frame.office.clock.now()
    with reading(frame.office.engine) as connection:
        try:
            session = session_of(connection, secret, now)
        except NotAllowed as error:
            raise SignInNeeded from error
        employer = own_employer(connection, session.actor)
        key = index_key(connection, frame.office.keys)
    if worth_noting(session, now):
        with writing(frame.office.engine) as connection:
            note_use(connection, session, now)
    return Visit(request, frame, key, session, employer)


Visitor = Annotated[Visit, Depends(visit)]
"""Who is signed in. Named before any form in a route: a stranger's form is not read."""


def go(path: str, done: str = "") -> RedirectResponse:
    """Lead on after a form was worked off: to load the page anew must not send it again."""
    mark = "" if not done else f"{'&' if '?' in path else '?'}done={done}"
    return RedirectResponse(f"{PATH}{path}{mark}", 303)


def sign_in_first(request: Request, error: Exception) -> Response:
    """Lead to the sign-in; who sent a form is told that nothing was done."""
    if request.method in {"GET", "HEAD"}:
        return go("/sign-in")
    return frame_of(request).render(request, "company/signed-out.html", 401)


def navigation(here: str) -> list[NavItem]:
    """Return the pages of the portal, and which of them this is."""
    pages = (
        ("/", t("Overview")), ("/rosters", t("Upload a list")), ("/people", t("Our people")), ("/alerts", t("Alerts")),
        ("/contacts", t("Contacts")), ("/settings", t("Access and export")),
    )  # fmt: skip
    return [
        NavItem(PATH + path, label, here == path or (path != "/" and here.startswith(path))) for path, label in pages
    ]
