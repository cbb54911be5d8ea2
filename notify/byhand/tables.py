"""The table of what was told by hand. Append-only, and sealed with the proof chain."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import LargeBinary, Text
from sqlmodel import Field, SQLModel

from core.tables import BigId, id_column, text_column


class Way(StrEnum):
    """How somebody was told by hand."""

    WECHAT_GROUP = "wechat-group"
    PHONE = "phone"
    VISIT = "visit"
    OTHER = "other"


class ByHand(SQLModel, table=True):
    """Somebody was told of an alert without this program: a person, a company, or a group whose members nobody knows here.

    Attributes:
        version_id: the version that was the newest word then.
        confirmed: for a company: it said that its people were told. Only then they count as told.
        at: when it happened; `created_at` is when it was written down.
        note: plain, for a company or a group: holds no number and no mail address.
        note_sealed: under the person's key, for a person.
        withdraws: the earlier row that does not hold; the note says why.
    """

    __tablename__ = "by_hand"
    id: int | None = Field(default=None, sa_column=id_column())
    alert_id: int = Field(sa_type=BigId, index=True)
    version_id: int = Field(sa_type=BigId)
    registrant_id: int | None = Field(default=None, sa_type=BigId, index=True)
    employer_id: int | None = Field(default=None, sa_type=BigId)
    group_name: str = Field(default="", max_length=100)
    way: str = Field(sa_column=text_column())
    confirmed: bool = False
    at: datetime
    note: str = Field(default="", sa_type=Text)
    note_sealed: bytes | None = Field(default=None, sa_type=LargeBinary)
    withdraws: int | None = Field(default=None, sa_type=BigId)
    created_at: datetime
    created_by: str = Field(max_length=100)
