"""Tables of alerts, notices and their delivery. Attempts, outcomes and receipts are append-only and sealed in batches."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, Index, LargeBinary, Text, UniqueConstraint, text
from sqlmodel import Field, SQLModel

import sources.tables  # noqa: F401  (our foreign keys point to its tables)
from core.tables import BigId, id_column, text_column


class VersionKind(StrEnum):
    """What a version of an alert is: the first word, or a later one to those who got an earlier one."""

    FIRST = "first"
    UPDATE = "update"
    CORRECTION = "correction"
    ALL_CLEAR = "all-clear"


class AlertStatus(StrEnum):
    """Where a version of an alert stands."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    APPROVED = "approved"
    SENDING = "sending"
    DONE = "done"
    CANCELED = "canceled"


class DeliveryState(StrEnum):
    """Our own side of a delivery (DESIGN section 5). `unknown` is an honest state, never reset by time alone."""

    PLANNED = "planned"
    READY = "ready"
    SENDING = "sending"
    ACCEPTED = "accepted"
    FAILED = "failed"
    UNKNOWN = "unknown"
    UNRESOLVED = "unresolved"
    SUPPRESSED = "suppressed"
    EXPIRED = "expired"
    CANCELED = "canceled"


class Run(SQLModel, table=True):
    """One night: when, what came of it. `summary` is the night's JSON."""

    __tablename__ = "run"
    id: int | None = Field(default=None, sa_column=id_column())
    kind: str = Field(sa_column=text_column())
    as_of: datetime
    started_at: datetime
    ended_at: datetime | None = None
    status: str = Field(default="running", max_length=20)
    summary: dict[str, Any] | None = Field(default=None, sa_type=JSON)
    actor: str = Field(max_length=100)


class Situation(SQLModel, table=True):
    """One country, one hazard, one 72-hour window: what a person's messages thread on."""

    __tablename__ = "situation"
    __table_args__ = (Index("ix_situation_open", "country", "hazard", "last_at"),)
    id: int | None = Field(default=None, sa_column=id_column())
    country: str = Field(max_length=2)
    hazard: str = Field(sa_column=text_column())
    opened_at: datetime
    last_at: datetime


class Alert(SQLModel, table=True):
    """The office's decision to warn. What it says, and to whom, is in its versions.

    Attributes:
        origin_key: what it came from, unique: the same change never opens two alerts. Null for an officer's own.
        in_force_until: end of force; `closed_at` is set by an all-clear or by an officer.
    """

    __tablename__ = "alert"
    id: int | None = Field(default=None, sa_column=id_column())
    origin_key: str | None = Field(default=None, max_length=300, unique=True)
    source_id: str | None = Field(default=None, max_length=64)
    native_id: str | None = Field(default=None, max_length=200)
    hazard: str = Field(sa_column=text_column())
    mode: str = Field(sa_column=text_column())
    instance_uid: str = Field(max_length=36)
    as_of: datetime
    in_force_until: datetime
    closed_at: datetime | None = None
    created_at: datetime
    created_by: str = Field(max_length=100)


class AlertVersion(SQLModel, table=True):
    """What an alert says at one time, to whom and how; immutable once approved, but for its status.

    Attributes:
        level: 1 to 4, or null if the source states none.
        every_channel: all channels of a person at once, instead of the preferred one.
        quiet: kept back in the recipient's night (22 to 7).
        told_only: goes to exactly those who got an earlier version, and to no newcomer.
        validity_minutes: a notice not sent by then is not sent at all; `send_by` is the moment, by the wall clock.
        rule: the rule of the policy that made it, and `policy` the hash of that policy.
        template: the office's own set of wordings it is worded by; empty: the usual one.
        day: the day of the office whose whereabouts count.
        paused_at: an officer stopped it for now: nothing more of it leaves until it is resumed.
        change_id: the change it came from.
    """

    __tablename__ = "alert_version"
    __table_args__ = (UniqueConstraint("alert_id", "no", name="uq_alert_version"),)
    id: int | None = Field(default=None, sa_column=id_column())
    alert_id: int = Field(sa_type=BigId, foreign_key="alert.id")
    no: int
    kind: str = Field(sa_column=text_column())
    status: str = Field(sa_column=text_column(index=True))
    level: int | None = None
    level_words: str = Field(default="", sa_type=Text)
    title_zh: str = Field(sa_type=Text)
    title_en: str = Field(sa_type=Text)
    body_zh: str = Field(sa_type=Text)
    body_en: str = Field(sa_type=Text)
    origin_name: str = Field(default="", max_length=200)
    url: str = Field(default="", sa_type=Text)
    contacts: list[Any] = Field(default_factory=list, sa_type=JSON)
    channels: list[str] = Field(sa_type=JSON)
    every_channel: bool
    quiet: bool
    ask_safe: bool = False
    include_doubtful: bool = False
    told_only: bool = False
    validity_minutes: int
    send_by: datetime | None = None
    rule: str = Field(max_length=80)
    policy: str = Field(default="", max_length=64)
    template: str = Field(default="", max_length=30)
    change_id: int | None = Field(default=None, sa_type=BigId, foreign_key="advisory_change.id", index=True)
    advisory_id: int | None = Field(default=None, sa_type=BigId, foreign_key="advisory.id")
    as_of: datetime
    day: date
    issued_at: datetime | None = None
    created_at: datetime
    created_by: str = Field(max_length=100)
    submitted_at: datetime | None = None
    submitted_by: str | None = Field(default=None, max_length=100)
    approved_at: datetime | None = None
    approved_by: str | None = Field(default=None, max_length=100)
    released_at: datetime | None = None
    released_by: str | None = Field(default=None, max_length=100)
    paused_at: datetime | None = None
    paused_by: str | None = Field(default=None, max_length=100)


class AlertPlace(SQLModel, table=True):
    """A country an alert version is about, with the region words of the source, and the situation it belongs to."""

    __tablename__ = "alert_place"
    version_id: int = Field(sa_type=BigId, primary_key=True, foreign_key="alert_version.id")
    country: str = Field(primary_key=True, max_length=2)
    region: str = Field(default="", sa_type=Text)
    situation_id: int | None = Field(default=None, sa_type=BigId, foreign_key="situation.id")


class AlertText(SQLModel, table=True):
    """The text of one version in one language for one channel, stored before anything is sent.

    `body` holds the gap `{ref}` for the reference code of each delivery, and nothing else that varies.

    Attributes:
        template: for a provider that sends approved templates only, which of ours; empty: the body is sent as it is.
        variables: what fills that template, each with the gap `{ref}` too; `body` is what the reader then sees.
        wording: which wording made it: a shipped file with the hash of its text, or a version of the office's own.
    """

    __tablename__ = "alert_text"
    __table_args__ = (UniqueConstraint("version_id", "language", "channel", "variant", name="uq_alert_text"),)
    id: int | None = Field(default=None, sa_column=id_column())
    version_id: int = Field(sa_type=BigId, foreign_key="alert_version.id")
    language: str = Field(max_length=10)
    channel: str = Field(sa_column=text_column())
    variant: str = Field(sa_column=text_column())
    subject: str = Field(default="", sa_type=Text)
    body: str = Field(sa_type=Text)
    html: str = Field(default="", sa_type=Text)
    template: str = Field(default="", max_length=40)
    variables: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    parts: int
    wording: str = Field(default="", max_length=80)
    created_at: datetime


class Recipient(SQLModel, table=True):
    """A person an alert version is for: snapshot of where and why. One row a person and version.

    It refers to its version without a foreign key, as notices do: a quarter of a million of them would be looked up one by one.
    """

    __tablename__ = "recipient"
    __table_args__ = (
        UniqueConstraint("version_id", "registrant_id", name="uq_recipient"),
        # What a company asks for: its own, newest first.
        Index("ix_recipient_employer", "employer_id", "id"),
    )
    id: int | None = Field(default=None, sa_column=id_column())
    version_id: int = Field(sa_type=BigId)
    registrant_id: int = Field(sa_type=BigId)
    posting_id: int | None = Field(default=None, sa_type=BigId)
    employer_id: int | None = Field(default=None, sa_type=BigId)
    country: str = Field(max_length=2)
    language: str = Field(max_length=10)
    zone: str = Field(max_length=64)
    planned: bool = False
    doubtful: bool = False
    rule: str = Field(max_length=80)


class Delivery(SQLModel, table=True):
    """One notice (a text for one address) and its life at a provider. Unique per version, channel and address.

    Attributes:
        country: where the first of these people is: budgets are kept by country.
        step: which step of the people's ladders it is; 1 is what went out first.
        created_at: when it was planned; null in rows older than this column.
        priority: 0 goes first: 4 minus the level of the alert.
        reason: why it waits or ended: `quiet`, `retry`, a provider code, …
        not_before: moment on the time line of the night from which it may be sent; null: at once.
        provider_rank: rank of the provider's status, which only rises.
        due: wall-clock moment before which a worker leaves it alone (after a 429, or the grace of a doubt).
        doubtful: it was sent again although we do not know whether the first one arrived.
        transfer_ground: why the number and the text may go to a provider abroad: `consent` or `emergency` (PIPL 38, and
            the exemption of 2024-03-22 for danger to life); empty for a provider at home.
    """

    __tablename__ = "delivery"
    __table_args__ = (
        UniqueConstraint("version_id", "channel", "address_index", name="uq_delivery"),
        # Only what still has work to do is in these: scans stay short among millions of finished rows.
        Index("ix_delivery_ready", "channel", "priority", "id", sqlite_where=text("state='ready'"),
              postgresql_where=text("state='ready'")),
        # A provider's push may name a message by its own id alone.
        Index("ix_delivery_provider", "provider_id", sqlite_where=text("provider_id IS NOT NULL"),
              postgresql_where=text("provider_id IS NOT NULL")),
        Index("ix_delivery_doubt", "state", "due", sqlite_where=text("state IN ('sending','unknown')"),
              postgresql_where=text("state IN ('sending','unknown')")),
        Index("ix_delivery_unresolved", "channel", "version_id", sqlite_where=text("state='unresolved'"),
              postgresql_where=text("state='unresolved'")),
    )  # fmt: skip
    id: int | None = Field(default=None, sa_column=id_column())
    version_id: int = Field(sa_type=BigId)
    text_id: int = Field(sa_type=BigId)
    channel: str = Field(sa_column=text_column())
    address_id: int = Field(sa_type=BigId)
    address_index: bytes = Field(sa_type=LargeBinary)
    people: int = 1
    country: str = Field(default="", max_length=2)
    step: int = 1
    priority: int = 0
    state: str = Field(sa_column=text_column())
    reason: str = Field(default="", max_length=60)
    not_before: datetime | None = None
    due: datetime | None = None
    lease_owner: str | None = Field(default=None, max_length=36)
    lease_token: int = 0
    lease_until: datetime | None = None
    attempts: int = 0
    doubtful: bool = False
    transfer_ground: str = Field(default="", max_length=20)
    provider: str = Field(default="", max_length=40)
    provider_id: str | None = Field(default=None, max_length=300)
    provider_status: str = Field(default="", max_length=40)
    provider_rank: int = 0
    error_code: str = Field(default="", max_length=40)
    accepted_at: datetime | None = None
    created_at: datetime | None = None
    updated_at: datetime


class BudgetUse(SQLModel, table=True):
    """How many calls were made on one day of the office over one channel for people in one country: what budgets count."""

    __tablename__ = "budget_use"
    day: date = Field(primary_key=True)
    channel: str = Field(primary_key=True, max_length=64)
    country: str = Field(primary_key=True, max_length=2)
    used: int = 0


class RecipientDelivery(SQLModel, table=True):
    """Which deliveries carry the notice to which person: thirty workers behind one phone share one."""

    __tablename__ = "recipient_delivery"
    recipient_id: int = Field(sa_type=BigId, primary_key=True)
    delivery_id: int = Field(sa_type=BigId, primary_key=True, index=True)


class Attempt(SQLModel, table=True):
    """One call to a provider, written durably before the call. Append-only.

    Attributes:
        body_sha256: hash of the exact text that goes over the wire; the text itself is `AlertText` with the reference in it.
    """

    __tablename__ = "attempt"
    id: int | None = Field(default=None, sa_column=id_column())
    delivery_id: int = Field(sa_type=BigId, index=True)
    no: int
    lease_token: int
    worker: str = Field(max_length=36)
    channel: str = Field(sa_column=text_column())
    body_sha256: str = Field(max_length=64)
    started_at: datetime


class AttemptOutcome(SQLModel, table=True):
    """What came of an attempt. Append-only; an attempt without one is in doubt.

    Attributes:
        by: `worker` that made the call, or `reconciler` that asked later.
    """

    __tablename__ = "attempt_outcome"
    id: int | None = Field(default=None, sa_column=id_column())
    attempt_id: int | None = Field(default=None, sa_type=BigId, index=True)
    delivery_id: int = Field(sa_type=BigId, index=True)
    outcome: str = Field(sa_column=text_column())
    by: str = Field(sa_column=text_column())
    provider_id: str | None = Field(default=None, max_length=300)
    http_status: int | None = None
    error_code: str = Field(default="", max_length=40)
    request_id: str = Field(default="", max_length=100)
    detail: str = Field(default="", sa_type=Text)
    ended_at: datetime


class Receipt(SQLModel, table=True):
    """The provider's word on a delivery, raw and sealed under the person's key. Append-only.

    Attributes:
        person_id: whose key sealed `payload`.
    """

    __tablename__ = "receipt"
    __table_args__ = (UniqueConstraint("provider", "provider_id", "status", "payload_sha256", name="uq_receipt"),)
    id: int | None = Field(default=None, sa_column=id_column())
    delivery_id: int = Field(sa_type=BigId, index=True)
    person_id: int = Field(sa_type=BigId)
    provider: str = Field(max_length=40)
    provider_id: str = Field(max_length=300)
    status: str = Field(max_length=40)
    error_code: str = Field(default="", max_length=40)
    via: str = Field(sa_column=text_column())
    payload: bytes = Field(sa_type=LargeBinary)
    payload_sha256: str = Field(max_length=64)
    received_at: datetime


class Gap(SQLModel, table=True):
    """Something that was not accounted for when a run ended (缺口): named, with the alert or source it belongs to."""

    __tablename__ = "gap"
    id: int | None = Field(default=None, sa_column=id_column())
    run_id: int | None = Field(default=None, sa_type=BigId, index=True)
    kind: str = Field(sa_column=text_column())
    subject: str = Field(max_length=200)
    message: dict[str, Any] = Field(sa_type=JSON)
    created_at: datetime
