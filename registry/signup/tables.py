"""Codes that were sent, and registrations that wait for an answer."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import LargeBinary
from sqlmodel import Field, SQLModel

import registry.tables  # noqa: F401  (our foreign keys point to its tables)
from core.tables import BigId, id_column, text_column


class AddressCheck(SQLModel, table=True):
    """A code that was sent to an address, to prove whose it is. Only its hash is kept.

    Attributes:
        address_id: null where somebody asked by a name and an address that nobody has: no code went out, and nothing else
            tells this row from another.
    """

    __tablename__ = "address_check"
    id: int | None = Field(default=None, sa_column=id_column())
    address_id: int | None = Field(default=None, sa_type=BigId, foreign_key="address.id", index=True)
    code_hash: bytes = Field(sa_type=LargeBinary)
    sent_at: datetime
    expires_at: datetime
    tries: int = 0
    passed_at: datetime | None = None


class Registration(SQLModel, table=True):
    """Somebody registers themselves; nothing is in the register before they answer from the address they gave.

    Attributes:
        wrapped: a data key, wrapped by a master key, under which `payload` is sealed; null once taken up or run out.
        payload: the person and the companions as given, sealed JSON.
        code_hash: hash of the code that was sent to the address.
    """

    __tablename__ = "registration"
    id: int | None = Field(default=None, sa_column=id_column())
    wrapped: bytes | None = Field(default=None, sa_type=LargeBinary)
    payload: bytes = Field(sa_type=LargeBinary)
    channel: str = Field(sa_column=text_column())
    address_index: bytes = Field(sa_type=LargeBinary, index=True)
    code_hash: bytes = Field(sa_type=LargeBinary)
    created_at: datetime
    expires_at: datetime
    tries: int = 0
    confirmed_at: datetime | None = None
    registrant_id: int | None = Field(default=None, sa_type=BigId, foreign_key="registrant.id")


class ResidentVisit(SQLModel, table=True):
    """A short visit to one's own registration, opened by a code. Only the hash of what the browser holds is kept.

    Attributes:
        registrant_id, address_id: who, by which address. No foreign keys: an undone roster takes its rows back, and the visit ends.
        ended_at: they said that they are done.
    """

    __tablename__ = "resident_visit"
    id: int | None = Field(default=None, sa_column=id_column())
    token_hash: bytes = Field(sa_type=LargeBinary, unique=True)
    registrant_id: int = Field(sa_type=BigId, index=True)
    address_id: int = Field(sa_type=BigId)
    started_at: datetime
    expires_at: datetime
    ended_at: datetime | None = None
