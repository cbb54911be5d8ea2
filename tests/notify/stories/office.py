"""What the stories share: an office at work, real captures, and what stands on the desk in the morning."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from core.database import reading, writing
from core.settings import Settings
from notify import alerts, night
from notify.channels.recorder import Recorder
from notify.office import Office
from notify.store import alerts as store
from notify.tables import AlertVersion
from registry.people import NewPosting
from tests.notify.alerts.nights import Nights
from tests.notify.alerts.scene import APPROVER, OFFICER, Scene, person

REAL = Path(__file__).resolve().parents[3].parent / "shared" / "feeds"


def real(name: str) -> bytes:
    """Return a real capture, or skip."""
    file = REAL / name
    if not file.is_file():
        pytest.skip(f"no captures in {REAL}")
    return file.read_bytes()


def nights_in(scene: Scene, home: Path, policy: Path | None = None) -> Nights:
    """Give an office that works night after night."""
    phones = Recorder()
    settings = Settings(home=home, lang="zh-CN", policy_file=policy)
    folder = home / "captures-of-the-story"
    folder.mkdir()
    office = Office(settings, scene.engine, scene.clock, scene.keys, {"sms": phones})
    return Nights(scene, office, folder, phones)


def settle(scene: Scene, countries: Sequence[str]) -> dict[str, int]:
    """Enrol one person in each country, with a number whose last digits are the letters of the country; return their ids."""
    people = [person(NewPosting(code), sms=(number(code),)) for code in countries]
    return dict(zip(countries, scene.enrol(*people), strict=True))


def number(country: str) -> str:
    """Return the number of the person in a country."""
    return f"+8613800{ord(country[0]):03d}{ord(country[1]):03d}"


def told(nights: Nights) -> list[str]:
    """Return the numbers that got a message, in order of the numbers."""
    return sorted(one.address for one in nights.phones.sent)


def versions(nights: Nights) -> list[AlertVersion]:
    """Return every version of every alert, oldest first."""
    with reading(nights.office.engine) as connection:
        return store.versions(connection)[::-1]


def opened(nights: Nights) -> list[tuple[str, str, str, tuple[str, ...]]]:
    """Return kind, status, rule and countries of every version that a source brought, oldest first."""
    with reading(nights.office.engine) as connection:
        return [
            (one.kind, one.status, one.rule, tuple(place.country for place in store.places(connection, one.id or 0)))
            for one in store.versions(connection)[::-1]
            if one.change_id is not None
        ]


def send(nights: Nights, version: AlertVersion) -> None:
    """Let two officers send a draft at the hour of the story, and hand its notices over."""
    office, number = nights.office, version.id or 0
    with writing(office.engine) as connection:
        alerts.submit(connection, number, office.acting(OFFICER))
        alerts.approve(connection, number, office.acting(APPROVER))
        alerts.release(connection, number, office.acting(OFFICER))
    night.send_due(office, office.clock.now(), timedelta(seconds=20))


def morning(nights: Nights, at: datetime) -> None:
    """Let it become a later hour, and hand over what waited for it."""
    nights.scene.clock.moment = at
    night.send_due(nights.office, at, timedelta(seconds=20))
