"""Tables of the rules: the versions of the policy (append-only, sealed with the proof chain) and the silences."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Text
from sqlmodel import Field, SQLModel

from core.tables import id_column


class PolicyVersion(SQLModel, table=True):
    """A policy as it was switched on: the whole text, who did it, when and why. The one with the highest `no` holds.

    Attributes:
        no: counted from 1 without a gap, unique: of two people who switch on at once, one is told.
        digest: SHA-256 of `text`, as every alert keeps it.
    """

    __tablename__ = "policy_version"
    id: int | None = Field(default=None, sa_column=id_column())
    no: int = Field(unique=True)
    text: str = Field(sa_type=Text)
    digest: str = Field(max_length=64)
    note: str = Field(sa_type=Text)
    active_from: datetime
    created_by: str = Field(max_length=100)


class Silence(SQLModel, table=True):
    """What is not told by rule for a time (静默): whose wish, why, and on which conditions. A condition that is empty fits all.

    Attributes:
        begins_at, ends_at: on the time line of the night; the end is not in it.
        even_4: also level 4 of the home authorities and tier 3 of hazards; holds only once a second person agreed.
        ended_at: an officer ended it early, by the wall clock.
    """

    __tablename__ = "silence"
    id: int | None = Field(default=None, sa_column=id_column())
    owner: str = Field(max_length=100)
    reason: str = Field(sa_type=Text)
    begins_at: datetime
    ends_at: datetime
    countries: list[Any] = Field(sa_type=JSON)
    hazards: list[Any] = Field(sa_type=JSON)
    sources: list[Any] = Field(sa_type=JSON)
    routes: list[Any] = Field(sa_type=JSON)
    even_4: bool = False
    agreed_at: datetime | None = None
    agreed_by: str | None = Field(default=None, max_length=100)
    ended_at: datetime | None = None
    ended_by: str | None = Field(default=None, max_length=100)
    created_at: datetime
    created_by: str = Field(max_length=100)
