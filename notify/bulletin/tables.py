"""The table of released bulletins. Append-only, and sealed with the proof chain."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Text, UniqueConstraint
from sqlmodel import Field, SQLModel

from core.tables import id_column


class Bulletin(SQLModel, table=True):
    """The bulletin of one week, as it was released. Drafts are files of the office, and not kept here.

    Attributes:
        week: ISO week, as `2026-W47`; of a corrected edition with its number, as `2026-W47/2`.
        markdown: the text that was released; `sha256` is its hash.
    """

    __tablename__ = "bulletin"
    __table_args__ = (UniqueConstraint("week", name="uq_bulletin_week"),)
    id: int | None = Field(default=None, sa_column=id_column())
    week: str = Field(max_length=16)
    title: str = Field(max_length=200)
    language: str = Field(max_length=10)
    markdown: str = Field(sa_type=Text)
    sha256: str = Field(max_length=64)
    released_at: datetime
    released_by: str = Field(max_length=100)
