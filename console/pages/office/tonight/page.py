"""`/office/`: the page an officer opens half asleep. First the verdict, then what needs a person, then what happened."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256

from fastapi import APIRouter
from markupsafe import Markup, escape
from sqlalchemy import Connection
from starlette.responses import Response

from console.pages.office.feeds import ChangeLine, change_line, publisher, strip
from console.pages.office.tonight.ways import way
from console.pages.office.visit import Visit, Visitor, go, partial
from console.pictures.levels import level_badge
from console.pictures.strip import night_strips
from core.errors import NotAllowed
from core.i18n import Message, t
from notify.duty import shift_store
from notify.duty.fallback import fallback_phone
from notify.duty.shifts import Shift, on_duty
from notify.ledger.terms import channel_words
from notify.tonight import desk
from notify.tonight.happened import Happened, happened
from notify.tonight.health import last_nights
from registry.employers import list_employers
from registry.tables import Role
from sources.model import Card

routes = APIRouter()
LIVE = "live"
NIGHTS_HERE = 14
"""Nights of the picture on this page; the page of the sources shows more."""
AHEAD = timedelta(days=7)
SHOWN = 12
"""Lines of a list before the rest is folded."""


@dataclass(frozen=True)
class Duty:
    """Who is on duty, and who comes next. `fallback`: somebody is called even if nobody is on duty."""

    now: list[Shift]
    next: Shift | None
    fallback: bool


@dataclass(frozen=True)
class Step:
    """A first step of a new office, and whether it was taken."""

    words: Message
    why: Message
    href: str
    done: bool


@dataclass(frozen=True)
class Live:
    """The part that is kept fresh: the verdict, what needs a person, and a mark of both, each the same as long as it is.
    `uncounted`: some number is still to come."""

    verdict: str
    state: str
    body: Markup
    mark: str
    uncounted: bool


@dataclass(frozen=True)
class Below:
    """What stands below what needs a person."""

    since: datetime
    changes: list[ChangeLine]
    more: bool
    news: Happened
    duty: Duty
    nights: Markup
    steps: list[Step] = field(default_factory=list)


@routes.get("/")
def tonight(who: Visitor, part: str = "", mark: str = "") -> Response:
    """Show what needs a person now, and what happened; with `part`, only the first, and nothing where it is as it was."""
    if who.may(Role.AUDITOR):
        return go("/ledger")
    if not who.actor.is_office:
        raise NotAllowed(t("Only the office may do this, not {actor}.", actor=who.actor.name))
    with who.reading() as connection:
        found = desk.look(connection, who.office, who.request.app.state.sizes)
        live = _live(who, found)
        if part == LIVE and partial(who.request):
            # As it was: nothing is swapped, so that nothing jumps and nothing is read out again.
            if mark == live.mark:
                return Response(status_code=204)
            told = mark.partition("-")[0] == live.mark.partition("-")[0]
            return who.render("tonight/frame.html", live=live, again=not told)
        return who.render(
            "tonight/page.html", live=live, again=False, badge=_badge(who), below=_below(who, connection, found)
        )


def _coded(text: str) -> Markup:
    """Return a sentence in which what stands between backticks is a command or a setting."""
    parts = [
        Markup("<code>{}</code>").format(part) if number % 2 else escape(part)
        for number, part in enumerate(text.split("`"))
    ]
    return Markup("").join(parts)


def _badge(who: Visit) -> Callable[[int | None], Markup]:
    return lambda level: level_badge(level, who.language)


def _live(who: Visit, found: desk.Desk) -> Live:
    told = desk.verdict(found, who.office.settings.zone)
    values: Mapping[str, object] = {
        "desk": found, "channel": channel_words, "most": SHOWN, "badge": _badge(who), "way": way,
        "coded": lambda words: _coded(words.render(who.language)),
        "publisher": {one.card.id: publisher(one.card, one.card.id, who.language) for one in found.sources},
    }  # fmt: skip
    body = bytes(who.render("tonight/live.html", **values).body)
    line = " · ".join(one.render(who.language) for one in told.parts)
    # Markup of our own template, which escapes what it shows.
    mark = "-".join(sha256(one).hexdigest()[:16] for one in (f"{told.state} {line}".encode(), body))
    return Live(line, told.state, Markup(body.decode()), mark, found.uncounted)  # noqa: S704


def _below(who: Visit, connection: Connection, found: desk.Desk) -> Below:
    cards: dict[str, Card] = {one.card.id: one.card for one in found.sources}
    news = happened(connection, who.now)
    lines = [change_line(one.change, cards, who.language, one.id, one.as_of) for one in news.changes]
    duty = _duty(who, connection)
    on = [one.card.id for one in found.sources if one.on]
    nights = last_nights(connection, who.office, on, NIGHTS_HERE)
    strips = [
        strip(publisher(cards[name], name, who.language), nights[name], f"/office/sources/{name}") for name in on
    ]  # fmt: skip
    steps = [] if found.last is not None else _steps(who, connection, found, duty)
    return Below(news.since, lines, news.more, news, duty, night_strips("nights", strips, who.language), steps)


def _duty(who: Visit, connection: Connection) -> Duty:
    shifts = shift_store.between(connection, who.keys, who.now, who.now + AHEAD)
    later = sorted((one for one in shifts if one.begins > who.now), key=lambda one: one.begins)
    return Duty(on_duty(shifts, who.now), later[0] if later else None, bool(fallback_phone(who.office.settings)))


def _steps(who: Visit, connection: Connection, found: desk.Desk, duty: Duty) -> list[Step]:
    read = any(one.good_at is not None for one in found.sources)
    known = bool(list_employers(connection, who.actor))
    return [
        Step(t("Read the sources"), t("The first reading is what later ones are compared with; it tells nobody."), "/office/sources",
             read),
        Step(t("Register companies and people"), t("A list in Excel, or one by one: who is not registered cannot be warned."),
             "/office/companies", known),
        Step(t("Say who is on duty"), t("They are called at night when something cannot wait."), "/office/duty",
             bool(duty.now or duty.next)),
    ]  # fmt: skip
