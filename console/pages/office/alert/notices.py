"""`/office/alerts/{id}/notices`: the notices behind a number, whose they are, why they stand so, and what to do; doubts decided."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter
from sqlalchemy import Connection, Row
from starlette.background import BackgroundTask
from starlette.responses import Response

from console.pages.forms import FieldError, Posted
from console.pages.office.alert.landing import PARTS
from console.pages.office.alert.seen import After, common, look, numbers
from console.pages.office.alert.words import TAGS
from console.pages.office.visit import Visit, Worker, go
from console.pictures.bars import Part
from core.errors import BadInput, NotFound
from core.i18n import Message, t
from notify.ledger.terms import channel_words
from notify.progress import WORDS, Stands, advice, why_words
from notify.resolve import Verdict, resolve
from notify.send_off import first_calls
from notify.store import progress as store
from registry.scope.people import names_of

routes = APIRouter()
DONE = {
    "notices-again": t("They are sent again, marked as perhaps doubled."),
    "notices-let-be": t("They are let be: nothing more is sent."),
    "notices-decided": t("Somebody else decided of them already, or the provider spoke: nothing was done now."),
}
PAGE = 50
SHOWN = 3
"""People named of a notice that goes to many."""


@dataclass(frozen=True)
class Person:
    """Somebody a notice is for. `name`: empty if they were erased."""

    number: int
    name: str = field(repr=False)


@dataclass(frozen=True)
class Line:
    """One notice. `others`: people beside those named."""

    number: int
    people: tuple[Person, ...]
    others: int
    country: str
    channel: Message | str
    stands: Stands
    why: Message | str
    to_do: Message | None
    at: datetime
    doubtful: bool


@routes.get("/alerts/{id:int}/notices")
def notices_page(
    who: Worker, id: int, state: str = "", part: str = "", reason: str | None = None, after: After = 0
) -> Response:
    """List the notices of the newest version that went out which stand so: of a `state`, or of a `part` of a bar; by `every=1`
    those of all versions, and posts to groups. Whose they are is in the audit.
    """
    asked = who.request.query_params
    wanted = store.Which(_stands(state, part), reason, asked.get("channel", ""), asked.get("country", ""))
    return _page(who, id, wanted, after, every=asked.get("every", "") == "1")


@routes.post("/alerts/{id:int}/notices")
def decide(who: Worker, id: int, form: Posted) -> Response:
    """Take an officer's decision of notices in doubt."""
    word, chosen = form.text("verdict", 20), numbers(form.every("notice"))
    doubts = store.Which((Stands.UNRESOLVED,))
    if word not in set(Verdict):
        raise NotFound(t("There is no such page."))
    try:
        with who.writing() as connection:
            look(connection, who, id)
            decided = resolve(connection, id, chosen, Verdict(word), who.acting)
    except BadInput as error:
        return _page(who, id, doubts, every=True, errors=[FieldError("notices", error.message)])
    back = f"/alerts/{id}/notices?state={Stands.UNRESOLVED}&every=1"
    if not decided:
        return go(back, "notices-decided")
    answer = go(back, f"notices-{word}")
    if word == Verdict.AGAIN:
        answer.background = BackgroundTask(first_calls, who.office, id)
    return answer


def _stands(state: str, part: str) -> tuple[Stands, ...]:
    if part in set(Part):
        return PARTS[Part(part)]
    if state in set(Stands):
        return (Stands(state),)
    raise NotFound(t("There is no such page."))


def _page(
    who: Visit, id: int, wanted: store.Which, after: int = 0, *, every: bool = False, errors: Sequence[FieldError] = ()
) -> Response:
    with who.writing() as connection:
        seen = look(connection, who, id)
        if every:
            rows = store.notices_of_alert(connection, id, wanted, after=after, limit=PAGE + 1)
        else:
            rows = store.notices(connection, seen.shown.id or 0, wanted, after=after, limit=PAGE + 1)
        lines = _lines(connection, who, rows[:PAGE])
    asked = {
        name: value
        for name, value in who.request.query_params.items()
        if name in {"state", "part", "reason", "channel", "country", "every"}
    }
    more = "?" + urlencode(asked | {"after": rows[PAGE - 1].id}) if len(rows) > PAGE else ""
    return who.render(
        "alert/notices.html", 422 if errors else 200, lines=lines, wanted=wanted, words=[WORDS[one] for one in wanted.stands],
        state_words=WORDS, tags=TAGS, more=more, errors=list(errors), **common(who, seen),
        every=every, in_doubt=wanted.stands == (Stands.UNRESOLVED,), why=why_words,
    )  # fmt: skip


def _lines(connection: Connection, who: Visit, rows: Sequence[Row[Any]]) -> list[Line]:
    behind = store.people_behind(connection, [row.id for row in rows])
    shown = sorted({one.registrant_id for some in behind.values() for one in some[:SHOWN]})
    names = names_of(connection, who.actor, shown, who.keys)
    who.viewed(connection, shown)
    return [_line(row, behind.get(row.id, []), names) for row in rows]


def _line(row: Row[Any], behind: Sequence[Row[Any]], names: dict[int, str]) -> Line:
    people = tuple(Person(one.registrant_id, names.get(one.registrant_id, "")) for one in behind[:SHOWN])
    stands = Stands(row.stands)
    return Line(
        row.id, people, max(len(behind) - SHOWN, 0), row.country, channel_words(row.channel), stands, why_words(row.why),
        advice(stands, row.why), row.accepted_at or row.updated_at, row.doubtful,
    )  # fmt: skip
