"""Tables of the office's own alerts: narrower audiences, saved groups, schedules, pasted notices. They hold ids of people only."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import JSON, Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from core.tables import BigId, id_column, text_column


class ScheduleState(StrEnum):
    """What became of a schedule. `missed`: its time passed and nothing was sent; `failed`: it could not be released."""

    WAITING = "waiting"
    SENT = "sent"
    MISSED = "missed"
    FAILED = "failed"
    WITHDRAWN = "withdrawn"


class AlertAudience(SQLModel, table=True):
    """One narrower target of a version. No row: everybody in its countries.

    Attributes:
        kind: `place`, `employer`, `person` or `group` (`notify.own.model.Target`).
        word: for a place, the word that is looked for; else empty.
        number: for the other kinds the id; else 0.
    """

    __tablename__ = "alert_audience"
    version_id: int = Field(sa_type=BigId, primary_key=True, foreign_key="alert_version.id")
    kind: str = Field(primary_key=True, max_length=64)
    word: str = Field(default="", primary_key=True, max_length=100)
    number: int = Field(default=0, sa_type=BigId, primary_key=True)


class AlertGroup(SQLModel, table=True):
    """A saved group of people. It is never changed: another one takes its name, so that what was approved stays what it was.

    Attributes:
        employers: ids; `kinds`: kinds of stays. Who fits both (of those given) is in it, and the members by name.
    """

    __tablename__ = "alert_group"
    __table_args__ = (
        Index("uq_alert_group_name", "name", unique=True, sqlite_where=text("removed_at IS NULL"),
              postgresql_where=text("removed_at IS NULL")),
    )  # fmt: skip
    id: int | None = Field(default=None, sa_column=id_column())
    name: str = Field(max_length=60)
    employers: list[int] = Field(default_factory=list, sa_type=JSON)
    kinds: list[str] = Field(default_factory=list, sa_type=JSON)
    created_at: datetime
    created_by: str = Field(max_length=100)
    removed_at: datetime | None = None
    removed_by: str | None = Field(default=None, max_length=100)


class AlertGroupMember(SQLModel, table=True):
    """A person who is in a group by name, whatever their employer."""

    __tablename__ = "alert_group_member"
    group_id: int = Field(sa_type=BigId, primary_key=True, foreign_key="alert_group.id")
    registrant_id: int = Field(sa_type=BigId, primary_key=True)


class AlertSchedule(SQLModel, table=True):
    """A version that leaves later: not before `at`, and not at all after `expires_at`. One that waits per version."""

    __tablename__ = "alert_schedule"
    __table_args__ = (
        Index("uq_alert_schedule", "version_id", unique=True, sqlite_where=text("state = 'waiting'"),
              postgresql_where=text("state = 'waiting'")),
    )  # fmt: skip
    id: int | None = Field(default=None, sa_column=id_column())
    version_id: int = Field(sa_type=BigId, foreign_key="alert_version.id")
    at: datetime
    expires_at: datetime
    state: str = Field(sa_column=text_column())
    reason: str = Field(default="", max_length=200)
    created_at: datetime
    created_by: str = Field(max_length=100)
    done_at: datetime | None = None


class OwnNotice(SQLModel, table=True):
    """A notice that reached the office past all feeds (a chat group, a telephone call), and the draft it became.

    Attributes:
        origin: where it came from, in the officer's words. `home`: the officer says that an authority at home speaks.
        sha256: of the exact text; its bytes are a capture. The same text opens one draft.
    """

    __tablename__ = "own_notice"
    __table_args__ = (UniqueConstraint("sha256", name="uq_own_notice"),)
    id: int | None = Field(default=None, sa_column=id_column())
    alert_id: int = Field(sa_type=BigId, foreign_key="alert.id")
    advisory_id: int = Field(sa_type=BigId, foreign_key="advisory.id")
    origin: str = Field(max_length=100)
    home: bool
    sha256: str = Field(max_length=64)
    created_at: datetime
    created_by: str = Field(max_length=100)
