"""The table of letters: which edition went to which reader, and what came of it. The key makes each one once."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, SQLModel

from core.tables import id_column, text_column


class MailingKind(StrEnum):
    """What a letter is."""

    ROLLUP = "rollup"
    BRIEF = "brief"
    BULLETIN = "bulletin"
    DIGEST = "digest"


class Mailing(SQLModel, table=True):
    """One letter to one reader. Written before the call; the text itself is not kept, its hash is.

    Attributes:
        edition: what it is the letter of: an alert and its round, a day, a week.
        reader: `employer/3`, `registrant/7`, `officer/…` (a hash of the address), or `round` for a round that is done.
        outcome: `begun` before the call; then `accepted`, `doubt`, `failed` or `refused`, and `code` says why; `without`: there
            was no address; `done` for a round.
        tries: calls so far.
        choice: which of the reader's addresses is used, from 0: after a refusal the next one.
        digest: hash of what the letter says of the matter, to see whether anything changed since.
        sha256: hash of the text that went out last.
    """

    __tablename__ = "mailing"
    __table_args__ = (UniqueConstraint("kind", "edition", "reader", name="uq_mailing"),)
    id: int | None = Field(default=None, sa_column=id_column())
    kind: str = Field(sa_column=text_column())
    edition: str = Field(max_length=80)
    reader: str = Field(max_length=80)
    outcome: str = Field(sa_column=text_column())
    code: str = Field(default="", max_length=60)
    tries: int = 0
    choice: int = 0
    digest: str = Field(default="", max_length=64)
    sha256: str = Field(default="", max_length=64)
    begun_at: datetime
    ended_at: datetime | None = None
    created_by: str = Field(max_length=100)
