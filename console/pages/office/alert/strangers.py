"""The telephone list of a roll call, to print; and messages from numbers nobody asked, given to whom they are from."""

from __future__ import annotations

from collections.abc import Sequence

from fastapi import APIRouter
from sqlalchemy import Connection
from starlette.responses import Response

from console.pages.forms import FieldError, Posted
from console.pages.office.alert.safety import TAGS
from console.pages.office.alert.seen import common, look, numbers
from console.pages.office.visit import Visit, Worker, go
from core.errors import NotFound
from core.i18n import t
from notify.alerts import MOST_NUMBER
from notify.ledger.terms import channel_words
from notify.safety.model import Answer
from notify.safety.phone_list import phone_list
from notify.safety.strangers.assign import assign
from notify.safety.strangers.keep import list_open, settle
from notify.safety.tally import STATE_WORDS, State
from registry.scope.people import people_numbered

routes = APIRouter()
PHONES = frozenset({"sms", "whatsapp", "voice"})
MOST = 300
"""People on a list that is called through in one go, the most pressing."""
DONE = {
    "stranger-given": t("Written down as their word; the message is off the list."),
    "stranger-settled": t("The message is off the list, and what it said is forgotten."),
}


@routes.get("/alerts/{id:int}/safety/phone")
def phone_page(who: Worker, id: int) -> Response:
    """Show whom to call, the most pressing first, with numbers and what was tried. The look is in the audit."""
    with who.writing() as connection:
        seen = look(connection, who, id)
        found = phone_list(connection, id, who.actor, who.keys, who.now)
        stopped = _stopped(connection, who, [one.registrant_id for one in found[:MOST]])
    return who.render(
        "alert/phone.html", lines=found[:MOST], more=len(found) - MOST, state_words=STATE_WORDS, tags=TAGS, stopped=stopped,
        **common(who, seen),
    )  # fmt: skip


def _stopped(connection: Connection, who: Visit, people: Sequence[int]) -> dict[int, list[str]]:
    """Return the numbers of people that are not written to any more: for a call they may do, and the officer should know of them."""
    found: dict[int, list[str]] = {}
    for one in people_numbered(connection, who.actor, who.keys, people):
        numbers_of = [at.value for at in one.addresses if at.stopped_at is not None and at.channel in PHONES]
        found[one.registrant_id] = list(dict.fromkeys(numbers_of))
    return found


@routes.get("/alerts/{id:int}/safety/strangers")
def strangers_page(who: Worker, id: int) -> Response:
    """Show messages from numbers that were not asked, to find out whose they are. The look is in the audit."""
    return _page(who, id)


@routes.post("/alerts/{id:int}/safety/strangers/{number:int}")
def give(who: Worker, id: int, number: int, form: Posted) -> Response:
    """Give a message to the person it is from, or take it off the list."""
    if number > MOST_NUMBER:
        raise NotFound(t("There is no such page."))
    if "settle" in form:
        with who.writing() as connection:
            settle(connection, who.actor, number, who.now)
        return go(f"/alerts/{id}/safety/strangers", "stranger-settled")
    answer, found = form.text("answer", 20), numbers([form.text("person", 20)])
    field = f"person-{number}"
    if not found:
        return _page(who, id, [FieldError(field, t("Write the person's number, as the list of people shows it."))])
    if answer not in set(Answer):
        return _page(who, id, [FieldError(field, t("Say whether they are safe or need help."))])
    try:
        with who.writing() as connection:
            assign(connection, number, (id, found[0], Answer(answer)), who.acting, who.keys)
    except NotFound as error:
        return _page(who, id, [FieldError(field, error.message)])
    return go(f"/alerts/{id}/safety/strangers", "stranger-given")


def _page(who: Visit, id: int, errors: Sequence[FieldError] = ()) -> Response:
    with who.writing() as connection:
        seen = look(connection, who, id)
        found = list_open(connection, who.actor, who.keys, who.now)
    answers = [
        (State.SAFE, STATE_WORDS[State.SAFE]),
        (State.HELP, STATE_WORDS[State.HELP]),
        (State.UNCLEAR, STATE_WORDS[State.UNCLEAR]),
    ]
    return who.render(
        "alert/strangers.html", 422 if errors else 200, lines=found, errors=list(errors), channel=channel_words,
        answers=[(one.value, words) for one, words in answers], **common(who, seen),
    )  # fmt: skip
