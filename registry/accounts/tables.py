"""Calls of companies' own systems: answered once per key, and not too often."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, SQLModel

import registry.tables  # noqa: F401  (our foreign keys point to its tables)
from core.tables import BigId, id_column


class ApiCall(SQLModel, table=True):
    """A writing call to the API under an idempotency key: the same key again gets the same answer.

    Attributes:
        request_sha256: hash of method, path and body; the same key with another request is refused.
        result_id: id of what was made; the answer is built from it again, so that no personal data are kept here.
    """

    __tablename__ = "api_call"
    __table_args__ = (UniqueConstraint("user_id", "key", name="uq_api_call"),)
    id: int | None = Field(default=None, sa_column=id_column())
    user_id: int = Field(sa_type=BigId, foreign_key="user_account.id")
    key: str = Field(max_length=200)
    request_sha256: str = Field(max_length=64)
    status: int
    result_id: int | None = Field(default=None, sa_type=BigId)
    created_at: datetime


class RateWindow(SQLModel, table=True):
    """How often a user called the API within one minute."""

    __tablename__ = "rate_window"
    user_id: int = Field(sa_type=BigId, primary_key=True, foreign_key="user_account.id")
    minute: datetime = Field(primary_key=True)
    calls: int = 0
