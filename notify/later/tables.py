"""Table of later joiners: how far the register was looked at for each alert in force."""

from __future__ import annotations

from datetime import date, datetime

from sqlmodel import Field, SQLModel

from core.tables import BigId


class LaterLook(SQLModel, table=True):
    """When an alert was last looked at for newcomers. A row that is lost costs one look at everybody, and tells nobody twice.

    Attributes:
        day: the day of the office of the last look at everybody: time alone brings people in, for instance those who leave
            within 14 days.
        settled: changes of the register up to this number were looked at, and none of them can still be uncommitted.
        seen: the newest change at `seen_at`; becomes `settled` when it is old enough.
    """

    __tablename__ = "later_look"
    alert_id: int = Field(sa_type=BigId, primary_key=True, foreign_key="alert.id")
    day: date
    settled: int = Field(sa_type=BigId)
    seen: int = Field(sa_type=BigId)
    seen_at: datetime
