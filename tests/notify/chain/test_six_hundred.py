"""A correction after 600 of 1,000 were sent, through the real dispatcher and the sandbox, with a crash between and receipts later."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine

from core.clock import FixedClock
from core.database import reading, writing
from core.keys import MasterKeys
from core.settings import Settings
from notify import alerts
from notify.account import accounts
from notify.chain import Next, Reach, follow, reach
from notify.channels.base import InDoubt, Outgoing, Rejected, Result
from notify.channels.twilio_sms import TwilioSms
from notify.sandbox.running import Running, running
from notify.store import alerts as store
from notify.store.account import Reached
from notify.store.outbox import told_before
from notify.tables import DeliveryState, VersionKind
from registry.actors import Actor
from registry.tables import Role
from tests.notify.sending.house import House, claim, enrol_people, house, numbers

CROWDS = {"sqlite": (1000, 600), "postgresql": (100, 60)}
"""People, and how many of them are told before the account is stopped."""
RIGHT = "无需撤离，请留在室内"
OFFICER, APPROVER = Actor("lin.daiyu", Role.OFFICER, 1), Actor("wang.xifeng", Role.APPROVER, 3)


LOST_ANSWERS, TAKEN_IN_HAND = 3, 5


class Stopping(TwilioSms):
    """The real channel: the answers to the first calls are lost on the way, and then the account is stopped."""

    def __init__(self, settings: Settings, url: str, open_for: int) -> None:
        """Count from nothing to `open_for` calls."""
        super().__init__(settings, url)
        self.calls, self.open_for = 0, open_for

    async def send(self, notice: Outgoing) -> Result:
        """Make the call while the account is open."""
        if self.calls == self.open_for:
            return Rejected("20003", stops_channel=True)
        self.calls += 1
        result = await super().send(notice)
        return InDoubt("timeout") if self.calls <= LOST_ANSWERS else result


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A sandbox whose messages live their whole life at once."""
    with running(tmp_path_factory.mktemp("sandbox"), faults="step=0") as one:
        yield one


def test_the_six_hundred_get_the_correction_and_the_four_hundred_only_that(
    engine: Engine, tmp_path: Path, clock: FixedClock, keys: MasterKeys, sandbox: Running
) -> None:
    """Everybody gets the correction exactly once; who was told wrongly is corrected, who was not never reads the wrong words."""
    sandbox.reset()
    people, sent = CROWDS[engine.dialect.name]
    home = house(engine, tmp_path, clock, keys, dispatch_concurrency=16, twilio_base_url=sandbox.url)
    enrol_people(home, numbers(people))
    first = home.release()
    claim(home, "dead", TAKEN_IN_HAND)  # a worker takes these in hand and dies before it calls anybody
    home.with_channels(Stopping(home.office.settings, sandbox.url, sent)).run()
    told = {one.to for one in sandbox.messages()}
    assert len(told) == sent
    correction, reached = _correct(home, first)
    assert reached == Reach(sent + TAKEN_IN_HAND, people - sent - TAKEN_IN_HAND)  # in doubt counts as told
    clock.moment += timedelta(minutes=10)  # the lease of the dead worker is over, and doubts may be asked about
    later = home.with_channels(TwilioSms(home.office.settings, sandbox.url))
    later.run()
    _look(home, sandbox, told, (first, correction))


def _correct(home: House, first: int) -> tuple[int, Reach]:
    """Take a correction through two pairs of hands; return it, and who it was said to go to."""
    office = home.office
    with writing(office.engine) as connection:
        alert = store.version(connection, first).alert_id
        version = follow(connection, alert, Next(VersionKind.CORRECTION, title_zh=RIGHT), office.acting(OFFICER))
        found = reach(connection, store.version(connection, version))
        alerts.submit(connection, version, office.acting(OFFICER))
        alerts.approve(connection, version, office.acting(APPROVER))
        alerts.release(connection, version, office.acting(OFFICER))
    return version, found


def _look(home: House, sandbox: Running, told: set[str], versions: tuple[int, int]) -> None:
    first, correction = versions
    people, sent = CROWDS[home.office.engine.dialect.name]
    messages = sandbox.messages()
    right = Counter(one.to for one in messages if RIGHT in one.body)
    wrong = Counter(one.to for one in messages if RIGHT not in one.body)
    assert set(right) == set(numbers(people))
    assert set(wrong) == told
    assert set(right.values()) == {1} == set(wrong.values())
    assert all("更正" in one.body for one in messages if RIGHT in one.body)
    rows = home.rows()
    assert {one.state for one in rows if one.version_id == correction} == {DeliveryState.ACCEPTED}
    assert "delivered" in {one.provider_status for one in rows}  # receipts came in between, and changed nothing of this
    assert sum(one.provider_id is not None for one in rows if one.version_id == first) == sent
    with reading(home.office.engine) as connection:
        [account] = accounts(connection, [correction])
        heard = connection.execute(told_before([first])).all()
    assert set(account.people) <= {Reached.ACCEPTED, Reached.DELIVERED}
    assert (sum(account.people.values()), account.missed) == (people, 0)
    assert len(heard) == sent
