"""Who chose the digest, and which changes each reader was told."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlmodel import Field, SQLModel

import registry.tables  # noqa: F401  (our foreign keys point to its tables)
from core.tables import BigId, id_column, text_column


class Rhythm(StrEnum):
    """How often a digest goes out."""

    DAILY = "daily"
    WEEKLY = "weekly"


class DigestReader(SQLModel, table=True):
    """A company or a person who chose the digest. The address is the register's, looked up at each mail.

    Attributes:
        registrant_id: no foreign key: an undone roster takes its rows back, and the choice then reaches nobody.
        since: changes decided before are not told.
        ended_at: they chose otherwise; null while it stands.
    """

    __tablename__ = "digest_reader"
    id: int | None = Field(default=None, sa_column=id_column())
    employer_id: int | None = Field(default=None, sa_type=BigId, foreign_key="employer.id", index=True)
    registrant_id: int | None = Field(default=None, sa_type=BigId, index=True)
    rhythm: str = Field(sa_column=text_column())
    since: datetime
    ended_at: datetime | None = None
    created_by: str = Field(max_length=100)


class DigestTold(SQLModel, table=True):
    """A change that stood in a digest to a reader: it stands in no other. `edition`: the mail it stood in."""

    __tablename__ = "digest_told"
    reader_id: int = Field(sa_type=BigId, primary_key=True, foreign_key="digest_reader.id")
    change_id: int = Field(sa_type=BigId, primary_key=True)
    edition: str = Field(max_length=80)
