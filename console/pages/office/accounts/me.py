"""`/office/me`: sessions, password, recovery codes, a new phone."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import Response

from console.pages.forms import FieldError, Form, Posted
from console.pages.office.visit import Visit, Visitor, go
from core.errors import NotAllowed
from core.i18n import t
from registry.accounts import office
from registry.accounts.credentials.changing import change_password, codes_left, new_recovery_codes, renew
from registry.accounts.credentials.passwords import SHORTEST, PasswordRefused

routes = APIRouter()
DONE = {
    "session-over": t("That session is over."),
    "password-changed": t("The password is changed. Every other session of yours is over."),
}


@routes.get("/me")
def me_page(who: Visitor) -> Response:
    """Show the sessions of who is signed in, and what they can change."""
    return _page(who)


@routes.post("/me/sessions/{id}/end")
def end(who: Visitor, id: int, form: Posted) -> Response:
    """End a session of one's own on another device."""
    with who.writing() as connection:
        office.end_sessions(connection, who.session, who.now, only=id)
    return go("/me", "session-over")


@routes.post("/me/password")
def change(who: Visitor, form: Posted) -> Response:
    """Change the password."""
    new = form.text("new")
    if new != form.text("again"):
        return _page(who, FieldError("again", t("The two passwords differ. Type the same one twice.")))
    try:
        given = (form.text("old"), new, form.text("password-code", 40))
        change_password(who.office.engine, who.keys, who.session, given, who.now)
    except PasswordRefused as error:
        return _page(who, FieldError("new", error.message))
    except NotAllowed as error:
        return _page(who, FieldError("old", error.message))
    return go("/me", "password-changed")


@routes.post("/me/codes")
def codes(who: Visitor, form: Posted) -> Response:
    """Make new recovery codes. They stand on this page and nowhere else."""
    try:
        made = new_recovery_codes(who.office.engine, who.keys, who.session, _proof(form, "codes"), who.now)
    except NotAllowed as error:
        return _page(who, FieldError("codes-password", error.message))
    return who.render("accounts/codes.html", codes=made, signed_in=True)


@routes.post("/me/phone")
def phone(who: Visitor, form: Posted) -> Response:
    """Lead to a set-up anew, with another phone."""
    try:
        token = renew(who.office.engine, who.keys, who.session, _proof(form, "phone"), who.now)
    except NotAllowed as error:
        return _page(who, FieldError("phone-password", error.message))
    return go(f"/set-up/{token}")


def _proof(form: Form, kind: str) -> tuple[str, str]:
    return form.text(f"{kind}-password"), form.text(f"{kind}-code", 40)


def _page(who: Visit, *errors: FieldError) -> Response:
    with who.reading() as connection:
        sessions = office.sessions_of(connection, who.session, who.now)
        left = codes_left(connection, who.session)
    return who.render(
        "accounts/me.html", 422 if errors else 200, errors=list(errors), sessions=sessions, left=left,
        here=who.session.session_id, shortest=SHORTEST,
    )  # fmt: skip
