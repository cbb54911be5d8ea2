"""The house of a replay: an office of its own in a temporary home, with the settings of the real one and nobody in its register."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.pool import ConnectionPoolEntry
from sqlmodel import SQLModel

from core.clock import FixedClock
from core.database import ensure_instance, open_engine, reading, set_mode, writing
from core.tables import Mode
from notify.office import Office
from notify.policy import Policy
from notify.replay import store
from notify.store import alerts as alert_store
from sources.archive import Archive
from sources.fetch import Fetcher
from sources.read import Desk


@dataclass(frozen=True)
class Rehearsal(Office):
    """An office under a policy that is given. It has no channels and an empty register: nothing can leave, and nobody is in it."""

    given: Policy | None = None

    @property
    def policy(self) -> Policy:
        """Return the policy of the replay."""
        assert self.given is not None
        return self.given


@dataclass(frozen=True)
class House:
    """The office of the replay, its clock, and the office it is read from."""

    real: Office
    own: Rehearsal
    clock: FixedClock

    def desk(self, fetcher: Fetcher) -> Desk:
        """Give what reading a source needs: bytes from `fetcher`, kept in the temporary home."""
        wait = timedelta(seconds=self.own.settings.confirm_after)
        return Desk(self.own.engine, self.own.archive, fetcher, wait)

    @property
    def captures(self) -> Archive:
        """Return where the real office keeps its captures; they are only read."""
        return self.real.archive


@contextmanager
def open_house(real: Office, policy: Policy, begins: datetime) -> Iterator[House]:
    """Make an office in a temporary home for a replay, and take it away at the end.

    The mode is that of the real office, so that the texts carry the same marks.
    """
    with tempfile.TemporaryDirectory(prefix="lingbao-replay-", ignore_cleanup_errors=True) as name:
        home = Path(name)
        url = f"sqlite:///{home / 'replay.db'}"
        settings = real.settings.model_copy(update={"home": home, "database_url": url})
        engine = open_engine(url)
        event.listen(engine, "connect", _in_haste)
        try:
            SQLModel.metadata.create_all(engine)
            clock = FixedClock(begins)
            ensure_instance(engine, real.keys, begins)
            with reading(real.engine) as office, writing(engine) as own:
                set_mode(own, Mode(alert_store.instance(office).mode))
                store.copy_house(office, own)
                store.copy_proven(office, own)
            yield House(real, Rehearsal(settings, engine, clock, real.keys, {}, policy), clock)
        finally:
            engine.dispose()


def _in_haste(connection: DBAPIConnection, record: ConnectionPoolEntry) -> None:
    """Do not wait for the disk: what a crash would lose here is made again."""
    cursor = connection.cursor()
    cursor.execute("PRAGMA synchronous=OFF")
    cursor.close()
