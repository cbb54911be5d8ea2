"""Levels side by side: who says what of a country, since when, who moved first, and who cannot be asked."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Engine

from core.database import reading, writing
from core.i18n import t
from notify.levels import Direction, SideBySide
from notify.levels_told import in_a_line, side_json
from notify.store.levels import beside, look
from sources.catalog import publishers
from sources.change import Comparison, Entry
from sources.model import AdvisoryChange, Card, ChangeKind, Level
from sources.store import save_comparison, save_state
from sources.tables import SourceState
from sources.wire import message_json
from tests.notify.alerts.scene import Scene
from tests.notify.made import advisory, draft

NOW = datetime(2026, 11, 22, tzinfo=UTC)
CARDS = [publishers()[name].CARD for name in ("ca-gac", "jp-mofa", "uk-fcdo", "us-state", "de-aa", "usgs")]


def say(engine: Engine, card: str, level: Level, *, days: int, before: Level | None = None, **more: object) -> None:
    """Let a government have said something of Mali so many days ago; `before`: what it said until then."""
    at = NOW - timedelta(days=days)
    values = {
        "source": card,
        "native_id": f"{card}/ML",
        "countries": ("ML",),
        "title": f"Mali ({card})",
        "language": "en",
    }
    new = advisory(
        **(values | {"level_national": level, "level_words": f"words of {level}", "published_at": at} | more)
    )
    known, changes = dict[str, Entry](), list[AdvisoryChange]()
    if before is not None:
        old = advisory(**(values | {"level_national": before, "level_words": f"words of {before}"} | more))
        kind = ChangeKind.RAISED if level > before else ChangeKind.LOWERED  # type: ignore[operator]
        changes.append(AdvisoryChange(kind, True, card, new.native_id, t("Only the date moved."), old, new))
    with writing(engine) as connection:
        save_comparison(connection, known, Comparison(changes, {new.native_id: Entry(new, at)}), None, at)
        save_state(connection, SourceState(source_id=card, baseline_at=NOW - timedelta(days=200), last_good_at=NOW))


@pytest.fixture
def mali(scene: Scene) -> Scene:
    """Give an office where three governments speak of Mali, one is silent, one is broken."""
    say(scene.engine, "us-state", 4, days=30, before=3)
    say(scene.engine, "ca-gac", 4, days=10, before=3)
    say(scene.engine, "jp-mofa", 3, days=150)
    say(scene.engine, "uk-fcdo", 3, days=5, countries=("NE",))
    with writing(scene.engine) as connection:
        reason = message_json(t("{source}: reading failed.", source="de-aa"))
        broken = SourceState(source_id="de-aa", baseline_at=NOW, last_good_at=NOW - timedelta(hours=49), reason=reason)
        save_state(connection, broken)
    return scene


def seen(scene: Scene, country: str = "ML", cards: list[Card] = CARDS) -> SideBySide:
    """Look at a country."""
    with reading(scene.engine) as connection:
        return look(connection, cards, country, NOW)


def test_who_says_what_and_who_moved_first(mali: Scene) -> None:
    """The highest first, each with the night since which it stands; the United States moved before Canada; hazards are no governments."""
    found = seen(mali)
    days = [(one.card.id, one.level, one.since and (NOW - one.since).days, one.first_sight) for one in found.stances]
    assert days == [("ca-gac", 4, 10, False), ("us-state", 4, 30, False), ("jp-mofa", 3, 200, True)]
    assert [(one.source, one.direction) for one in found.moves] == [
        ("us-state", Direction.UP),
        ("ca-gac", Direction.UP),
    ]
    assert found.first is not None
    assert found.first.source == "us-state"


def test_silence_is_told_from_sickness(mali: Scene) -> None:
    """Britain was read and says nothing of Mali; Germany is broken, so that its silence says nothing."""
    found = seen(mali)
    assert [one.id for one in found.nothing] == ["uk-fcdo"]
    assert [(one.card.id, one.age) for one in found.sick] == [("de-aa", timedelta(hours=49))]


def test_in_words(mali: Scene) -> None:
    """One line for a draft or the brief, in both languages; a country of which nobody speaks is said to be one."""
    found, zone = seen(mali), ZoneInfo("Asia/Shanghai")
    zh, en = in_a_line(found, zone, "zh"), in_a_line(found, zone, "en")
    assert zh.startswith("加拿大外交部: ") or "words of 4" in zh
    assert zh.endswith("最先调整：美国国务院，2026-10-23，由 3 调为 4。")
    assert "Moved first: " in en
    assert in_a_line(seen(mali, "FJ"), zone, "zh") == "所读取的各国政府均未提及。"
    assert side_json(found, "zh")["first"] == {"source": "us-state", "at": "2026-10-23T00:00:00Z", "direction": "up"}


def test_beside_a_draft(mali: Scene) -> None:
    """A draft of another government's word has the others beside it; the ministry's own word, and what is sent, do not."""
    peer = mali.open(draft(source_id="us-state", countries=("ML",), rule="peer-high"))
    home = mali.open(draft(countries=("ML",)))
    with reading(mali.engine) as connection:
        assert [one.country for one in beside(connection, peer, CARDS, NOW)] == ["ML"]
        assert beside(connection, home, CARDS, NOW) == []
