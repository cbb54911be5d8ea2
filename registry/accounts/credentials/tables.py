"""Tables of what people of the office sign in with, and of their sessions. No secret can be read from here."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import LargeBinary
from sqlmodel import Field, SQLModel

import registry.tables  # noqa: F401  (our foreign keys point to its tables)
from core.tables import BigId, id_column


class Credential(SQLModel, table=True):
    """What a user of the office signs in with.

    Attributes:
        password_hash: Argon2id in its encoded form, with salt and parameters.
        totp_sealed: secret of the app that shows codes, in base32; null: no second factor (mode sandbox only).
        wrapped: the key it is sealed under, wrapped by a master key; null with it.
        totp_step: the newest time step whose code was used; that code and older ones are good no more.
        failed: wrong tries since the last sign-in.
        locked_until: until when no password is taken; null: not locked.
    """

    __tablename__ = "office_credential"
    user_id: int = Field(sa_type=BigId, primary_key=True, foreign_key="user_account.id")
    password_hash: str = Field(max_length=255)
    totp_sealed: bytes | None = Field(default=None, sa_type=LargeBinary)
    wrapped: bytes | None = Field(default=None, sa_type=LargeBinary)
    totp_step: int = Field(default=0, sa_type=BigId)
    failed: int = 0
    locked_until: datetime | None = None
    changed_at: datetime


class RecoveryCode(SQLModel, table=True):
    """A code that stands in once for the second factor; only its keyed hash is kept."""

    __tablename__ = "office_recovery_code"
    id: int | None = Field(default=None, sa_column=id_column())
    user_id: int = Field(sa_type=BigId, foreign_key="user_account.id", index=True)
    code_hash: bytes = Field(sa_type=LargeBinary, unique=True)
    created_at: datetime
    used_at: datetime | None = None


class SetUpLink(SQLModel, table=True):
    """A link by which a user chooses a password and a second factor, once; only its hash is kept."""

    __tablename__ = "office_set_up_link"
    id: int | None = Field(default=None, sa_column=id_column())
    user_id: int = Field(sa_type=BigId, foreign_key="user_account.id", index=True)
    token_hash: bytes = Field(sa_type=LargeBinary, unique=True)
    created_at: datetime
    created_by: str = Field(max_length=100)
    expires_at: datetime
    used_at: datetime | None = None


class OfficeVisit(SQLModel, table=True):
    """A session of a user of the office in the console; only the hash of the cookie is kept.

    Attributes:
        device: browser and system in two words, by which people know their own sessions.
        failed: wrong tries between the sign-in before this one and this one.
    """

    __tablename__ = "office_session"
    id: int | None = Field(default=None, sa_column=id_column())
    user_id: int = Field(sa_type=BigId, foreign_key="user_account.id", index=True)
    token_hash: bytes = Field(sa_type=LargeBinary, unique=True)
    device: str = Field(default="", max_length=40)
    failed: int = 0
    created_at: datetime
    used_at: datetime
    ended_at: datetime | None = None
