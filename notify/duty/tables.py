"""Tables of the night watch: shifts, pages (what a person is wanted for), and the calls that were made for them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Index, LargeBinary, Text, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from core.tables import BigId, id_column, text_column


class DutyShift(SQLModel, table=True):
    """One officer on duty for a period. Sealed under a key of its own, as contacts of companies are.

    Attributes:
        wrapped: the data key, wrapped by a master key; null when the shift was taken away, or is long over.
        phone_index: blind index of the number: who answers by SMS is known by it.
        begins_at, ends_at: the period, without its end.
    """

    __tablename__ = "duty_shift"
    id: int | None = Field(default=None, sa_column=id_column())
    wrapped: bytes | None = Field(default=None, sa_type=LargeBinary)
    name_sealed: bytes = Field(sa_type=LargeBinary)
    phone_sealed: bytes = Field(sa_type=LargeBinary)
    phone_index: bytes = Field(sa_type=LargeBinary, index=True)
    begins_at: datetime
    ends_at: datetime = Field(index=True)
    created_at: datetime
    created_by: str = Field(max_length=100)


class DutyPage(SQLModel, table=True):
    """A person is wanted for one cause. At most one page of a cause is open at a time: the database says so.

    Attributes:
        cause: a kind and ids: `help/12/345`, `source/cn-mfa`.
        words: the sentence, as a `Message` in JSON; ids, never names or numbers.
        due: when the next call is to be made; null: no more calls (somebody knows, it is over, or all were called).
        acked_at: when an officer said that they know.
        settled_at: when the cause was over; until then the page is open.
    """

    __tablename__ = "duty_page"
    __table_args__ = (
        Index("uq_duty_page_open", "cause", unique=True, sqlite_where=text("settled_at IS NULL"),
              postgresql_where=text("settled_at IS NULL")),
        Index("ix_duty_page_due", "due", sqlite_where=text("due IS NOT NULL"), postgresql_where=text("due IS NOT NULL")),
    )  # fmt: skip
    id: int | None = Field(default=None, sa_column=id_column())
    cause: str = Field(max_length=200)
    words: dict[str, Any] = Field(sa_type=JSON)
    opened_at: datetime
    due: datetime | None = None
    acked_at: datetime | None = None
    acked_by: str = Field(default="", max_length=100)
    settled_at: datetime | None = None


class DutyCall(SQLModel, table=True):
    """One SMS or call to one officer, for all the pages that waited. Written before the provider is called.

    Attributes:
        step: which step of the ladder it is for its pages: 1 is the first.
        shift_id: whose shift; null: the fallback number of the settings.
        phone_index: blind index of the number that is called.
        mode: of the instance when it was made.
        body: the exact text.
        outcome: `begun` before the call; then `accepted`, `doubt`, `failed` or `refused`, and `code` says why.
        tries: calls to the provider; more than one only if the one before was proven not to have arrived.
        lease_until: until then whoever began it is at work on it.
        status: the provider's word, which only rises (`rank`).
    """

    __tablename__ = "duty_call"
    id: int | None = Field(default=None, sa_column=id_column())
    step: int
    shift_id: int | None = Field(default=None, sa_type=BigId)
    phone_index: bytes = Field(sa_type=LargeBinary, index=True)
    channel: str = Field(sa_column=text_column())
    mode: str = Field(sa_column=text_column())
    ref: str = Field(max_length=6)
    body: str = Field(sa_type=Text)
    begun_at: datetime
    lease_until: datetime
    outcome: str = Field(sa_column=text_column(index=True))
    code: str = Field(default="", max_length=60)
    tries: int = 1
    provider_id: str = Field(default="", max_length=300)
    status: str = Field(default="", max_length=40)
    rank: int = 0


class DutyCallPage(SQLModel, table=True):
    """Which call was for which pages. One call for a page and step: two sweeps at once cannot both make it."""

    __tablename__ = "duty_call_page"
    __table_args__ = (UniqueConstraint("page_id", "step", name="uq_duty_call_page"),)
    call_id: int = Field(sa_type=BigId, primary_key=True)
    page_id: int = Field(sa_type=BigId, primary_key=True)
    step: int


class Pulse(SQLModel, table=True):
    """When something that runs by itself last ran: `sweep`. A silence of it means that the scheduler is dead."""

    __tablename__ = "pulse"
    name: str = Field(primary_key=True, max_length=40)
    at: datetime
