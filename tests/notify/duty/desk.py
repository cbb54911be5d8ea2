"""An office with a duty table and channels that do as they are told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, select

from core.clock import FixedClock
from core.database import ensure_instance, reading, writing
from core.i18n import t
from core.keys import MasterKeys
from core.settings import load
from core.tables import table
from notify.channels.base import Outgoing
from notify.channels.recorder import Recorder
from notify.duty import answers, calling, shift_store, store
from notify.duty.calling import Called
from notify.duty.paging import page
from notify.duty.shifts import Shift
from notify.duty.tables import DutyCall, DutyPage
from notify.office import Office

NOON = datetime(2026, 11, 22, 4, tzinfo=UTC)
ANNA, BERT, LAST = "+260970000001", "+260970000002", "+8613800138000"
KEYS = MasterKeys({"test": bytes(range(32))}, "test")


@dataclass
class Desk:
    """The office at work."""

    office: Office
    clock: FixedClock
    sms: Recorder
    voice: Recorder

    def on_duty(self, phone: str, *, hours: int = 8, begins: int = 0) -> int:
        """Put somebody on duty from some hours after noon."""
        begin = NOON + timedelta(hours=begins)
        shift = Shift(0, "某人", phone, begin, begin + timedelta(hours=hours))
        with writing(self.office.engine) as connection:
            return shift_store.add(connection, shift, self.office.keys, by="lin.daiyu", now=self.clock.now())

    def page(self, cause: str) -> bool:
        """Want a person for a cause."""
        with writing(self.office.engine) as connection:
            return page(connection, cause, t("{source} was never read.", source=cause), self.clock.now())

    def settle(self, cause: str) -> bool:
        """Close a cause."""
        with writing(self.office.engine) as connection:
            return store.settle(connection, cause, self.clock.now())

    def sweep(self, *, after: float = 0) -> Called:
        """Make the calls that are due so many seconds later."""
        self.clock.advance(timedelta(seconds=after))
        return calling.call_due(self.office)

    def word(self, number: str, body: str) -> bool:
        """Let somebody write to us."""
        with writing(self.office.engine) as connection:
            return answers.take_word(connection, number, body, self.office.keys, self.clock.now())

    def hear(self, sent: Outgoing, status: str) -> bool:
        """Let a provider say something of a call."""
        with writing(self.office.engine) as connection:
            return answers.hear(connection, sent.delivery_id, status, code="", now=self.clock.now())

    def pages(self) -> list[DutyPage]:
        """Return the pages that are open."""
        with reading(self.office.engine) as connection:
            return store.open_pages(connection)

    def calls(self) -> list[Any]:
        """Return every call that was written down."""
        with reading(self.office.engine) as connection:
            return list(connection.execute(select(table(DutyCall)).order_by(table(DutyCall).c.id)).all())

    def everything(self) -> list[Any]:
        """Return every page there ever was."""
        with reading(self.office.engine) as connection:
            return list(connection.execute(select(table(DutyPage)).order_by(table(DutyPage).c.id)).all())

    def sent(self) -> list[tuple[str, str]]:
        """Return whom each channel reached: by SMS, then by call."""
        return [(one.name, notice.address) for one in (self.sms, self.voice) for notice in one.sent]

    def with_settings(self, **values: Any) -> Desk:
        """Return the same desk with other settings."""
        settings = load(**({"home": self.office.settings.home, "lang": "en", "duty_phone": LAST} | values))
        return replace(self, office=replace(self.office, settings=settings))


def open_desk(engine: Engine, home: Path, *, channels: Mapping[str, Recorder] | None = None, **values: Any) -> Desk:
    """Open an office at noon on a database that has its tables."""
    clock, sms, voice = FixedClock(NOON), Recorder("sms"), Recorder("voice")
    ensure_instance(engine, KEYS, clock.now())
    settings = load(**({"home": home, "lang": "en", "duty_phone": LAST} | values))
    given = {"sms": sms, "voice": voice} if channels is None else channels
    return Desk(Office(settings, engine, clock, KEYS, given), clock, sms, voice)
