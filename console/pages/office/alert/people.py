"""`/office/alerts/{id}/people`: the people an alert is for, what came of each over every way, and what is to be done."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from fastapi import APIRouter
from sqlalchemy import Connection, Row
from starlette.responses import Response

from console.pages.office.alert.seen import After, common, look
from console.pages.office.alert.words import CAME_TAGS, TAGS, TO_DO
from console.pages.office.visit import Visit, Worker
from core.errors import NotFound
from core.i18n import Message, t
from notify.account import REACHED
from notify.ledger.terms import channel_words
from notify.progress import WORDS, Stands, why_words
from notify.store import progress as store
from notify.store.account import Reached, people_standing
from registry.employers import list_employers
from registry.scope.people import names_of

routes = APIRouter()
PAGE = 50


@dataclass(frozen=True)
class Way:
    """One notice to somebody."""

    channel: Message | str
    words: Message
    tag: str
    why: Message | str


@dataclass(frozen=True)
class Line:
    """One person of the alert. `name`: empty if they were erased."""

    number: int
    name: str = field(repr=False)
    country: str
    company: str
    company_id: int | None
    ways: tuple[Way, ...]


@routes.get("/alerts/{id:int}/people")
def people_page(who: Worker, id: int, came: str = "", after: After = 0) -> Response:
    """List the people of the newest version that went out, all or those of whom one thing came. The look is in the audit."""
    if came and came not in set(Reached):
        raise NotFound(t("There is no such page."))
    with who.writing() as connection:
        seen = look(connection, who, id)
        version = seen.shown.id or 0
        if came:
            numbers = people_standing(connection, id, version, Reached(came), after=after, limit=PAGE + 1)
        else:
            numbers = store.people_numbers(connection, version, after=after, limit=PAGE + 1)
        lines = _lines(connection, who, version, numbers[:PAGE])
    stands = Reached(came) if came else None
    more = f"?came={came}&after={numbers[PAGE - 1]}" if len(numbers) > PAGE else ""
    return who.render(
        "alert/people.html", lines=lines, more=more, **common(who, seen),
        words=REACHED[stands] if stands else t("people it is for"), tag=CAME_TAGS.get(stands, "") if stands else "",
        to_do=TO_DO.get(stands) if stands else None,
    )  # fmt: skip


def _lines(connection: Connection, who: Visit, version_id: int, numbers: Sequence[int]) -> list[Line]:
    names = names_of(connection, who.actor, numbers, who.keys)
    who.viewed(connection, list(numbers))
    companies = {one.employer_id: one.name for one in list_employers(connection, who.actor)}
    ways: defaultdict[int, list[Row[Any]]] = defaultdict(list)
    where: dict[int, Row[Any]] = {}
    for row in store.ways_of(connection, version_id, numbers):
        where[row.registrant_id] = row
        if row.channel is not None:
            ways[row.registrant_id].append(row)
    return [
        Line(one, names.get(one, ""), where[one].country, companies.get(where[one].employer_id, ""), where[one].employer_id,
             tuple(_way(row) for row in ways[one]))
        for one in numbers
    ]  # fmt: skip


def _way(row: Row[Any]) -> Way:
    stands = Stands(row.stands)
    return Way(channel_words(row.channel), WORDS[stands], TAGS.get(stands, ""), why_words(row.why))
