"""`/office/brief`: the brief of a day, as it is read in the morning and printed."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from fastapi import APIRouter
from markupsafe import Markup
from starlette.responses import Response

from console.pages.office.visit import Visit, Worker
from core.errors import BadInput, NotFound
from core.i18n import t
from notify.brief import brief
from notify.markup import fragment
from notify.rundown import NIGHT, last_night
from notify.store import nights
from notify.store.proof import last_run

routes = APIRouter()
FIRST, LAST = date(2000, 1, 1), date(2999, 12, 31)
"""Days that can be asked for."""


@routes.get("/brief")
def brief_page(who: Worker, day: str = "") -> Response:
    """Show the brief of a day; without one that of the last night, as things stand now."""
    text, shown = _last(who) if not day else _of(who, _day(day))
    zone = ZoneInfo(who.office.settings.zone)
    with who.reading() as connection:
        before = nights.night_beside(connection, NIGHT, _begin(shown, zone), later=False)
        after = nights.night_beside(connection, NIGHT, _begin(shown + timedelta(days=1), zone), later=True)
    return who.render(
        # Markdown is read with every tag of its text escaped (`notify.markup`).
        "tonight/brief.html", shown=shown, text=Markup(fragment(text)), stands=not day,  # noqa: S704
        before=before and before.astimezone(zone).date(), after=after and after.astimezone(zone).date(),
    )  # fmt: skip


def _last(who: Visit) -> tuple[str, date]:
    with who.reading() as connection:
        last = last_run(connection, NIGHT)
    if last is None:
        return t("# No brief yet\n\nNo night has been worked to its end yet.").render(who.language), who.day
    return _written(who, last_night(who.office, who.language)), who.frame.local(last.as_of).date()


def _of(who: Visit, day: date) -> tuple[str, date]:
    zone = ZoneInfo(who.office.settings.zone)
    with who.reading() as connection:
        run = nights.night_within(connection, NIGHT, _begin(day, zone), _begin(day + timedelta(days=1), zone))
    if run is None or run.summary is None:
        raise NotFound(t("There was no night on {day}.", day=day.isoformat()))
    return _written(who, dict(run.summary)), day


def _written(who: Visit, summary: dict[str, object]) -> str:
    name = who.office.name
    return brief(summary, name.en if who.language == "en" else name.zh, who.office.settings.zone, who.language)


def _day(text: str) -> date:
    try:
        found = date.fromisoformat(text)
    except ValueError as error:
        raise BadInput(t("Write the day as 2026-11-22.")) from error
    if not FIRST <= found <= LAST:
        raise BadInput(t("Write the day as 2026-11-22."))
    return found


def _begin(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time.min, zone)
