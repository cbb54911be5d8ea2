"""Who looks at a page of the office: proven by the cookie of a session, before any form is read."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import Depends, Request
from fastapi.responses import HTMLResponse, RedirectResponse
from sqlalchemy import Connection
from starlette.responses import Response

from console.pages.desk import AtDesk
from console.pages.frame import frame_of, language_for
from console.pages.office.rail import head_of, rail
from core.audit import record
from core.database import reading, writing
from core.errors import NotAllowed
from core.i18n import Language, Message, t
from notify.alerts import Acting
from registry.accounts.office import OfficeSession, note_use, session_of, worth_noting
from registry.actors import Actor
from registry.enrol import index_key
from registry.tables import Role

PATH = "/office"
COOKIE = "lingbao-office-session"
WORKERS = (Role.OFFICER, Role.APPROVER, Role.ADMINISTRATOR)


class SignInNeeded(Exception):
    """Nobody is signed in, or not any more."""


@dataclass(frozen=True)
class Visit(AtDesk):
    """One request by somebody of the office who is signed in."""

    session: OfficeSession

    @property
    def actor(self) -> Actor:
        """Return who acts."""
        return self.session.actor

    @property
    def acting(self) -> Acting:
        """Return who acts, now, for this office: what the operations on alerts ask for."""
        return self.office.acting(self.actor)

    @property
    def language(self) -> Language:
        """Return the language of the reader."""
        return language_for(self.request)

    def may(self, *roles: Role) -> bool:
        """Tell whether the reader has one of these roles: which buttons are shown. The operation decides anew."""
        return self.actor.role in roles

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Give a connection that reads."""
        with reading(self.office.engine) as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Give a connection that writes."""
        with writing(self.office.engine) as connection:
            yield connection

    def viewed(self, connection: Connection, people: list[int]) -> None:
        """Write into the audit that these people were looked at."""
        if people:
            shown = ",".join(str(one) for one in people)
            record(connection, actor=self.actor.name, action="people.view", subject="registrant", now=self.now,
                   detail=shown)  # fmt: skip

    def render(self, name: str, status: int = 200, /, **values: object) -> HTMLResponse:
        """Return a page of the office.

        Args:
            name: the template, in the folder of the office.
        """
        words: Mapping[str, Message] = self.request.app.state.done
        done = words.get(self.request.query_params.get("done", "")) if self.request.method == "GET" else None
        told: dict[str, Any] = {
            "rail": rail(self.request.url.path, self.actor), "head": head_of(self.office, self.now),
            "who": self.actor, "may": self.may, "done": done, "now": self.now, "q": "",
        }  # fmt: skip
        return self.frame.render(self.request, f"office/{name}", status, **(told | values))


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
        key = index_key(connection, frame.office.keys)
    # A page that looks by itself is nobody at work; a form that is shown while it is filled in is.
    if worth_noting(session, now) and not (partial(request) and request.method == "GET"):
        with writing(frame.office.engine) as connection:
            note_use(connection, session, now)
    return Visit(request, frame, key, session)


def only(*roles: Role) -> Callable[[Visit], Visit]:
    """Return a dependency that lets people of these roles pass, and says to others who may."""

    def guarded(who: Annotated[Visit, Depends(visit)]) -> Visit:
        """Let these roles pass.

        Raises:
            NotAllowed: another role.
        """
        if who.actor.role not in roles:
            raise NotAllowed(t("This page is for others in the office, not for {actor}.", actor=who.actor.name))
        return who

    return guarded


Visitor = Annotated[Visit, Depends(visit)]
"""Anybody of the office who is signed in, auditors too. Named before any form in a route: a stranger's form is not read."""
Worker = Annotated[Visit, Depends(only(*WORKERS))]
"""Officer, approver or administrator: who may change something."""
Approver = Annotated[Visit, Depends(only(Role.APPROVER, Role.ADMINISTRATOR))]
"""Who may release what somebody else drafted."""
Administrator = Annotated[Visit, Depends(only(Role.ADMINISTRATOR))]
"""Who looks after users, rules and keys."""
Reader = Annotated[Visit, Depends(only(Role.ADMINISTRATOR, Role.AUDITOR))]
"""Who reads the audit."""


def go(path: str, done: str = "") -> RedirectResponse:
    """Lead on after a form was worked off: to load the page anew must not send it again."""
    mark = "" if not done else f"{'&' if '?' in path else '?'}done={done}"
    return RedirectResponse(f"{PATH}{path}{mark}", 303)


def partial(request: Request) -> bool:
    """Tell whether the script of a page asks for a part of it (htmx 2, `HX-Request`)."""
    return request.headers.get("hx-request", "") == "true"


def sign_in_first(request: Request, error: Exception) -> Response:
    """Lead to the sign-in, and back to this page after it; who sent a form is told that nothing was done."""
    if partial(request) and request.method == "POST":
        # To leave the page would lose what was typed into it.
        return frame_of(request).render(request, "office/signed-out-part.html")
    if partial(request):
        # A part of a page is no place for a sign-in: the whole page goes there.
        return Response(status_code=401, headers={"HX-Redirect": f"{PATH}/sign-in"})
    if request.method in {"GET", "HEAD"}:
        here = request.url.path.removeprefix(PATH)
        query = f"?{request.url.query}" if request.url.query else ""
        return go("/sign-in?" + urlencode({"next": here + query}) if here not in {"", "/"} else "/sign-in")
    return frame_of(request).render(request, "office/signed-out.html", 401)
