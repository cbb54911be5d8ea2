"""`/company/settings`: tokens for the company's own systems, and the sessions of who is signed in."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import Response

from console.api.ids import Kind
from console.pages.company.visit import Visit, Visitor, go, namer
from console.pages.forms import Posted
from core.database import reading, writing
from registry.accounts.sign_in import end_sessions, sessions_of
from registry.accounts.tokens import issue_company_token, list_tokens, revoke_company_token

routes = APIRouter()


@routes.get("/settings")
def settings_page(who: Visitor) -> Response:
    """Show tokens, sessions, and the way to an export."""
    return _page(who)


@routes.post("/tokens")
def issue(who: Visitor, form: Posted) -> Response:
    """Issue a token. It stands on this page and nowhere else."""
    with writing(who.office.engine) as connection:
        token = issue_company_token(connection, who.actor, who.now)
    return _page(who, token)


@routes.post("/tokens/{id}/revoke")
def revoke(who: Visitor, id: str, form: Posted) -> Response:
    """Make a token worthless."""
    with writing(who.office.engine) as connection:
        revoke_company_token(connection, who.actor, who.ids.read(Kind.TOKEN, id), who.now)
    return go("/settings", "revoked")


@routes.post("/sessions/{id}/end")
def end(who: Visitor, id: str, form: Posted) -> Response:
    """End a session of one's own on another device."""
    with writing(who.office.engine) as connection:
        end_sessions(connection, who.session, who.now, only=who.ids.read(Kind.SESSION, id))
    return go("/settings", "session-ended")


def _page(who: Visit, token: str = "") -> Response:
    with reading(who.office.engine) as connection:
        named = namer(who, connection)
        tokens = list_tokens(connection, who.actor)
        sessions = sessions_of(connection, who.session, who.now)
    here = who.session.session_id
    return who.render("settings.html", tokens=tokens, sessions=sessions, here=here, token=token, named=named)
