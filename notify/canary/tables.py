"""The table of canaries. No notice and no person: nothing here counts as somebody told."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Field, SQLModel

from core.tables import id_column, text_column


class Canary(SQLModel, table=True):
    """One marked message over one channel, and what was heard of it. The address is in the settings only.

    Attributes:
        mode: of the instance when it was sent.
        ref: reference code that stands in the text.
        outcome: `begun` before the call; then `accepted`, `doubt`, `failed` or `refused`, and `code` says why.
        due_at: by when its receipt must have come back.
        status: the provider's word, which only rises (`rank`).
        heard_at: when the provider's receipt came to our callback by itself; null: not yet, or never.
    """

    __tablename__ = "canary"
    id: int | None = Field(default=None, sa_column=id_column())
    channel: str = Field(sa_column=text_column(index=True))
    mode: str = Field(sa_column=text_column())
    ref: str = Field(max_length=6)
    sent_at: datetime
    due_at: datetime
    outcome: str = Field(sa_column=text_column())
    code: str = Field(default="", max_length=60)
    provider_id: str = Field(default="", max_length=300)
    status: str = Field(default="", max_length=40)
    rank: int = 0
    heard_at: datetime | None = None
    created_by: str = Field(max_length=100)
