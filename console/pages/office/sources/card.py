"""`/office/sources/{id}`: one source: its card, how it was read, what it said, and what waits for an officer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from fastapi import APIRouter
from markupsafe import Markup
from sqlalchemy import Connection
from starlette.responses import Response

from console.pages.forms import FieldError
from console.pages.office.feeds import ChangeLine, change_line, publisher, strip, web
from console.pages.office.sources.words import AUTHORITY, SHAPE, age
from console.pages.office.visit import Visit, Worker, partial
from console.pictures.strip import squares
from core.errors import NotFound
from core.i18n import Message, t
from notify import floods, reading_now
from notify.rundown import NIGHT
from notify.store import claims, nights
from notify.store.nights import Reading
from notify.tonight.health import healths, last_nights
from notify.why.decision import ACTIONS
from sources import capture_store
from sources import store as source_store
from sources.capture_store import Held, Kept, Unread
from sources.model import Advisory, Publisher

routes = APIRouter()
RUNS, SHOWN_RUNS = 120, 12
"""So many runs are looked through for this source, and so many of its readings shown."""
CAPTURES, CHANGES, UNPLACED = 20, 12, 30
QUARANTINE = timedelta(days=30)
STATUS = {"read": t("read without fault"), "broken": t("broken"), "skipped": t("not asked")}


@dataclass(frozen=True)
class Flood:
    """What is held, each change with what the policy would do with it; `mark`: which they are."""

    held: Held
    mark: str
    lines: list[tuple[ChangeLine, Message]]


@dataclass(frozen=True)
class Going:
    """A reading that goes on, or the last one that came to its end. `moved`: changes it brought."""

    since: datetime | None
    last: Reading | None


@dataclass(frozen=True)
class Said:
    """What a source said: changes, what could not be read, and what stands without a country that is known."""

    changes: list[ChangeLine]
    unread: list[Unread]
    unplaced: list[tuple[Advisory, str]]
    captures: list[Kept]


def publisher_of(who: Visit, id: str) -> Publisher:
    """Return a source.

    Raises:
        NotFound: there is none of that id.
    """
    found = who.office.sources.get(id)
    if found is None:
        raise NotFound(t("There is no source {name}.", name=id))
    return found


@routes.get("/sources/{id}")
def source(who: Worker, id: str, part: str = "") -> Response:
    """Show a source; with `part`, only whether it is being read."""
    found = publisher_of(who, id)
    if part == "reading" and partial(who.request):
        with who.reading() as connection:
            return who.render(
                "sources/reading.html", going=_going(who, connection, id), id=id, statuses=STATUS, again=True
            )
    return show(who, found.CARD.id)


def show(who: Visit, id: str, errors: list[FieldError] | None = None, status: int = 422) -> Response:
    """Return the page of a source."""
    office = who.office
    with who.reading() as connection:
        health = next(one for one in healths(connection, office) if one.card.id == id)
        drawn = last_nights(connection, office, [id])[id]
        read = [one for one in nights.readings(connection, RUNS) if one.source == id][:SHOWN_RUNS]
        held, going, said = _flood(who, connection, id), _going(who, connection, id), _said(who, connection, id)
    name = publisher(health.card, id, who.language)
    picture: Markup = squares("nights", strip(name, drawn), who.language)
    return who.render(
        "sources/card.html", status if errors else 200, errors=errors or [], id=id, called=name, health=health,
        authority=AUTHORITY[health.card.authority], shape=SHAPE[health.card.shape], url=web(health.card.url), nights=picture,
        age=None if health.good_at is None else age(who.now - health.good_at), readings=read, statuses=STATUS, night=NIGHT,
        flood=held, going=going, said_of=said, again=False,
    )  # fmt: skip


def _going(who: Visit, connection: Connection, id: str) -> Going:
    since = claims.taken_at(connection, reading_now.NAME.format(source=id), who.now)
    last = next((one for one in nights.readings(connection, 5) if one.source == id), None)
    return Going(since, last)


def _flood(who: Visit, connection: Connection, id: str) -> Flood | None:
    held = capture_store.held(connection, id)
    if not held:
        return None
    cards = {name: one.CARD for name, one in who.office.sources.items()}
    lines = [
        (change_line(one.change.change, cards, who.language, one.change.id, one.change.as_of), ACTIONS[one.decision.action])
        for one in floods.expected(connection, who.office, cards[id])
    ]  # fmt: skip
    return Flood(held[0], floods.mark(held[0]), lines)


def _said(who: Visit, connection: Connection, id: str) -> Said:
    cards = {name: one.CARD for name, one in who.office.sources.items()}
    changes = source_store.changes(connection, sources=[id], most=CHANGES)
    standing = [one for one in source_store.entries(connection, id).values() if not (one.gone or one.expired)]
    open_ = [one.advisory for one in standing if _is_open(one.advisory)]
    return Said(
        [change_line(one.change, cards, who.language, one.id, one.as_of) for one in changes],
        capture_store.unread(connection, id, who.now - QUARANTINE), [(one, web(one.url)) for one in open_[:UNPLACED]],
        capture_store.captures(connection, id, CAPTURES),
    )  # fmt: skip


def _is_open(one: Advisory) -> bool:
    """Tell whether it is not known, or not wholly, which country an advisory is about."""
    return not one.worldwide and (not one.countries or bool(one.unresolved) or bool(one.ambiguous))
