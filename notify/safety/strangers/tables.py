"""The table of messages from numbers that were not asked."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import LargeBinary, UniqueConstraint
from sqlmodel import Field, SQLModel

from core.tables import id_column, text_column


class UnknownSender(SQLModel, table=True):
    """A message from a number that no alert in question was sent to: kept until an officer has looked.

    Attributes:
        key: keyed hash of the provider's number of the message: a repeated callback is one row.
        wrapped: the data key of this row, wrapped by a master key; null once it was settled and is forgotten.
        number_sealed, words_sealed: who wrote, and what.
        settled_at: an officer found out who it was, or that it does not matter.
    """

    __tablename__ = "unknown_sender"
    __table_args__ = (UniqueConstraint("key", name="uq_unknown_sender"),)
    id: int | None = Field(default=None, sa_column=id_column())
    channel: str = Field(sa_column=text_column())
    key: str = Field(max_length=64)
    wrapped: bytes | None = Field(default=None, sa_type=LargeBinary)
    number_sealed: bytes = Field(sa_type=LargeBinary)
    words_sealed: bytes = Field(sa_type=LargeBinary)
    at: datetime
    settled_at: datetime | None = None
    settled_by: str = Field(default="", max_length=100)
