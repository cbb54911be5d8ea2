"""Who comes in and how often: calls of companies' own systems, links and sessions of their contacts, rosters being mended."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import LargeBinary, UniqueConstraint
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


class SignInLink(SQLModel, table=True):
    """A link by which a contact of a company signs in, once: only its hash is kept.

    Attributes:
        contact_id, user_id: who gets in; exactly one of them is set.
    """

    __tablename__ = "sign_in_link"
    id: int | None = Field(default=None, sa_column=id_column())
    token_hash: bytes = Field(sa_type=LargeBinary, unique=True)
    employer_id: int = Field(sa_type=BigId, foreign_key="employer.id")
    contact_id: int | None = Field(default=None, sa_type=BigId, foreign_key="employer_contact.id")
    user_id: int | None = Field(default=None, sa_type=BigId, foreign_key="user_account.id")
    created_at: datetime
    expires_at: datetime
    used_at: datetime | None = None


class WebSession(SQLModel, table=True):
    """Somebody signed in to the pages: only the hash of the cookie is kept.

    Attributes:
        contact_id, user_id: as in `SignInLink`.
        device: browser and system in two words, by which people know their own sessions.
    """

    __tablename__ = "web_session"
    id: int | None = Field(default=None, sa_column=id_column())
    token_hash: bytes = Field(sa_type=LargeBinary, unique=True)
    employer_id: int = Field(sa_type=BigId, foreign_key="employer.id")
    contact_id: int | None = Field(default=None, sa_type=BigId, foreign_key="employer_contact.id")
    user_id: int | None = Field(default=None, sa_type=BigId, foreign_key="user_account.id")
    device: str = Field(default="", max_length=40)
    created_at: datetime
    used_at: datetime
    ended_at: datetime | None = None


class AttemptWindow(SQLModel, table=True):
    """How often something was tried within a window of time: a mail address, or a caller, as a blind index."""

    __tablename__ = "attempt_window"
    key_index: bytes = Field(sa_type=LargeBinary, primary_key=True)
    begins: datetime = Field(primary_key=True)
    tries: int = 0


class RosterDraft(SQLModel, table=True):
    """A roster between upload and applying, sealed under a key of its own. Gone when it is applied, or after a day.

    Attributes:
        full: the company says that the list is of everybody.
        wrapped: the data key, wrapped by a master key.
        file_sealed: the bytes of the file.
        notes_sealed: its name and what was mended in the page, as JSON.
    """

    __tablename__ = "roster_draft"
    id: int | None = Field(default=None, sa_column=id_column())
    employer_id: int = Field(sa_type=BigId, foreign_key="employer.id", index=True)
    full: bool
    wrapped: bytes = Field(sa_type=LargeBinary)
    file_sealed: bytes = Field(sa_type=LargeBinary)
    notes_sealed: bytes = Field(sa_type=LargeBinary)
    created_at: datetime
    created_by: str = Field(max_length=100)
