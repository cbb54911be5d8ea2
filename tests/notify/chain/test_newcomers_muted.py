"""Later joiners and the other rules of the policy: what they need not hear beside what they hear."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from registry.people import NewPerson
from tests.notify.alerts.scene import person as plain
from tests.notify.chain.newcomers import Later
from tests.notify.made import draft
from tests.registry.people import CONSENT

ONE, TWO = "+260977000001", "+260977000002"
NOW = datetime(2026, 11, 22, tzinfo=UTC)
TODAY: dict[str, Any] = {
    "as_of": NOW, "issued_at": NOW - timedelta(days=2), "channels": ("sms",), "every_channel": False, "ask_safe": False,
    "quiet": False,
}  # fmt: skip


def person(*, sms: tuple[str, ...]) -> NewPerson:
    """Return somebody in Zambia who agreed to providers abroad."""
    return replace(plain(sms=sms), consent=replace(CONSENT, foreign=True))


def test_a_newcomer_is_told_the_highest_of_one_situation(later: Later) -> None:
    """Level 2 came first and level 4 later: who comes then is told level 4 alone, and the record says why; other hazards too."""
    later.join(person(sms=(ONE,)))
    low = later.by_rule(draft(**TODAY, level=2, native_id="low"))
    later.send()
    high = later.by_rule(draft(**TODAY, level=4, native_id="high"))
    other = later.by_rule(draft(**TODAY, level=2, native_id="other", hazard="epidemic"))
    later.send()
    [new] = later.join(person(sms=(TWO,)))
    assert later.catch_up() == 2
    later.send()
    assert [number for number, _ in later.sent()].count(TWO) == 2
    states = {one.id: (one.state, one.reason) for one in later.scene.notices(low)}
    assert [states[one] for one in later.scene.record_of(low, new)] == [
        ("suppressed", f"inhibited:{later.alert_of(high)}")
    ]
    assert len(later.scene.record_of(other, new)) == 1
    assert later.catch_up() == 0
    assert "not-planned" not in later.gaps()
