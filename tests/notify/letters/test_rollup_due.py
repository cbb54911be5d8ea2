"""When a roll-up is due: a table worked out by hand."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from notify.rollup.model import CompanyAccount, Left, Round, Told, edition, morning_mark, rounds_due
from notify.store.account import Reached

RELEASED = datetime(2026, 11, 21, 18, 35, tzinfo=UTC)
"""02:35 of 22 November in Beijing."""
TOLD = Told(1, 10, 1, RELEASED, False, None, RELEASED + timedelta(days=90))
WAVE, CLOSED = edition(1, 1, Round.WAVE), edition(1, 1, Round.CLOSED)


def at(day: int, hour: int, minute: int = 0) -> datetime:
    """Return a moment of November in Beijing."""
    return datetime(2026, 11, day, hour, minute, tzinfo=UTC) - timedelta(hours=8)


def due(now: datetime, done: dict[str, datetime], *, told: Told = TOLD, over: bool = True) -> list[Round]:
    """Return what is due."""
    return list(rounds_due(told, done, now, zone="Asia/Shanghai", over=over))


def closed(moment: datetime) -> Told:
    """Return the alert as it was closed at a moment."""
    return Told(1, 10, 1, RELEASED, False, moment, TOLD.in_force_until)


WAVED = {WAVE: at(22, 3, 5)}


@pytest.mark.parametrize(
    ("now", "done", "told", "over", "rounds"),
    [
        (at(22, 2, 40), {}, TOLD, False, []),
        (at(22, 2, 40), {}, TOLD, True, [Round.WAVE]),
        (at(26, 2, 40), {}, TOLD, True, []),  # nobody begins with alerts of last week
        (at(22, 7, 29), WAVED, TOLD, True, []),
        (at(22, 7, 30), WAVED, TOLD, True, [Round.MORNING]),
        (at(22, 8), WAVED | {morning_mark(1, 1, at(22, 8), "Asia/Shanghai"): at(22, 7, 31)}, TOLD, True, []),
        (at(23, 7, 30), WAVED | {morning_mark(1, 1, at(22, 8), "Asia/Shanghai"): at(22, 7, 31)}, TOLD, True, [Round.MORNING]),
        (at(22, 12), {WAVE: at(22, 11)}, TOLD, True, []),  # the wave ended after this morning: the next one
        (at(22, 12), WAVED, closed(at(22, 11)), True, [Round.CLOSED]),
        (at(22, 12), WAVED | {CLOSED: at(22, 11, 1)}, closed(at(22, 11)), True, []),
        (at(22, 3, 6), WAVED, closed(at(22, 3)), True, []),  # the wave was told after the end, and told of it
        (at(26, 12), WAVED, closed(at(22, 11)), True, []),
        (TOLD.in_force_until, WAVED, TOLD, True, []),
        (at(22, 8), WAVED, Told(1, 10, 1, RELEASED, True, at(22, 2, 35), TOLD.in_force_until), True, []),
    ],
)  # fmt: skip
def test_the_rounds_that_are_due(
    now: datetime, done: dict[str, datetime], told: Told, over: bool, rounds: list[Round]
) -> None:
    """The wave when it is over, the morning after it, the end once; nothing twice, and nothing of long ago."""
    assert due(now, done, told=told, over=over) == rounds


def test_a_digest_knows_whether_anything_changed() -> None:
    """Equal accounts have equal hashes whichever company they are of; one person more or another reason changes it."""
    one = CompanyAccount(1, 10, {Reached.DELIVERED: 2}, {"sms": 2})
    assert one.digest == CompanyAccount(2, 10, {Reached.DELIVERED: 2}, {"sms": 2}).digest
    others = [
        CompanyAccount(1, 10, {Reached.DELIVERED: 3}, {"sms": 2}),
        CompanyAccount(1, 10, {Reached.DELIVERED: 2}, {"sms": 2}, (Left(4, Reached.NO_WAY),)),
        CompanyAccount(1, 10, {Reached.DELIVERED: 2}, {"sms": 2}, answers={"silent": 2}, silent=(1, 2)),
    ]
    assert len({one.digest, *(other.digest for other in others)}) == 4
