"""`/office/sign-in`: name, password and code on one page; `/office/sign-out`."""

from __future__ import annotations

import re
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from starlette.responses import Response

from console.pages.device import device_of
from console.pages.forms import FieldError, Form, Posted
from console.pages.frame import YEAR, frame_of, set_cookie
from console.pages.office.visit import COOKIE, Visitor, go
from core.database import writing
from core.errors import NotAllowed
from registry.accounts import office
from registry.accounts.credentials.changing import codes_left
from registry.accounts.credentials.proving import Claim
from registry.accounts.credentials.sign_in import SignedIn, sign_in

routes = APIRouter()
BROWSER_COOKIE = "lingbao-office-browser"
MOST_MARKS = 8
"""People who share a browser and are known in it."""
PAGE = re.compile(r"/[\w\-/]*(\?[\w\-=&%.+:,]*)?", re.ASCII)
"""A page of ours, as the address after the sign-in: nothing that a browser would take for another site."""


@routes.get("/sign-in")
def door(request: Request, next: str = "") -> Response:
    """Show the fields."""
    return frame_of(request).render(request, "office/accounts/sign-in.html", typed="", next=local(next))


@routes.post("/sign-in")
def enter(request: Request, form: Posted) -> Response:
    """Let in who proves who they are; everybody else hears one sentence. Always under a new secret (ASVS 3.2.1)."""
    frame, name, then = frame_of(request), form.text("name", 80), local(form.text("next"))
    try:
        signed = sign_in(
            frame.office.engine, frame.office.keys, _claim(request, form, name),
            device_of(request.headers.get("user-agent", "")), frame.office.clock.now(),
        )  # fmt: skip
    except NotAllowed as error:
        told = {"typed": name, "next": then, "errors": [FieldError("", error.message)]}
        return frame.render(request, "office/accounts/sign-in.html", 403, **told)
    _end_old(request)
    something = signed.failed or signed.by_recovery
    answer = go("/welcome?" + urlencode({"next": then}) if something else then or "/")
    set_cookie(request, answer, COOKIE, signed.secret)
    set_cookie(request, answer, BROWSER_COOKIE, _marks(request, signed), strict=True, lasts=YEAR)
    return answer


@routes.get("/welcome")
def welcome(who: Visitor, next: str = "") -> Response:
    """Tell who comes in of wrong tries in their name, and how many recovery codes are left."""
    with who.reading() as connection:
        left = codes_left(connection, who.session)
    return who.render("accounts/welcome.html", failed=who.session.failed, left=left, next=local(next) or "/")


@routes.post("/sign-out")
def leave(who: Visitor, form: Posted) -> Response:
    """End this session, or with `all` every session of this user."""
    with who.writing() as connection:
        office.end_sessions(connection, who.session, who.now, only=None if "all" in form else who.session.session_id)
    answer = go("/sign-in")
    answer.delete_cookie(COOKIE)
    return answer


def local(page: str) -> str:
    """Return a page of the office to lead to, as it stands after `/office`; empty if it is none. Pure."""
    return page if PAGE.fullmatch(page) and "//" not in page.partition("?")[0] else ""


def _claim(request: Request, form: Form, name: str) -> Claim:
    caller = request.client.host if request.client is not None else ""
    return Claim(
        name, form.text("password"), form.text("code", 40), caller, request.cookies.get(BROWSER_COOKIE, "")[:500]
    )


def _end_old(request: Request) -> None:
    """End the session that this browser was in before: its secret is in no cookie any more."""
    here, now = frame_of(request).office, frame_of(request).office.clock.now()
    with writing(here.engine) as connection:
        try:
            old = office.session_of(connection, request.cookies.get(COOKIE, ""), now)
        except NotAllowed:
            return
        office.end_sessions(connection, old, now, only=old.session_id)


def _marks(request: Request, signed: SignedIn) -> str:
    known = [one for one in request.cookies.get(BROWSER_COOKIE, "").split(".") if re.fullmatch("[0-9a-f]{32}", one)]
    return ".".join([signed.mark, *(one for one in known if one != signed.mark)][:MOST_MARKS])
