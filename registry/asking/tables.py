"""What companies are asked, and what they answered."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field, SQLModel

import registry.tables  # noqa: F401  (our foreign keys point to its tables)
from core.tables import BigId, id_column, text_column


class QuestionKind(StrEnum):
    """What a company is asked about a person."""

    ABSENT = "absent"
    ENDED = "ended"


class Question(SQLModel, table=True):
    """A question to a company about one posting: no longer on the full list, or past its end. Nothing is deleted unasked.

    Attributes:
        answer: `returned`, `still-there` or `expired` (nobody answered in time); empty while it is open.
    """

    __tablename__ = "question"
    __table_args__ = (Index("ix_question_open", "employer_id", "answered_at"),)
    id: int | None = Field(default=None, sa_column=id_column())
    employer_id: int | None = Field(default=None, sa_type=BigId, foreign_key="employer.id")
    registrant_id: int = Field(sa_type=BigId, foreign_key="registrant.id")
    posting_id: int = Field(sa_type=BigId, foreign_key="posting.id", index=True)
    import_id: int | None = Field(default=None, sa_type=BigId, foreign_key="roster_import.id", index=True)
    kind: str = Field(sa_column=text_column())
    asked_at: datetime
    asked_by: str = Field(max_length=100)
    answer: str = Field(default="", max_length=20)
    answered_at: datetime | None = None
    answered_by: str | None = Field(default=None, max_length=100)


class ConfirmationRound(SQLModel, table=True):
    """The monthly question to a company: is your list still right?

    Attributes:
        month: of the office's calendar, as "2026-11".
        reminders: how many reminders went out; after two the officer is told.
        answer: `unchanged` or `roster`; empty while it is open.
    """

    __tablename__ = "confirmation_round"
    __table_args__ = (UniqueConstraint("employer_id", "month", name="uq_confirmation_round"),)
    id: int | None = Field(default=None, sa_column=id_column())
    employer_id: int = Field(sa_type=BigId, foreign_key="employer.id")
    month: str = Field(max_length=7)
    asked_at: datetime
    reminders: int = 0
    reminded_at: datetime | None = None
    answer: str = Field(default="", max_length=20)
    answered_at: datetime | None = None
    answered_by: str | None = Field(default=None, max_length=100)
