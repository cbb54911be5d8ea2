"""A check of the books that goes on behind the pages: one at a time, its result kept until the next."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from datetime import datetime

from core.audit import record
from core.database import reading, writing
from notify import proof
from notify.ledger.check import Checked, check
from notify.office import Office
from notify.safety.links import Links
from registry.enrol import index_key


@dataclass
class Verifying:
    """The check that runs, or the last one of this process. `found`: None while it runs, or if it broke off."""

    began: datetime | None = None
    by: str = ""
    ended: datetime | None = None
    found: Checked | None = None
    _turn: threading.Lock = field(default_factory=threading.Lock, repr=False)

    @property
    def running(self) -> bool:
        """Tell whether a check runs."""
        return self._turn.locked()

    def begin(self, now: datetime, by: str) -> bool:
        """Begin a check, unless one runs; tell whether it was begun."""
        if not self._turn.acquire(blocking=False):
            return False
        self.began, self.by, self.ended, self.found = now, by, None, None
        return True

    def end(self, found: Checked | None, now: datetime) -> None:
        """Keep what was found."""
        self.found, self.ended = found, now
        self._turn.release()


def verify(office: Office, verifying: Verifying) -> None:
    """Check the books of an office after `begin`; who did so and what came of it stands in the audit."""
    found: Checked | None = None
    try:
        with writing(office.engine) as connection:
            proof.seal(connection, office.clock.now())
        with reading(office.engine) as connection:
            links = Links.under(index_key(connection, office.keys))
            found = check(connection, office.archive, links=links)
        with writing(office.engine) as connection:
            record(connection, actor=verifying.by, action="ledger.verify", subject="ledger", now=office.clock.now(),
                   detail="holds" if found.holds else "does not hold")  # fmt: skip
    finally:
        verifying.end(found, office.clock.now())
