"""`/office/settings`: the doors to what is set up once and changed seldom."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import Response

from console.pages.office.visit import Visitor
from core.i18n import Message, t
from registry.tables import Role

routes = APIRouter()
DOORS: tuple[tuple[str, Message, Message], ...] = (
    ("/office/policy", t("Rules"), t("who is told what by itself, and what waits for an officer")),
    ("/office/silences", t("Silences"), t("what is kept quiet for a while, by whom and why")),
    ("/office/texts", t("Templates"), t("the office's own wordings")),
    ("/office/duty", t("Duty table"), t("who is called at night")),
    ("/office/me", t("My account"), t("password, second factor, sessions")),
)
FOR_ADMINISTRATORS: tuple[tuple[str, Message, Message], ...] = (
    ("/office/users", t("Users"), t("who may do what")),
    ("/office/audit", t("Audit"), t("who did what, and when")),
)
FOR_AUDITORS = (FOR_ADMINISTRATORS[1], DOORS[-1])


@routes.get("/settings")
def settings_page(who: Visitor) -> Response:
    """Show the doors that are open to the reader."""
    doors = DOORS + (FOR_ADMINISTRATORS if who.may(Role.ADMINISTRATOR) else ())
    return who.render("settings.html", doors=FOR_AUDITORS if who.may(Role.AUDITOR) else doors)
