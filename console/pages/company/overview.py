"""`/company/`: how the company's list stands, and what is asked of it now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from fastapi import APIRouter
from starlette.responses import Response

from console.api.ids import Kind
from console.pages.company.doubles import MOST, count_doubles
from console.pages.company.visit import Visit, Visitor, go
from console.pages.company.words import KINDS
from console.pages.dates import read_day
from console.pages.forms import FieldError, Posted
from core.audit import record
from core.database import reading, writing
from core.errors import BadInput
from core.i18n import Message
from registry import scope
from registry.asking import questions, rounds
from registry.asking.questions import OpenQuestion
from registry.asking.rounds import OpenRound
from registry.asking.rules import Answer
from registry.people import stale_before
from registry.scope.api import Wish, count_wished, people_by_country
from registry.scope.people import names_of

routes = APIRouter()
MOST_ASKED = 50


@dataclass(frozen=True)
class Numbers:
    """The figures of a company; each opens its list."""

    away: int
    stale: int
    doubtful: int
    unreached: int
    nowhere: int


@dataclass(frozen=True)
class Asked:
    """A question about somebody, as shown. `id`: public."""

    id: str
    person: str
    name: str
    country: str
    why: Message
    date_to: date | None
    asked_at: datetime
    overdue: bool


@routes.get("/")
def overview(who: Visitor) -> Response:
    """Show the figures, the question of the month, and the questions about people."""
    return _page(who)


@routes.post("/unchanged")
def unchanged(who: Visitor, form: Posted) -> Response:
    """Take the company's word that nothing changed (无变化)."""
    with writing(who.office.engine) as connection:
        rounds.confirm_unchanged(connection, who.actor, who.employer.employer_id, who.now)
    return go("/", "unchanged")


@routes.post("/questions/{id}")
def answer(who: Visitor, id: str, form: Posted) -> Response:
    """Take the answer to a question about somebody: back, or still there."""
    said = Answer.RETURNED if form.text("said") == Answer.RETURNED else Answer.STILL_THERE
    until, wrong = read_day(form.text("until"))
    if wrong is not None:
        return _page(who, [FieldError(f"until-{id}", wrong)], {id: form.text("until")})
    try:
        with writing(who.office.engine) as connection:
            end = until if said is Answer.STILL_THERE else None
            questions.answer(connection, who.actor, who.ids.read(Kind.QUESTION, id), said, who.now, until=end)
    except BadInput as error:
        return _page(who, [FieldError(f"until-{id}", error.message)], {id: form.text("until")})
    return go("/", "answered")


def _page(who: Visit, errors: list[FieldError] | None = None, typed: dict[str, str] | None = None) -> Response:
    with reading(who.office.engine) as connection:
        months = rounds.list_open(connection, who.actor, who.now)
        open_ones = questions.list_open(connection, who.actor, who.now)
        countries = people_by_country(connection, who.actor)
        numbers = Numbers(
            *(count_wished(connection, who.actor, wish) for wish in wishes(who.day).values())
        )  # fmt: skip
        stays = scope.standing_of(connection, who.actor, who.employer.employer_id)
        twice = count_doubles(connection, who)
    return who.render(
        "overview.html", 422 if errors else 200, month=_month(months), asked=_asked(who, open_ones[:MOST_ASKED]),
        more=max(0, len(open_ones) - MOST_ASKED), countries=countries, numbers=numbers, stays=len(stays),
        errors=errors or [], typed=typed or {}, twice=f"{MOST}+" if twice >= MOST else twice,
    )  # fmt: skip


def wishes(day: date) -> dict[str, Wish]:
    """Return what each figure counts, and its list shows, by the name the list has in its address."""
    return {
        "away": Wish(away=True), "stale": Wish(stale_before=stale_before(day)), "doubtful": Wish(status="doubtful"),
        "unreached": Wish(unreached=True), "nowhere": Wish(nowhere=True),
    }  # fmt: skip


def _month(months: tuple[OpenRound, ...]) -> OpenRound | None:
    return max(months, key=lambda one: one.month, default=None)


def _asked(who: Visit, found: tuple[OpenQuestion, ...]) -> list[Asked]:
    if not found:
        return []
    people = [one.registrant_id for one in found]
    with writing(who.office.engine) as connection:
        names = names_of(connection, who.actor, people, who.keys)
        shown = ",".join(str(one) for one in people)
        record(connection, actor=who.actor.name, action="people.view", subject="registrant", now=who.now, detail=shown)
    return [
        Asked(
            who.ids.show(Kind.QUESTION, one.question_id), who.ids.show(Kind.PERSON, one.registrant_id),
            names.get(one.registrant_id, ""), one.country, KINDS[one.kind], one.date_to, one.asked_at, one.overdue,
        )
        for one in found
    ]  # fmt: skip
