"""What people asked of us, and what became of it."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Field, SQLModel

import registry.tables  # noqa: F401  (our foreign keys point to its tables)
from core.tables import BigId, id_column, text_column


class PersonRequest(SQLModel, table=True):
    """What a person asked of us under the law (access, correction, export, erasure), and what became of it.

    Attributes:
        kind: `access`, `correction`, `export`, `erasure`, or `retention` where the time of keeping ran out.
    """

    __tablename__ = "person_request"
    id: int | None = Field(default=None, sa_column=id_column())
    registrant_id: int = Field(sa_type=BigId, index=True)
    kind: str = Field(sa_column=text_column())
    asked_at: datetime
    asked_by: str = Field(max_length=100)
    done_at: datetime | None = None
    done_by: str | None = Field(default=None, max_length=100)
    result: str = Field(default="", max_length=200)
