"""The table of answers to "are you safe?". Append-only, and sealed with the proof chain."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index, LargeBinary, UniqueConstraint
from sqlmodel import Field, SQLModel

from core.tables import BigId, id_column, text_column


class SafeWord(SQLModel, table=True):
    """What was said of one person after one alert: one row a person and word; nothing is ever changed.

    Attributes:
        key: the provider's number of the message, or a hash under the person's key: a repeated word is one row.
        shared: said from a number of several people who were asked.
        late: said when the alert was closed, or its force had ended.
        words_sealed: as they came, under the person's key; null: none, or there was no key any more.
        at: when it reached us.
    """

    __tablename__ = "safe_word"
    __table_args__ = (
        UniqueConstraint("alert_id", "registrant_id", "means", "key", name="uq_safe_word"),
        Index("ix_safe_word_registrant_id", "registrant_id"),
    )
    id: int | None = Field(default=None, sa_column=id_column())
    alert_id: int = Field(sa_type=BigId)
    registrant_id: int = Field(sa_type=BigId)
    answer: str = Field(sa_column=text_column())
    means: str = Field(sa_column=text_column())
    by: str = Field(max_length=100)
    key: str = Field(max_length=100)
    shared: bool = False
    late: bool = False
    words_sealed: bytes | None = Field(default=None, sa_type=LargeBinary)
    at: datetime
