"""What a provider says later, when it is asked: a call that may be another notice's, a number that does not exist."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, select

from core.clock import FixedClock
from core.database import reading
from core.keys import MasterKeys
from core.tables import table
from notify.channels.base import Accepted, Consequence, Found, InDoubt, ProviderStatus
from notify.stops import BY_OWNER
from registry.tables import Address
from tests.notify.sending.house import House, Scripted, enrol_people, house, numbers

ADDRESSES = table(Address)


@pytest.fixture
def home(engine: Engine, tmp_path: Path, clock: FixedClock, keys: MasterKeys) -> House:
    """An office with notices to two numbers."""
    made = house(engine, tmp_path, clock, keys)
    enrol_people(made, numbers(2))
    made.release()
    return made


def later(clock: FixedClock, seconds: float) -> None:
    """Let time pass."""
    clock.advance(timedelta(seconds=seconds))


@pytest.mark.parametrize("certain, states", [(False, ["accepted", "ready"]), (True, ["accepted", "accepted"])])
def test_one_call_is_not_two_notices(home: House, clock: FixedClock, certain: bool, states: list[str]) -> None:
    """A call found for two notices belongs to one of them; the other is sent again, marked as perhaps doubled."""
    channel = Scripted(answer=lambda n: InDoubt("reset"), found=lambda n: Found("CA1", "sent", certain=certain))
    made = home.with_channels(channel)
    made.drain()
    later(clock, made.office.settings.grace + 1)
    made.reconcile()
    rows = sorted(made.rows(), key=lambda row: row.state)
    assert [row.state for row in rows] == states
    assert [row.doubtful for row in rows] == [False, not certain]
    assert [row.provider_id for row in rows if row.state == "accepted"] == ["CA1"] * states.count("accepted")


@pytest.mark.parametrize("means, reason", [
    (Consequence.ADDRESS_BAD, "provider: no such address"), (Consequence.OPTED_OUT, BY_OWNER), (Consequence.NONE, ""),
])  # fmt: skip
def test_what_the_poller_learns_of_a_number_stops_it(
    home: House, clock: FixedClock, means: Consequence, reason: str
) -> None:
    """A receipt that was lost and is asked for stops the number as the receipt would have."""
    told = ProviderStatus("SM1", "undelivered", "30005", {"MessageStatus": "undelivered"}, means)
    made = home.with_channels(Scripted(answer=lambda n: Accepted(f"SM{n.delivery_id}", "queued"), told=told))
    made.drain()
    later(clock, made.office.settings.poll_after + 1)
    made.reconcile(poll=True)
    with reading(made.office.engine) as connection:
        reasons = set(connection.execute(select(ADDRESSES.c.stop_reason)).scalars())
    assert reasons == {reason}
