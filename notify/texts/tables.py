"""Tables of what an office words and corrects by itself: wordings of notices and telephone numbers. Both are append-only."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index, Text, UniqueConstraint
from sqlmodel import Field, SQLModel

from core.tables import id_column, text_column


class MessageTemplate(SQLModel, table=True):
    """A version of an office's own wording of a notice. The newest of a name, language and channel counts if it is active.

    Attributes:
        name: the set of wordings: `notice`, or one that a route of the policy names.
        channel: the form, as the shipped files are named: `sms`, `email`, …
        body: a Jinja template; empty: back to the shipped wording.
    """

    __tablename__ = "message_template"
    __table_args__ = (UniqueConstraint("name", "language", "channel", "version", name="uq_message_template"),)
    id: int | None = Field(default=None, sa_column=id_column())
    name: str = Field(sa_column=text_column())
    language: str = Field(max_length=10)
    channel: str = Field(sa_column=text_column())
    version: int
    body: str = Field(default="", sa_type=Text)
    active: bool = True
    created_at: datetime
    created_by: str = Field(max_length=100)


class HelplineRow(SQLModel, table=True):
    """A number that the office checked or corrected. The newest row of a country, kind and place counts.

    Attributes:
        number: empty: the number is wrong, and there is none to put in its place.
        note: how it was checked.
    """

    __tablename__ = "helpline"
    __table_args__ = (Index("ix_helpline_country", "country", "kind", "place"),)
    id: int | None = Field(default=None, sa_column=id_column())
    country: str = Field(max_length=2)
    kind: str = Field(sa_column=text_column())
    place: str = Field(default="", max_length=60)
    number: str = Field(default="", max_length=30)
    note: str = Field(default="", sa_type=Text)
    certainty: str = Field(sa_column=text_column())
    created_at: datetime
    created_by: str = Field(max_length=100)
