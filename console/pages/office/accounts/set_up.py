"""`/office/set-up/…`: a password and a second factor, by a link that works once; then the recovery codes, shown once."""

from __future__ import annotations

import segno
from fastapi import APIRouter, Request
from markupsafe import Markup
from starlette.responses import Response

from console.pages.forms import FieldError, Posted
from console.pages.frame import frame_of
from core.database import reading
from core.errors import NotAllowed
from core.i18n import t
from registry.accounts.credentials.passwords import SHORTEST, PasswordRefused
from registry.accounts.credentials.set_up import CodeRefused, SetUp, finish_set_up, set_up_of

routes = APIRouter()


@routes.get("/set-up/{token}")
def show(request: Request, token: str) -> Response:
    """Show whose account it is, the picture for the app, and the fields. Programs that open links use nothing up."""
    return _page(request, token)


@routes.post("/set-up/{token}")
def finish(request: Request, token: str, form: Posted) -> Response:
    """Take password and code; show the recovery codes: the only time."""
    office = frame_of(request).office
    chosen = (form.text("password"), form.text("code", 40))
    if chosen[0] != form.text("again"):
        return _page(request, token, FieldError("again", t("The two passwords differ. Type the same one twice.")))
    try:
        codes = finish_set_up(office.engine, office.keys, token, chosen, office.clock.now())
    except PasswordRefused as error:
        return _page(request, token, FieldError("password", error.message))
    except CodeRefused as error:
        return _page(request, token, FieldError("code", error.message))
    except NotAllowed as error:
        return _over(request, error)
    return frame_of(request).render(request, "office/accounts/codes.html", codes=codes, signed_in=False)


def picture(uri: str) -> Markup:
    """Return a QR code as SVG (ISO/IEC 18004), with the quiet zone that cameras need. Our own text: nothing in it needs escaping."""
    return Markup(segno.make(uri, error="m").svg_inline(scale=5, border=4, dark="#000", light="#fff"))  # noqa: S704


def _page(request: Request, token: str, *errors: FieldError) -> Response:
    frame = frame_of(request)
    office = frame.office
    try:
        with reading(office.engine) as connection:
            found: SetUp = set_up_of(connection, office.keys, token, office.clock.now())
    except NotAllowed as error:
        return _over(request, error)
    secret = " ".join(found.secret[at : at + 4] for at in range(0, len(found.secret), 4))
    return frame.render(
        request, "office/accounts/set-up.html", 422 if errors else 200, account=found, token=token, secret=secret,
        picture=picture(found.uri(office.name.en)), errors=list(errors), shortest=SHORTEST,
    )  # fmt: skip


def _over(request: Request, error: NotAllowed) -> Response:
    return frame_of(request).render(request, "office/accounts/over.html", 403, message=error.message)
