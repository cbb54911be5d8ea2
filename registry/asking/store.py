"""SQL of questions and rounds. It holds ids and dates only; who may see a person is asked at the door, `registry/scope`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, delete, func, insert, select, update

from core.tables import table
from registry.asking.tables import ConfirmationRound, Question

QUESTIONS, ROUNDS = table(Question), table(ConfirmationRound)
CHUNK = 900  # values in one IN list; older SQLite allows 999


def add_questions(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert questions."""
    if rows:
        connection.execute(insert(QUESTIONS), list(rows))


def open_questions(connection: Connection, *, employer_id: int | None = None) -> Sequence[Row[Any]]:
    """Return the questions without an answer, oldest first; of one employer, or of all."""
    query = select(QUESTIONS).where(QUESTIONS.c.answered_at.is_(None)).order_by(QUESTIONS.c.asked_at, QUESTIONS.c.id)
    if employer_id is not None:
        query = query.where(QUESTIONS.c.employer_id == employer_id)
    return connection.execute(query).all()


def question(connection: Connection, question_id: int) -> Row[Any] | None:
    """Return a question, if there is one of this id."""
    return connection.execute(select(QUESTIONS).where(QUESTIONS.c.id == question_id)).one_or_none()


def questions_about(connection: Connection, posting_ids: Sequence[int]) -> list[Row[Any]]:
    """Return every question, answered or not, about these postings, oldest first."""
    found: list[Row[Any]] = []
    for start in range(0, len(posting_ids), CHUNK):
        chunk = posting_ids[start : start + CHUNK]
        found += connection.execute(
            select(QUESTIONS).where(QUESTIONS.c.posting_id.in_(chunk)).order_by(QUESTIONS.c.id)
        ).all()
    return found


def answer_questions(connection: Connection, answers: Mapping[int, str], *, by: str, at: datetime) -> None:
    """Write answers, by id of the question; what is answered already stays as it is."""
    statement = update(QUESTIONS).where(QUESTIONS.c.id == bindparam("question"), QUESTIONS.c.answered_at.is_(None))
    statement = statement.values(answer=bindparam("word"), answered_at=at, answered_by=by)
    if answers:
        connection.execute(statement, [{"question": one, "word": word} for one, word in answers.items()])


def take_questions_back(connection: Connection, import_id: int) -> None:
    """Delete the questions a roster raised and nobody has answered: the roster is undone."""
    mine = (QUESTIONS.c.import_id == import_id, QUESTIONS.c.answered_at.is_(None))
    connection.execute(delete(QUESTIONS).where(*mine))


def reopen_questions(connection: Connection, question_ids: Iterable[int]) -> None:
    """Take the answers of questions back: the roster that gave them is undone."""
    statement = update(QUESTIONS).where(QUESTIONS.c.id == bindparam("question"))
    given = [{"question": one} for one in question_ids]
    if given:
        connection.execute(statement.values(answer="", answered_at=None, answered_by=None), given)


def add_rounds(connection: Connection, employer_ids: Sequence[int], month: str, at: datetime) -> None:
    """Insert a round of a month for each of these employers."""
    if employer_ids:
        rows = [{"employer_id": one, "month": month, "asked_at": at, "reminders": 0} for one in employer_ids]
        connection.execute(insert(ROUNDS), rows)


def asked_in(connection: Connection, month: str) -> set[int]:
    """Return the employers that were asked in this month."""
    return set(connection.execute(select(ROUNDS.c.employer_id).where(ROUNDS.c.month == month)).scalars())


def open_rounds(connection: Connection, *, employer_id: int | None = None) -> Sequence[Row[Any]]:
    """Return the newest round of each employer, if it has no answer; of one employer, or of all."""
    newest = select(func.max(ROUNDS.c.id)).group_by(ROUNDS.c.employer_id)
    query = select(ROUNDS).where(ROUNDS.c.answered_at.is_(None), ROUNDS.c.id.in_(newest)).order_by(ROUNDS.c.id)
    if employer_id is not None:
        query = query.where(ROUNDS.c.employer_id == employer_id)
    return connection.execute(query).all()


def write_reminders(connection: Connection, round_ids: Sequence[int], at: datetime) -> None:
    """Count a reminder more for each of these rounds."""
    statement = update(ROUNDS).where(ROUNDS.c.id == bindparam("round"))
    statement = statement.values(reminders=ROUNDS.c.reminders + 1, reminded_at=at)
    if round_ids:
        connection.execute(statement, [{"round": one} for one in round_ids])


def close_rounds(connection: Connection, employer_id: int, *, answer: str, by: str, at: datetime) -> int:
    """Close every open round of an employer; return how many there were."""
    mine = (ROUNDS.c.employer_id == employer_id, ROUNDS.c.answered_at.is_(None))
    values = {"answer": answer, "answered_at": at, "answered_by": by}
    return connection.execute(update(ROUNDS).where(*mine).values(values)).rowcount


def reopen_rounds(connection: Connection, employer_id: int, *, answer: str, by: str, at: datetime) -> None:
    """Open the rounds again that were closed with this answer at this moment: the roster that did it is undone."""
    mine = (ROUNDS.c.employer_id == employer_id, ROUNDS.c.answer == answer, ROUNDS.c.answered_by == by)
    values = {"answer": "", "answered_at": None, "answered_by": None}
    connection.execute(update(ROUNDS).where(*mine, ROUNDS.c.answered_at == at).values(values))
