"""`/office/alerts/{id}`: what an alert says, what can be done now, how it lands, and its chain."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from fastapi import APIRouter
from sqlalchemy import Connection, Row
from starlette.responses import Response

from console.pages.office.alert import landing, seen
from console.pages.office.alert.levels import beside
from console.pages.office.alert.steps import OPEN, choice
from console.pages.office.alert.words import ACTS, CAME_TAGS, TAGS, action_words, rule_words, stage_words
from console.pages.office.visit import Visit, Worker, partial
from notify.account import REACHED
from notify.ledger.terms import KINDS, channel_words
from notify.own.narrowing import narrowing
from notify.progress import WORDS, advice, why_words
from notify.ref import fill
from notify.since import said_since
from notify.size import size_of
from notify.store import alerts as store
from notify.store import progress
from notify.store.safety import asking
from notify.tables import AlertText, AlertVersion, VersionKind

routes = APIRouter()
CODE = "······"
"""Shown where each notice has its reference code."""
STOP_ASKING = 286
"""The answer that ends the polling of a part of a page (htmx 2, hx-trigger="every")."""
NO_NEWS = 204
SAID: Mapping[str, Any] = {
    "acts": ACTS, "stage_of": stage_words, "state_words": WORDS, "tags": TAGS, "came_words": REACHED, "came_tags": CAME_TAGS,
    "why": why_words, "advice": advice, "action_words": action_words, "kinds": KINDS, "kind_of": VersionKind,
}  # fmt: skip
"""The words of the live part, by the names its template has for them."""


@routes.get("/alerts/{id:int}")
def alert_page(who: Worker, id: int, seen_mark: str = "") -> Response:
    """Show an alert. A script asks every two seconds for the live part; nothing is sent while nothing has changed."""
    with who.reading() as connection:
        found = seen.look(connection, who, id)
        landed = landing.land(connection, who, found)
        mark, over = _mark(found, landed), _is_quiet(found, landed)
        if partial(who.request):
            if mark == seen_mark and not over:
                return Response(status_code=NO_NEWS)
            return who.render("alert/live.html", STOP_ASKING if over else 200, **_live(connection, who, found, landed))
        values = _live(connection, who, found, landed) | _still(connection, who, found) | {"full": True}
    return who.render("alert/page.html", **values)


def _mark(found: seen.Seen, landed: landing.Landing | None) -> str:
    return found.mark if landed is None else landed.mark


def _is_quiet(found: seen.Seen, landed: landing.Landing | None) -> bool:
    """Tell whether the page need not ask any more: nothing waits for another person or a machine. Who paused it may let it go on."""
    return found.shown.paused_at is None and found.newest.status not in OPEN and (landed is None or landed.over)


def _live(connection: Connection, who: Visit, found: seen.Seen, landed: landing.Landing | None) -> dict[str, Any]:
    by_channel, by_country = landing.bars(landed, found.number, who) if landed is not None else ("", "")
    chain = progress.chain(connection, found.number)
    planned = size_of(connection, found.newest).people if landed is None else 0
    return seen.common(who, found) | dict(SAID) | {
        "landed": landed, "choice": choice(found.case), "by_channel": by_channel, "by_country": by_country,
        "mark": _mark(found, landed), "quiet": _is_quiet(found, landed), "planned": planned, "full": False, "chain": chain,
        "history": _history(connection, chain), "errors": [],
    }  # fmt: skip


def _still(connection: Connection, who: Visit, found: seen.Seen) -> dict[str, Any]:
    newest, chain = found.newest, progress.chain(connection, found.number)
    assert newest.id is not None
    waits = newest.released_at is None
    return {
        "texts": {one.id: _texts(connection, one) for one in chain},
        "advisory": progress.advisory_of(connection, newest), "since": said_since(connection, newest) if waits else None,
        "narrowing": narrowing(connection, newest) if waits and found.places else None, "channel": channel_words,
        "levels": beside(connection, who, found.countries) if waits else [], "rule": rule_words(newest.rule),
        "asks": bool(asking(connection, [found.number])), "origin": _origin(newest, who), "code": CODE,
    }  # fmt: skip


def _texts(connection: Connection, version: AlertVersion) -> Sequence[AlertText]:
    """Return the texts for whoever is there, with a mark in place of the reference; the wordings for few are on the check page."""
    found = [one for one in store.texts(connection, version.id or 0) if one.variant == "abroad"]
    for one in found:
        one.body = fill(one.body, CODE)
    return found


def _history(connection: Connection, chain: Sequence[AlertVersion]) -> list[tuple[int, Row[Any]]]:
    """Return what was done, oldest first, each with the number of its version."""
    numbers: Mapping[str, int] = {store.subject(one.id or 0): one.no for one in chain}
    rows = progress.history(connection, [one.id or 0 for one in chain])
    return [(numbers[row.object], row) for row in rows]


def _origin(version: AlertVersion, who: Visit) -> str:
    zh, _, en = version.origin_name.partition("|")
    return (en or zh) if who.language == "en" else zh
