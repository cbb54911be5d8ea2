"""What the stories share: an office at work, real captures, and what stands on the desk in the morning."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from core.database import reading, writing
from core.settings import Settings
from notify import alerts, night
from notify.channels.recorder import Recorder
from notify.office import Office
from notify.store import alerts as store
from notify.tables import AlertVersion
from registry.people import NewPosting
from sources.publishers import cn_mfa
from tests.notify.alerts.nights import Captures, Nights
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
    return Nights(folder, scene, office, phones)


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


def work_border(nights: Captures) -> list[dict[str, Any]]:
    """Work the night before the reminder of Tajikistan and Afghanistan, the night of it, and the one after; return their JSON.

    The list of the night before lacks the newest reminder (derived).
    """
    before, autumn = datetime(2026, 9, 10, tzinfo=UTC), datetime(2026, 10, 4, tzinfo=UTC)
    nights.capture(cn_mfa.CARD, before, real("cn-mfa/aqtx-list-p1-20260910.derived.html"))
    nights.capture(cn_mfa.CARD, autumn, real("cn-mfa/aqtx-list-p1-20261004.fragment.html"))
    pages = {
        "https://cs.mfa.gov.cn/aqtx/index_1.html": "cn-mfa/aqtx-list-p2-20261004.fragment.html",
        "https://cs.mfa.gov.cn/aqtx/202609/t20260914_12021693.html": "cn-mfa/aqtx-detail-t20260914_12021693.fragment.html",
    }
    for url, file in pages.items():
        nights.page(cn_mfa.CARD, autumn, url, real(file))
    moments = (before, autumn, autumn + timedelta(days=1))
    return [nights.work(["cn-mfa"], one + timedelta(hours=18, minutes=30)) for one in moments]


def hold_border(nights: Sequence[dict[str, Any]], sent: Sequence[tuple[str, str]]) -> None:
    """Hold three nights, and what was sent (numbers and words), against what was worked out by hand.

    Level 4 of home is route home-4: every channel, quiet hours broken, asks "safe?" because the text says to leave. One alert by
    rule, one message each to Tajikistan and Afghanistan; Uzbekistan next door hears nothing; worked again, nobody hears it twice.
    """
    assert [len(one["alerts"]) for one in nights] == [0, 1, 0]
    [alert] = nights[1]["alerts"]
    assert [alert[one] for one in ("kind", "status", "rule", "countries", "people")] == [
        "first", "done", "home-4", ["AF", "TJ"], 2,
    ]  # fmt: skip
    assert sorted(to for to, _ in sent) == sorted([number("TJ"), number("AF")])
    assert all("暂勿前往塔吉克斯坦和阿富汗边境地区" in words and "平安回1" in words for _, words in sent)
