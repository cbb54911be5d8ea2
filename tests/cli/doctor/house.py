"""An office that is well, and a doctor who reaches nobody outside."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import insert

from cli.doctor.examination import examine
from cli.doctor.model import Finding, Patient, Status, Tools, Wish
from core.clock import FixedClock
from core.database import open_engine, set_mode, writing
from core.settings import Settings
from core.tables import Mode, table
from notify.duty.store import beat
from notify.office import Office, open_office
from notify.tables import Run
from sources import store
from sources.catalog import is_on
from sources.tables import SourceState

NOW = datetime(2026, 11, 22, tzinfo=UTC)
OFF = frozenset({"gvp"})


@dataclass
class World:
    """What is outside, as far as the doctor asks: who listens, what time it is there, how full the disk is."""

    refuses: frozenset[str] = frozenset()
    says: datetime = NOW
    free: int = 50_000
    asked: list[tuple[str, int, bool]] = field(default_factory=list)

    def connect(self, host: str, port: int, tls: bool) -> None:
        """Take a line, or refuse it."""
        self.asked.append((host, port, tls))
        if host in self.refuses or "*" in self.refuses:
            raise ConnectionRefusedError(111, "Connection refused")

    def date_of(self, url: str) -> datetime:
        """Say what time it is."""
        return self.says

    @property
    def tools(self) -> Tools:
        """Return what the doctor is given."""
        return Tools(self.connect, self.date_of, lambda _: self.free)


def well(home: Path) -> None:
    """Make an office a month ago in which everything was done last night."""
    office = open_office(Settings(home=home), FixedClock(NOW.replace(month=10)))
    cards = [one.CARD for one in office.sources.values() if is_on(one.CARD, office.settings)]
    with writing(office.engine) as connection:
        for card in cards:
            store.save_state(
                connection,
                SourceState(source_id=card.id, last_good_at=NOW, last_tried_at=NOW, proven_at=NOW, entries=9),
            )
        run = {"kind": "night", "as_of": NOW, "started_at": NOW, "ended_at": NOW, "status": "Completed", "actor": "x"}
        connection.execute(insert(table(Run)).values(run))
        beat(connection, "sweep", NOW)
    office.engine.dispose()
    home.chmod(0o700)


def patient(home: Path, world: World | None = None, wish: Wish | None = None, **settings: Any) -> Patient:
    """Return an office as the doctor gets it."""
    ours = Settings(home=home, **({"duty_phone": "+8613800138000"} | settings))
    return Patient(
        ours, open_engine(ours.database), FixedClock(NOW), (world or World()).tools, wish or Wish(offline=True)
    )


def go(home: Path, mode: Mode) -> None:
    """Put an office into a mode."""
    engine = open_engine(Settings(home=home).database)
    with writing(engine) as connection:
        set_mode(connection, mode)
    engine.dispose()


def change(home: Path, act: Callable[[Any], None]) -> None:
    """Do something to the database of an office."""
    engine = open_engine(Settings(home=home).database)
    with writing(engine) as connection:
        act(connection)
    engine.dispose()


def look(one: Patient) -> list[Finding]:
    """Examine an office; close it."""
    found = list(examine(one))
    one.engine.dispose()
    return found


def by_name(found: Iterable[Finding], *status: Status) -> Mapping[str, list[str]]:
    """Return what is said, in English, by the name of the check; only of these states, if any are given."""
    said: dict[str, list[str]] = {}
    for one in found:
        if not status or one.status in status:
            said.setdefault(one.name, []).append(str(one.words))
    return said


__all__ = ["NOW", "Office", "World", "by_name", "change", "go", "look", "patient", "well"]
