"""Tables of the rounds: which steps were taken for the silent, and which messages they made. They hold numbers of rows only."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, SQLModel

from core.tables import BigId, id_column, text_column


class SafeCall(SQLModel, table=True):
    """One message of a round: to a silent person, to their company, or to their contact at home. Written before it is sent.

    Attributes:
        step: which step of the rounds (see `notify.safety.rounds.Step`).
        employer_id, registrant_id: to whom: a company, or (for a contact at home too) the person.
        outcome: empty until something is known; then as `notify.service.Handed` has it, or `none`: there was no way.
        tries: how often it was tried.
    """

    __tablename__ = "safe_call"
    id: int | None = Field(default=None, sa_column=id_column())
    alert_id: int = Field(sa_type=BigId, index=True)
    step: str = Field(sa_column=text_column())
    employer_id: int | None = Field(default=None, sa_type=BigId)
    registrant_id: int | None = Field(default=None, sa_type=BigId)
    outcome: str = Field(default="", max_length=20)
    code: str = Field(default="", max_length=40)
    tries: int = 0
    made_at: datetime
    ended_at: datetime | None = None


class SafeStep(SQLModel, table=True):
    """A step taken for one silent person after one alert: each once.

    Attributes:
        step: its name; behind a stroke the update that asked once more, where one did.
        call_id: the message that it made; null: notices over the person's other channels, which the outbox knows.
    """

    __tablename__ = "safe_step"
    __table_args__ = (UniqueConstraint("alert_id", "registrant_id", "step", name="uq_safe_step"),)
    id: int | None = Field(default=None, sa_column=id_column())
    alert_id: int = Field(sa_type=BigId)
    registrant_id: int = Field(sa_type=BigId)
    step: str = Field(sa_column=text_column())
    call_id: int | None = Field(default=None, sa_type=BigId, index=True)
    at: datetime
