"""`/office/sources`: all sources, the broken ones first, with the reason and what to do."""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import APIRouter
from markupsafe import Markup
from starlette.responses import Response

from console.pages.office.feeds import publisher, strip
from console.pages.office.sources.words import AUTHORITY, age
from console.pages.office.visit import Worker
from console.pictures.strip import squares
from core.i18n import Message, t
from notify.tonight.health import Health, healths, last_nights
from sources import capture_store

routes = APIRouter()


@dataclass(frozen=True)
class Row:
    """One source in the table. `age`: since its last good reading; None: there was none."""

    health: Health
    name: str
    authority: Message
    age: Message | None
    nights: Markup


@routes.get("/sources")
def sources(who: Worker) -> Response:
    """Show all sources: what was not read first, then what is, then what is switched off."""
    with who.reading() as connection:
        found = healths(connection, who.office)
        held = capture_store.held(connection)
        nights = last_nights(connection, who.office, [one.card.id for one in found if one.on])
    rows = []
    for one in found:
        name = publisher(one.card, one.card.id, who.language)
        drawn = squares(f"nights-{one.card.id}", strip(name, nights[one.card.id]), who.language) if one.on else Markup()
        passed = None if one.good_at is None else age(who.now - one.good_at)
        rows.append(Row(one, name, AUTHORITY[one.card.authority], passed, drawn))
    return who.render(
        "sources/table.html", sick=[one for one in rows if one.health.sick],
        well=[one for one in rows if one.health.on and not one.health.sick], off=[one for one in rows if not one.health.on],
        held=held, names={one.health.card.id: one.name for one in rows}, title_of=t("Sources"),
    )  # fmt: skip
