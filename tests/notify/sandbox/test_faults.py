"""The spec of faults and its dice."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from core.errors import WrongSetting
from notify.sandbox.faults import Dice, Fault, parse, plan_callbacks, plan_request
from notify.sandbox.life import Moment, Status

BORN = datetime(2026, 11, 1, tzinfo=UTC)
MOMENTS = [
    Moment(BORN + timedelta(seconds=n), status)
    for n, status in enumerate((Status.SENDING, Status.SENT, Status.DELIVERED))
]


def told(spec: str) -> list[str]:
    """Return the statuses of the callbacks under `spec`, in order."""
    return [str(one.moment.status) for one in plan_callbacks(parse(spec), 1, 1, MOMENTS)]


def test_a_full_spec_is_understood() -> None:
    """Every name of the documented spec is read into its place."""
    faults = parse(
        "429=0.05, 500-before=0.02,500-after=0.02,reset-before=0.01,reset-after=0.02,hang=0.01,hang-after=0.01,"
        "garbled-after=0.01,slow=0.2:2.5,dup-callback=0.1,early-callback=0.1,lost-callback=0.1,reorder-callback=0.1,"
        "extra-field=1,max-concurrency=50,step=0.1,mps=10"
    )
    assert set(faults.faults) == set(Fault) - {Fault.NONE}
    assert set(faults.dice) == set(Dice)
    assert (faults.slow_for, faults.max_concurrency, faults.step, faults.mps) == (2.5, 50, 0.1, 10)


@pytest.mark.parametrize(
    "spec",
    ["500=0.1", "none=1", "429", "429=2", "429=-1", "429=nan", "slow=0.1:x", "step=-1", "mps=inf", "429=0.6,hang=0.6"],
)
def test_nonsense_is_refused(spec: str) -> None:
    """An unknown name, a value out of range, or chances above 1 together are refused, never guessed at."""
    with pytest.raises(WrongSetting):
        parse(spec)


def test_the_dice_are_seeded() -> None:
    """The same seed gives the same faults, another seed others, and each about as often as asked for."""
    faults = parse("429=0.2,hang=0.1")
    first = [plan_request(faults, 1, n).fault for n in range(2000)]
    assert first == [plan_request(faults, 1, n).fault for n in range(2000)]
    assert first != [plan_request(faults, 2, n).fault for n in range(2000)]
    assert 300 < first.count(Fault.RATE_LIMIT) < 500
    assert 130 < first.count(Fault.HANG) < 270


def test_no_faults_no_mishaps() -> None:
    """Without faults every callback comes once, in order."""
    assert told("") == ["sending", "sent", "delivered"]


def test_doubled_and_late_callbacks() -> None:
    """A doubled callback comes twice, a late one after the one that follows it."""
    assert told("dup-callback=1") == ["sending", "sending", "sent", "sent", "delivered", "delivered"]
    assert told("reorder-callback=1") != told("")
    assert sorted(told("reorder-callback=1")) == sorted(told(""))


def test_lost_callbacks_are_listed_but_not_posted() -> None:
    """A lost callback stays in the plan, marked as lost, so that it can be shown."""
    assert all(one.lost for one in plan_callbacks(parse("lost-callback=1"), 1, 1, MOMENTS))
