"""`/company/sign-in`: a link by mail, a button, a session. Whether an address is known shows nowhere, not even in the time taken."""

from __future__ import annotations

import re
from datetime import timedelta

from fastapi import APIRouter, BackgroundTasks, Request
from starlette.responses import Response

from console.pages.company.visit import COOKIE, Visitor, go
from console.pages.device import device_of
from console.pages.forms import FieldError, Posted
from console.pages.frame import Frame, frame_of, set_cookie
from core.database import writing
from core.errors import NotAllowed
from core.i18n import t
from core.keys import blind_index
from notify.sign_in import send_links
from registry.accounts.limits import count_attempt
from registry.accounts.sign_in import LINK_LASTS, end_sessions, open_session
from registry.enrol import index_key

routes = APIRouter()
HOUR = timedelta(hours=1)
MOST_MAILS, MOST_CALLS = 5, 30
"""Links to one address, and tries of one caller, within an hour."""
MAIL = re.compile(r"[^@\s]{1,64}@[^@\s]{1,190}")


@routes.get("/sign-in")
def ask_page(request: Request) -> Response:
    """Show the field for the mail address."""
    return frame_of(request).render(request, "company/sign-in.html", mail="")


@routes.post("/sign-in")
def ask(request: Request, form: Posted, later: BackgroundTasks) -> Response:
    """Take a mail address. The link is made and sent after the answer has gone out."""
    frame, mail = frame_of(request), form.text("mail", 255)
    if not MAIL.fullmatch(mail):
        errors = [FieldError("mail", t("This is no mail address. Write it as name@example.com."))]
        return frame.render(request, "company/sign-in.html", 422, mail=mail, errors=errors)
    calls, mails = _count(frame, ("sign-in-caller", _caller(request)), ("sign-in-mail", mail.casefold()))
    if calls > MOST_CALLS:
        return _too_many(frame, request)
    # Above the limit of an address nothing is sent, and nothing else is said: one's links are in the mailbox already.
    later.add_task(_send, frame, mail if mails <= MOST_MAILS else "")
    return go("/sign-in/sent")


@routes.get("/sign-in/sent")
def sent(request: Request) -> Response:
    """Say what happens now: the same to everybody."""
    minutes = int(LINK_LASTS.total_seconds() // 60)
    return frame_of(request).render(request, "company/sent.html", minutes=minutes)


@routes.get("/sign-in/{token}")
def link_page(request: Request, token: str) -> Response:
    """Show the button. Programs that look through mails open links: that must not use one up."""
    return frame_of(request).render(request, "company/link.html", token=token[:100])


@routes.post("/sign-in/{token}")
def use_link(request: Request, token: str, form: Posted) -> Response:
    """Use up the link and begin a session, always under a new secret (ASVS 3.2.1)."""
    frame = frame_of(request)
    (calls,) = _count(frame, ("sign-in-caller", _caller(request)))
    if calls > MOST_CALLS:
        return _too_many(frame, request)
    try:
        with writing(frame.office.engine) as connection:
            device = device_of(request.headers.get("user-agent", ""))
            secret = open_session(connection, token, device=device, now=frame.office.clock.now())
    except NotAllowed as error:
        return frame.render(request, "company/link-over.html", 403, message=error.message)
    answer = go("/")
    set_cookie(request, answer, COOKIE, secret)
    return answer


@routes.post("/sign-out")
def sign_out(who: Visitor, form: Posted) -> Response:
    """End this session, or with `all` every session of this contact."""
    only = None if "all" in form else who.session.session_id
    with writing(who.office.engine) as connection:
        end_sessions(connection, who.session, who.now, only=only)
    answer = go("/sign-in")
    answer.delete_cookie(COOKIE)
    return answer


def _send(frame: Frame, mail: str) -> None:
    send_links(frame.office, mail)


def _count(frame: Frame, *tried: tuple[str, str]) -> list[int]:
    with writing(frame.office.engine) as connection:
        key, now = index_key(connection, frame.office.keys), frame.office.clock.now()
        return [count_attempt(connection, blind_index(key, kind, value), now, window=HOUR) for kind, value in tried]


def _caller(request: Request) -> str:
    return request.client.host if request.client is not None else ""


def _too_many(frame: Frame, request: Request) -> Response:
    message = t("Too often from your place within an hour. Please wait a while, or call the office.")
    return frame.render(request, "fault.html", 429, title=t("Too many tries"), message=message)
