"""Questions to a company about one stay: no longer on its full list, or past its end. Nothing is ended unasked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Row

from core.audit import record
from core.errors import BadInput, NotFound
from core.i18n import t
from registry import scope
from registry import store as register
from registry.actors import SYSTEM, Actor, require_writer
from registry.asking import store
from registry.asking.rules import ANSWER_WITHIN, ASK_AGAIN_AFTER, EXPIRES_AFTER, Answer
from registry.asking.tables import QuestionKind
from registry.history import Change, Values, between
from registry.scope.freshness import Standing
from registry.tables import PostingStatus

NOWHERE = 0
"""No stay has this number."""


@dataclass(frozen=True)
class OpenQuestion:
    """A question that waits for its answer.

    Attributes:
        employer_id: None for a resident who registered alone: the office finds out.
        overdue: asked more than 14 days ago; an officer is to look after it.
    """

    question_id: int
    kind: QuestionKind
    employer_id: int | None
    registrant_id: int
    posting_id: int
    country: str
    date_to: date | None
    asked_at: datetime
    overdue: bool


def list_open(connection: Connection, actor: Actor, now: datetime) -> tuple[OpenQuestion, ...]:
    """Return the open questions this actor may see, oldest first."""
    rows = store.open_questions(connection)
    stays = scope.standing(connection, actor, [row.posting_id for row in rows])
    return tuple(
        OpenQuestion(
            row.id, QuestionKind(row.kind), row.employer_id, row.registrant_id, row.posting_id,
            stays[row.posting_id].country, stays[row.posting_id].date_to, row.asked_at, row.asked_at + ANSWER_WITHIN <= now,
        )
        for row in rows
        if row.posting_id in stays
    )  # fmt: skip


def ask_absent(
    connection: Connection, stays: Sequence[tuple[int, int]], *, employer_id: int, import_id: int, by: str, at: datetime
) -> int:
    """Ask a company about the stays its full list leaves out; return how many questions are new.

    Args:
        stays: (registrant_id, posting_id) of each. What is asked already, or was answered lately, is not asked again.
    """
    recent = at - ASK_AGAIN_AFTER
    asked = {
        row.posting_id
        for row in store.questions_about(connection, [posting for _, posting in stays])
        if row.answered_at is None or row.answered_at > recent
    }
    rows = [
        {
            "employer_id": employer_id, "registrant_id": person, "posting_id": posting, "import_id": import_id,
            "kind": QuestionKind.ABSENT, "asked_at": at, "asked_by": by,
        }
        for person, posting in stays
        if posting not in asked
    ]  # fmt: skip
    store.add_questions(connection, rows)
    return len(rows)


def ask_ended(connection: Connection, day: date, now: datetime) -> int:
    """Ask about every stay that should have ended before `day`; return how many questions are new. Repeatable."""
    rows = [
        {
            "employer_id": one.employer_id, "registrant_id": one.registrant_id, "posting_id": one.posting_id,
            "kind": QuestionKind.ENDED, "asked_at": now, "asked_by": SYSTEM.name,
        }
        for one in scope.past_their_end(connection, SYSTEM, day)
    ]  # fmt: skip
    store.add_questions(connection, rows)
    return len(rows)


def answer(
    connection: Connection, actor: Actor, question_id: int, said: Answer, now: datetime, *, until: date | None = None
) -> None:
    """Write what the company says of a stay: it is over, or the person is still there.

    Args:
        until: the new end of a stay that is not over; None: no end told.

    Raises:
        NotFound: there is no such question, or not for this actor.
        NotAllowed: the actor may not change people of this employer.
        BadInput: it is answered already, or the new end is past, or `said` is no answer of a person.
    """
    row = store.question(connection, question_id)
    # Looked for either way: a question to another company must cost the work of one that is not there.
    posting = row.posting_id if row is not None else NOWHERE
    stay = scope.standing(connection, actor, [posting]).get(posting)
    if row is None or (stay is None and row.answered_at is None):
        raise NotFound(t("There is no question {question}.", question=question_id))
    require_writer(actor, row.employer_id)
    if row.answered_at is not None or stay is None:
        raise BadInput(t("Question {question} is answered already.", question=question_id))
    if said is Answer.EXPIRED or (until is not None and until < now.date()):
        raise BadInput(t("The new end of a stay must be still to come."))
    after: dict[str, object] = {"status": PostingStatus.RETURNED}
    if said is Answer.STILL_THERE:
        after = {"status": _still(stay), "confirmed_at": now}
        if until is not None or row.kind == QuestionKind.ENDED:
            after["date_to"] = until
    register.make_changes(connection, [_change(stay, after)], by=actor.name, at=now)
    store.answer_questions(connection, {question_id: said}, by=actor.name, at=now)
    record(
        connection, actor=actor.name, action="question.answer", subject=f"question/{question_id}", now=now, detail=said
    )


def settle(connection: Connection, stays: Mapping[int, Values], *, by: str, at: datetime) -> None:
    """Close the questions about stays of which a roster has just told.

    Args:
        stays: the columns that changed, by id of the posting: returned answers every question, a stay that is there
            answers that it was missing from the list, and one with another end, or with none any more, that it should be over.
            A row that repeats the old end answers nothing; it confirms the stay, and `let_expire` leaves that alone.
    """
    answers: dict[int, str] = {}
    for row in store.questions_about(connection, list(stays)):
        after = stays[row.posting_id]
        if row.answered_at is not None:
            continue
        if after.get("status") == PostingStatus.RETURNED:
            answers[row.id] = Answer.RETURNED
        elif row.kind == QuestionKind.ABSENT or "date_to" in after:
            answers[row.id] = Answer.STILL_THERE
    store.answer_questions(connection, answers, by=by, at=at)


def let_expire(connection: Connection, now: datetime) -> tuple[int, int]:
    """Doubt the stays past their end about which nobody answered for 14 days, and end them after 60 days more.

    Never ended so: somebody missing from a list, a stay that somebody confirmed after the question (a roster that repeats the
    old end), and one of no employer, about which nobody was asked. These questions stay open, and an officer reads of them.
    Repeatable.

    Returns:
        How many stays became doubtful, and how many are over.
    """
    due = [row for row in store.open_questions(connection) if row.kind == QuestionKind.ENDED]
    due = [row for row in due if row.asked_at + ANSWER_WITHIN <= now]
    stays = scope.standing(connection, SYSTEM, [row.posting_id for row in due])
    over = {row.posting_id: row.id for row in due if _may_end(row, stays, now)}
    ended = [one for number, one in stays.items() if number in over]
    doubted = [one for number, one in stays.items() if number not in over and one.status != PostingStatus.DOUBTFUL]
    changes = [_change(one, {"status": PostingStatus.RETURNED}) for one in ended]
    changes += [_change(one, {"status": PostingStatus.DOUBTFUL}) for one in doubted]
    register.make_changes(connection, changes, by=SYSTEM.name, at=now)
    store.answer_questions(connection, {over[one.posting_id]: Answer.EXPIRED for one in ended}, by=SYSTEM.name, at=now)
    return len(doubted), len(ended)


def _may_end(row: Row[Any], stays: Mapping[int, Standing], now: datetime) -> bool:
    stay = stays.get(row.posting_id)
    asked_long_ago = row.asked_at + ANSWER_WITHIN + EXPIRES_AFTER <= now
    return asked_long_ago and stay is not None and stay.employer_id is not None and stay.confirmed_at <= row.asked_at


def _still(stay: Standing) -> PostingStatus:
    return PostingStatus.ABROAD if stay.status == PostingStatus.DOUBTFUL else stay.status


def _change(stay: Standing, after: Values) -> Change:
    before = {"status": stay.status, "date_to": stay.date_to, "confirmed_at": stay.confirmed_at}
    return between(stay.registrant_id, "posting", stay.posting_id, before, after)
