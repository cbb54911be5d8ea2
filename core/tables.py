"""Tables of the house itself: which instance this is, who did what, and the seals of the proof chain."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import cast

from sqlalchemy import BigInteger, Column, Integer, LargeBinary, String, Table, Text
from sqlmodel import Field, SQLModel


class Mode(StrEnum):
    """What this instance may do: `sandbox` loopback providers only, `drill` the allow-list only, `live` everybody."""

    SANDBOX = "sandbox"
    DRILL = "drill"
    LIVE = "live"


# SQLite numbers rows by itself only for INTEGER; PostgreSQL needs BIGINT for years of notices.
BigId = BigInteger().with_variant(Integer, "sqlite")


def id_column() -> Column[int]:
    """Return a fresh primary-key column: 64 bits, numbered by the database."""
    return Column(BigId, primary_key=True, autoincrement=True)


def text_column(*, index: bool = False) -> Column[str]:
    """Return a fresh column for a short word (an enum value, an ISO code) that is never null."""
    return Column(String(64), nullable=False, index=index)


def table(model: type[SQLModel]) -> Table:
    """Return the SQLAlchemy table behind a model: the typed way to write Core statements."""
    return cast(Table, model.__table__)  # type: ignore[attr-defined]


class Instance(SQLModel, table=True):
    """The one row that says which database this is (DESIGN promise 13).

    Attributes:
        index_key: key of the blind index, wrapped by a master key.
        restored_at: when this copy came out of a backup; null: it never did. `backup_at`: the moment that backup shows.
        claimed_at: when an administrator said that this copy is the live one; null after a restore: nobody has yet.
    """

    __tablename__ = "instance"
    id: int = Field(default=1, primary_key=True)
    uid: str = Field(max_length=36)
    mode: str = Field(sa_column=text_column())
    index_key: bytes = Field(sa_type=LargeBinary)
    created_at: datetime
    restored_at: datetime | None = None
    backup_at: datetime | None = None
    claimed_at: datetime | None = None

    @property
    def unclaimed(self) -> bool:
        """Tell whether this is a copy out of a backup, and nobody has said yet that it is the live one."""
        return self.restored_at is not None and self.claimed_at is None


class Audit(SQLModel, table=True):
    """Who did what to what, when. Append-only; sealed with the proof chain. Carries ids, never names or numbers."""

    __tablename__ = "audit"
    id: int | None = Field(default=None, sa_column=id_column())
    at: datetime = Field(index=True)
    actor: str = Field(max_length=100, index=True)
    action: str = Field(sa_column=text_column(index=True))
    object: str = Field(max_length=200, index=True)
    detail: str = Field(default="", sa_type=Text)


class Seal(SQLModel, table=True):
    """One link of the proof chain: a batch of rows of one append-only table, hashed together with the link before."""

    __tablename__ = "seal"
    id: int | None = Field(default=None, sa_column=id_column())
    at: datetime
    table_name: str = Field(sa_column=text_column())
    first_id: int = Field(sa_type=BigInteger)
    last_id: int = Field(sa_type=BigInteger)
    rows: int
    digest: str = Field(max_length=64)
    previous: str = Field(max_length=64)
    link: str = Field(max_length=64)
