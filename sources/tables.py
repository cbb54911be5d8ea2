"""Tables of the sources: what was received, what it said, and how that changed."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, Column, Index, Text, UniqueConstraint
from sqlmodel import Field, SQLModel

from core.tables import BigId, id_column, text_column

MOST_CONTENT_TYPE, MOST_ETAG, MOST_LAST_MODIFIED = 200, 500, 100
"""Longest headers that are kept, in characters."""


class SourceState(SQLModel, table=True):
    """The health of one source: last good read, last try, and why it failed.

    Attributes:
        baseline_at: night of the first good read, which sent nothing; None before it.
        last_good_at: night (`as_of`) of the last good read; `entries` and `known_levels` are of that read.
        reason: why the last try failed, a `Message` as JSON; null if it was good.
        parts: addresses of the parts that were ever read, for a source that has some (embassies).
        proven_at: when its pages were first read live and believed; null: known from captures and documents only.
    """

    __tablename__ = "source_state"
    source_id: str = Field(primary_key=True, max_length=64)
    baseline_at: datetime | None = None
    last_good_at: datetime | None = None
    last_tried_at: datetime | None = None
    failures: int = 0
    reason: dict[str, Any] | None = Field(default=None, sa_type=JSON)
    entries: int = 0
    known_levels: int = 0
    proven_at: datetime | None = None
    parts: list[str] | None = Field(default=None, sa_type=JSON)


class CaptureRow(SQLModel, table=True):
    """Bytes that were received; the body lies in the archive under `sha256`."""

    __tablename__ = "capture"
    __table_args__ = (Index("ix_capture_url", "source_id", "url", "id"),)
    id: int | None = Field(default=None, sa_column=id_column())
    source_id: str = Field(max_length=64)
    url: str = Field(sa_type=Text)
    fetched_at: datetime
    as_of: datetime
    sha256: str = Field(max_length=64)
    size: int
    content_type: str = Field(default="", max_length=MOST_CONTENT_TYPE)
    etag: str = Field(default="", max_length=MOST_ETAG)
    last_modified: str = Field(default="", max_length=MOST_LAST_MODIFIED)


class AdvisoryRow(SQLModel, table=True):
    """One immutable version of what a source said; `body` holds every field of `Advisory`."""

    __tablename__ = "advisory"
    __table_args__ = (Index("ix_advisory_entry", "source_id", "native_id"),)
    id: int | None = Field(default=None, sa_column=id_column())
    source_id: str = Field(max_length=64)
    native_id: str = Field(max_length=200)
    fingerprint: str = Field(max_length=32)
    body: dict[str, Any] = Field(sa_type=JSON)
    capture_id: int | None = Field(default=None, sa_type=BigId, foreign_key="capture.id")
    as_of: datetime


class EntryRow(SQLModel, table=True):
    """Where one entry of a source stands: the version that counts, and what waits for a second look."""

    __tablename__ = "entry"
    source_id: str = Field(primary_key=True, max_length=64)
    native_id: str = Field(primary_key=True, max_length=200)
    advisory_id: int = Field(sa_type=BigId, foreign_key="advisory.id")
    list_mark: str = Field(default="", sa_type=Text)
    updated_at: datetime | None = None
    last_seen: datetime
    pending: str | None = Field(default=None, max_length=64)
    pending_since: datetime | None = None
    pending_ranks: list[int] | None = Field(default=None, sa_type=JSON)
    gone: bool = False
    expired: bool = False


class ChangeRow(SQLModel, table=True):
    """A change of an entry. `decided_at` is set in the transaction that acts on it, so that none can be lost between.

    Attributes:
        held: more changes than the card expects: waits for an officer to release or dismiss.
        outcome: what was decided, in one word.
    """

    __tablename__ = "advisory_change"
    __table_args__ = (Index("ix_change_open", "decided_at", "held"),)
    id: int | None = Field(default=None, sa_column=id_column())
    source_id: str = Field(max_length=64)
    native_id: str = Field(max_length=200)
    kind: str = Field(sa_column=text_column())
    confirmed: bool
    held: bool = False
    before_id: int | None = Field(default=None, sa_type=BigId, foreign_key="advisory.id")
    after_id: int | None = Field(default=None, sa_type=BigId, foreign_key="advisory.id")
    reason: dict[str, Any] = Field(sa_type=JSON)
    as_of: datetime
    decided_at: datetime | None = None
    decided_by: str | None = Field(default=None, max_length=100)
    outcome: str = Field(default="", max_length=40)


class QuarantineRow(SQLModel, table=True):
    """An entry that could not be read, kept until an officer has looked. The same fault is one row however often seen."""

    __tablename__ = "quarantine"
    __table_args__ = (UniqueConstraint("source_id", "entry", name="uq_quarantine_entry"),)
    id: int | None = Field(default=None, sa_column=id_column())
    source_id: str = Field(max_length=64)
    entry: str = Field(sa_column=Column(Text, nullable=False))
    reason: dict[str, Any] = Field(sa_type=JSON)
    first_seen: datetime
    last_seen: datetime
    times: int = Field(default=1, sa_type=BigInteger)
