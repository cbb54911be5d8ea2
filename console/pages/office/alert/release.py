"""`/office/alerts/{id}/release`: the last look before an alert goes out, and the one button that sends it.

Who, how many, what it says first, what it costs and how long it takes stand where the decision is made; the country is typed.
"""

from __future__ import annotations

from collections.abc import Sequence

from fastapi import APIRouter
from starlette.background import BackgroundTask
from starlette.responses import Response

from console.pages.forms import FieldError, Form, Posted
from console.pages.office.alert.levels import beside
from console.pages.office.alert.page import CODE
from console.pages.office.alert.seen import Seen, common, look
from console.pages.office.alert.steps import OPEN, Act, choice
from console.pages.office.visit import Visit, Worker, go
from core.errors import BadInput
from core.i18n import Message, t
from notify.ledger.terms import channel_words
from notify.own.confirm import refuse_unconfirmed
from notify.own.rehearsal import Question, Show, rehearse_version
from notify.own.told import told_by_own
from notify.preview import Preview
from notify.ref import fill
from notify.send_off import CHANGED, first_calls, likeness, send_off
from notify.since import said_since
from notify.size import size_of
from registry.scope.people import names_of

routes = APIRouter()
DONE = {
    "alert-sent": t("It is being sent. This page shows how it lands."),
    "alert-approved": t("Approved. It leaves by itself at its moment."),
    "alert-already": t(
        "It was sent already, and went out once: by somebody else, or by an earlier press of the button."
    ),
}
FIRST_LINE = 80
"""Characters of a first line: a text message is all one line."""
READY = t("Type the name of one of its countries, as a last look.")


@routes.get("/alerts/{id:int}/release")
def release_page(who: Worker, id: int, show: str = "") -> Response:
    """Show what would go out, to whom, at what price, until when; with `show` by name who is told, or who cannot be reached."""
    return _page(who, id, show=Show(show) if show in set(Show) else Show.NOBODY)


@routes.post("/alerts/{id:int}/release")
def release(who: Worker, id: int, form: Posted) -> Response:
    """Send an alert, once: approved by whoever presses if it needs a second person."""
    with who.reading() as connection:
        seen = look(connection, who, id)
        if seen.newest.status not in OPEN:
            return go(f"/alerts/{id}", "alert-already")
        wrong = _unseen(seen, form, likeness(connection, seen.newest), size_of(connection, seen.newest).people)
    wrong = wrong or _unconfirmed(seen, form.text("confirm"))
    if wrong:
        return _page(who, id, wrong, form.text("confirm"))
    try:
        with who.writing() as connection:
            sent = send_off(connection, seen.newest.id or 0, who.acting, seen=form.text("mark"))
    except BadInput as error:
        return _refused(who, id, seen, error.message)
    if sent.at is not None:
        return go(f"/alerts/{id}", "alert-approved")
    answer = go(f"/alerts/{id}", "alert-sent")
    answer.background = BackgroundTask(first_calls, who.office, id)
    return answer


def _unseen(seen: Seen, form: Form, mark: str, people: int) -> list[FieldError]:
    """Refuse what is not as it was shown: changed by somebody, or for more or fewer people."""
    if form.text("mark") != mark:
        return [FieldError("confirm", CHANGED)]
    shown = form.text("people", 12)
    if shown != str(people):
        return [FieldError("confirm", t("It was for {shown} people when you opened this page and is for {people} now. Look once more.",
                                        shown=shown, people=people))]  # fmt: skip
    return []


def _unconfirmed(seen: Seen, typed: str) -> list[FieldError]:
    if not typed:
        return [FieldError("confirm", READY)]
    try:
        refuse_unconfirmed(typed, seen.countries)
    except BadInput as error:
        return [FieldError("confirm", error.message)]
    return []


def _refused(who: Visit, id: int, before: Seen, why: Message) -> Response:
    """Say why it was not sent; where somebody was faster, lead to the alert: it went out once."""
    with who.reading() as connection:
        seen = look(connection, who, id)
    if seen.newest.id == before.newest.id and seen.newest.status in OPEN:
        return _page(who, id, [FieldError("confirm", why)])
    return go(f"/alerts/{id}", "alert-already")


def _page(
    who: Visit, id: int, errors: Sequence[FieldError] = (), typed: str = "", show: Show = Show.NOBODY
) -> Response:
    with who.reading() as connection:
        seen = look(connection, who, id)
        if seen.newest.status not in OPEN:
            return go(f"/alerts/{id}")
        step = choice(seen.case)
        if step.main is not Act.RELEASE and Act.RELEASE not in step.others:
            return go(f"/alerts/{id}")  # says why not, and what is open
        mark, people = likeness(connection, seen.newest), size_of(connection, seen.newest).people
        own = told_by_own(connection, seen.newest)
        levels, since = beside(connection, who, seen.countries), said_since(connection, seen.newest)
    whole = rehearse_version(who.office, id, who.acting, Question(show))
    assert whole.seen is not None  # it was asked for, whatever it takes
    return who.render(
        "alert/release.html", 422 if errors else 200, rehearsed=whole.seen, mark=mark, people=people,
        levels=levels, since=since, errors=list(errors), typed=typed, first=_first(whole.seen, who),
        channel=channel_words, code=CODE, why=step.why, fill=fill, own=own, show=show.value, listed=_named(who, whole.listed),
        **common(who, seen),
    )  # fmt: skip


def _named(who: Visit, people: Sequence[int]) -> dict[int, str]:
    """Return the names of these people; the look is in the audit."""
    if not people:
        return {}
    with who.writing() as connection:
        found = names_of(connection, who.actor, people, who.keys)
        who.viewed(connection, list(people))
    return {one: found.get(one, "") for one in people}


def _first(rehearsed: Preview, who: Visit) -> str:
    """Return the first line of what most people read, in the reader's language where there is one."""
    mine = sorted(rehearsed.texts, key=lambda one: (one.language != who.language, one.variant != "abroad", one.id or 0))
    body = next((fill(one.body, CODE) for one in mine), "")
    line = body.strip().partition("\n")[0]
    return line if len(line) <= FIRST_LINE else line[:FIRST_LINE] + "…"
