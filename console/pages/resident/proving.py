"""Who somebody is: they give the name and an address that they registered, and a code comes back from there.

Whether anybody of this name is registered is told by no answer, no count of statements, and no time: the code goes out after
the answer.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, assert_never

from fastapi import APIRouter, Depends, Request
from fastapi.responses import RedirectResponse
from starlette.exceptions import HTTPException
from starlette.responses import Response

from console.pages.forms import FieldError, Form, Posted
from console.pages.frame import frame_of
from console.pages.resident import visiting
from console.pages.resident.errands import errands_of
from console.pages.resident.limits import TooMany, count_caller
from console.pages.resident.reading import Faults, read_name, read_way
from console.pages.resident.visiting import NoVisit
from core.database import writing
from core.i18n import Message, t
from registry.enrol import index_key
from registry.people import NewAddress
from registry.signup import wishes
from registry.signup.ask import ask_by_name
from registry.signup.model import Pending, Purpose, Refusal
from registry.signup.verify import Proven, pass_check

routes = APIRouter()


class Wish(StrEnum):
    """What somebody wants who has yet to prove who they are."""

    CHANGE = "change"
    SEE = "see"
    CONSENT = "consent"
    LEAVE = "leave"
    STILL_THERE = "still-there"

    @property
    def heading(self) -> Message:
        """Return the heading of its page."""
        match self:
            case Wish.CHANGE:
                return t("Change my registration")
            case Wish.SEE:
                return t("See what is kept of me")
            case Wish.CONSENT:
                return t("Consent to providers abroad")
            case Wish.LEAVE:
                return t("Leave the register")
            case Wish.STILL_THERE:
                return t("I am still there")
        assert_never(self)

    @property
    def purpose(self) -> Purpose:
        """Return what its code is good for."""
        return Purpose.STILL_THERE if self is Wish.STILL_THERE else Purpose.VISIT

    @property
    def leads_to(self) -> str:
        """Return the page that a visit begins with."""
        end = {Wish.CONSENT: "/consent", Wish.LEAVE: "/leave"}.get(self, "")
        return f"/register/mine{end}"


def _wish(wish: str) -> Wish:
    try:
        return Wish(wish)
    except ValueError as error:
        raise HTTPException(404) from error


Wished = Annotated[Wish, Depends(_wish)]
"""What is wanted, as the address says it."""


@dataclass(frozen=True)
class Asked:
    """A code that was asked for, as the page keeps it: to send it again, name and address go with it."""

    ticket: str
    name: str
    address: str


@routes.get("/{wish}")
def ask(request: Request, wish: Wished) -> Response:
    """Ask for name and address; whoever has proven them already goes on."""
    if wish is not Wish.STILL_THERE:
        try:
            visiting.visiting(request)
            return RedirectResponse(wish.leads_to, 303)
        except NoVisit:
            pass
    return _form(request, wish, Form())


@routes.post("/{wish}")
def send(request: Request, wish: Wished, form: Posted) -> Response:
    """Make a ticket, and send a code if somebody is there. The answer is the same if nobody is."""
    if "lang" in form:
        return _form(request, wish, form)
    faults = Faults()
    name, way = read_name(form, faults), read_way(form, "address", faults)
    if faults:
        return _form(request, wish, form, faults, 422)
    try:
        pending = _ask(request, wish, name, way)
    except TooMany as error:
        faults.add("", error.message)
        return _form(request, wish, form, faults, 429)
    errands_of(request).send(frame_of(request).office, pending)
    return _code(request, wish, Asked(pending.ticket, name, form.text("address", 254)))


@routes.get("/{wish}/code")
def nothing_here(wish: Wished) -> Response:
    """Lead to the beginning: a code is asked for by a form."""
    return RedirectResponse(f"/register/{wish}", 303)


@routes.post("/{wish}/code")
def prove(request: Request, wish: Wished, form: Posted) -> Response:
    """Take the code: the right one opens a visit, or confirms the stays."""
    asked = Asked(form.text("ticket", 200), form.text("name", 100), form.text("address", 254))
    if "lang" in form:
        return _code(request, wish, asked)
    try:
        done = _taken(request, wish, asked.ticket, form.text("code", 20))
    except TooMany as error:
        return _code(request, wish, asked, [FieldError("code", error.message)], 429)
    if isinstance(done, Refusal):
        return _code(request, wish, asked, [FieldError("code", done.message)], 422)
    if isinstance(done, wishes.StillThere):
        return frame_of(request).render(request, "resident/still.html", stays=done.stays)
    return done


def no_visit(request: Request, error: Exception) -> Response:
    """Ask once more who it is: there is no visit, or it is over."""
    faults = Faults()
    if request.cookies.get(visiting.COOKIE):
        faults.add("", t("This visit is over. Please ask for a new code."))
    return _form(request, Wish.CHANGE, Form(), faults, 403)


def _ask(request: Request, wish: Wish, name: str, way: NewAddress) -> Pending:
    office = frame_of(request).office
    with writing(office.engine) as connection:
        secret = index_key(connection, office.keys)
        count_caller(connection, request, secret)
        return ask_by_name(
            connection, wish.purpose, name=name, channel=way.channel, value=way.value, keys=office.keys, index_key=secret,
            now=office.clock.now(),
        )  # fmt: skip


def _taken(request: Request, wish: Wish, ticket: str, code: str) -> Response | wishes.StillThere | Refusal:
    office = frame_of(request).office
    now = office.clock.now()
    with writing(office.engine) as connection:
        secret = index_key(connection, office.keys)
        count_caller(connection, request, secret)
        if wish is Wish.STILL_THERE:
            return wishes.still_there(connection, ticket, code, index_key=secret, now=now)
        proven = pass_check(connection, ticket, code, index_key=secret, now=now, kind=Purpose.VISIT)
        if isinstance(proven, Proven):
            return visiting.begin(
                connection, request, wish.leads_to, registrant_id=proven.registrant_id, address_id=proven.address_id
            )
        return proven


def _form(request: Request, wish: Wish, form: Form, faults: Faults | None = None, status: int = 200) -> Response:
    frame = frame_of(request)
    return frame.render(
        request, "resident/ask.html", status, wish=wish, form=form, errors=faults.errors if faults else [],
        phone=frame.office.settings.office_phone,
    )  # fmt: skip


def _code(
    request: Request, wish: Wish, asked: Asked, errors: list[FieldError] | None = None, status: int = 200
) -> Response:
    frame = frame_of(request)
    return frame.render(
        request, "resident/prove.html", status, wish=wish, asked=asked, errors=errors or [],
        phone=frame.office.settings.office_phone,
    )  # fmt: skip
