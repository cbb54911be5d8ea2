"""What holds notices: budgets, countries that cannot be reached, pauses, rates. Nothing is dropped, and the rest goes on."""

from __future__ import annotations

import asyncio
import threading
import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, select

from core.clock import FixedClock, SystemClock
from core.database import reading, writing
from core.errors import BadInput, NotAllowed
from core.keys import MasterKeys
from core.settings_tables import Budget
from core.tables import Audit, table
from notify import pausing, proof
from notify.alerts import cancel
from notify.budgets import day_of, fit
from notify.channels.base import Accepted, NotSent, Outgoing, Rejected, Result
from notify.holding import budget_gaps
from notify.lanes import Lane, lanes
from notify.office import Office
from notify.reconcile import reconcile
from notify.store import holds
from notify.store import pausing as pauses
from notify.store.deliveries import DELIVERIES, Claimed, Lease
from notify.summary import alert_json
from notify.tables import BudgetUse
from registry.actors import SYSTEM, Actor
from registry.tables import Role
from tests.notify.sending.house import ACCEPTED, READY, House, Scripted, claim, enrol_people, house, numbers

OFFICER = Actor("lin.daiyu", Role.OFFICER, 1)
USES = table(BudgetUse)


def with_settings(home: House, **values: Any) -> House:
    """Return the same house under other settings."""
    office = home.office
    settings = office.settings.model_copy(update=values)
    return House(Office(settings, office.engine, office.clock, office.keys, office.channels))


def crowd(empty: House, count: int, **settings: Any) -> tuple[House, Scripted]:
    """Return a house with that many people and a released alert of level 4."""
    sms = Scripted()
    home = with_settings(empty, **settings).with_channels(sms)
    enrol_people(home, numbers(count))
    home.release()
    return home, sms


def gaps(home: House) -> dict[str, str]:
    """Return what is not accounted for, by kind."""
    with reading(home.office.engine) as connection:
        found = [*proof.gaps(connection), *budget_gaps(connection, home.office.settings, home.office.clock.now())]
        return {gap.kind: gap.message.render("en") for gap in found}


def reasons(home: House) -> Counter[str]:
    """Count the reasons of what is ready."""
    return Counter(row.reason for row in home.rows() if row.state == READY)


@pytest.mark.parametrize("wanted, limit, used, chosen, full", [
    ([(1, "TJ"), (2, "ZM"), (3, "TJ")], {"TJ": 1}, {}, [1, 2], ["TJ"]),
    ([(1, "TJ"), (2, "ZM"), (3, "TJ")], {"*": 2}, {}, [1, 2], ["*"]),
    ([(1, "TJ"), (2, "ZM")], {"*": 5, "TJ": 3}, {"TJ": 3, "*": 3}, [2], ["TJ"]),
    ([(1, "TJ"), (2, "ZM")], {"*": 5, "ZM": 3}, {"*": 4}, [1], ["*"]),
    ([(1, "TJ")], {"TJ": 2}, {"TJ": 5}, [], ["TJ"]),
    ([], {"TJ": 1}, {}, [], []),
])  # fmt: skip
def test_what_fits_into_a_budget(
    wanted: list[tuple[int, str]], limit: dict[str, int], used: dict[str, int], chosen: list[int], full: list[str]
) -> None:
    """The most urgent fit first; a country's limit and the limit of all hold together; the one that refused is named."""
    assert fit(wanted, limit, used) == (chosen, full)


def test_a_day_is_the_offices() -> None:
    """At 17:00 UTC the next day has begun in Jinan."""
    day = day_of(datetime(2026, 11, 22, 17, tzinfo=UTC), "Asia/Shanghai")
    assert (day.date.isoformat(), day.ends) == ("2026-11-23", datetime(2026, 11, 23, 16, tzinfo=UTC))


def test_a_budget_holds_and_the_next_day_goes_on(empty: House) -> None:
    """At the limit the rest waits, is named and counted by budget; other channels go on; after midnight at the office it leaves;
    each notice is called for once."""
    home, sms = crowd(empty, 10, budgets=(Budget(channel="sms", country="TJ", per_day=6),))
    mail = Scripted(name="email")
    home = House(home.office.with_channels({"sms": sms, "email": mail}))
    enrol_people(home, ["a@example.invalid"], channel="email")
    home.release(channels=["email"])
    home.run(within=60)
    assert len(sms.calls) == 6
    assert len(mail.calls) == 1
    assert reasons(home) == {"budget:sms:TJ": 4}
    found = gaps(home)
    assert "4 notices are not sent yet (the budget of the day for sms, TJ, is used up)" in found["budget-held"]
    assert "6 of 6" in found["budget-near"]
    with reading(home.office.engine) as connection:
        assert alert_json(connection, 1)["held"] == {"budget:sms:TJ": 4}
    home.run(within=60)
    assert len(sms.calls) == 6
    clock = home.office.clock
    assert isinstance(clock, FixedClock)
    clock.advance(timedelta(hours=17))
    home.run(within=60)
    assert (len(sms.calls), len(set(sms.calls)), reasons(home)) == (10, 10, Counter())


def test_a_raised_budget_lets_go_at_once(empty: House) -> None:
    """When an officer raises the limit, or takes it away, what waited leaves with the next run, up to the new limit."""
    home, sms = crowd(empty, 10, budgets=(Budget(channel="sms", per_day=3),))
    home.run(within=60)
    assert reasons(home) == {"budget:sms:*": 7}
    with_settings(home, budgets=(Budget(channel="sms", per_day=5),)).run(within=60)
    assert (len(sms.calls), reasons(home)) == (5, Counter({"budget:sms:*": 5}))
    with_settings(home, budgets=()).run(within=60)
    assert (len(sms.calls), home.states()) == (10, [ACCEPTED] * 10)


def test_four_fifths_warn(empty: House) -> None:
    """Below four fifths nobody is told; from there on a gap names the budget."""
    home, _ = crowd(empty, 8, budgets=(Budget(channel="sms", per_day=10),))
    assert "budget-near" not in gaps(home)
    home.run(within=60)
    assert "8 of 10" in gaps(home)["budget-near"]


def test_two_dispatchers_do_not_overrun_a_budget(empty: House) -> None:
    """Two connections that claim at the same moment take together what the budget leaves, and no row twice."""
    home, _ = crowd(empty, 60)
    now = home.office.clock.now()
    taken: list[Claimed] = []
    start = threading.Barrier(2)

    def work(owner: str) -> None:
        start.wait()
        for _ in range(8):
            with writing(home.office.engine) as connection:
                lease = Lease(owner, now, now + timedelta(seconds=90), 5)
                got = holds.claim_within(connection, lease, "sms", None, {"TJ": 33, "*": 40}, day_of(now, "UTC"))
            taken.extend(got)

    threads = [threading.Thread(target=work, args=[name]) for name in ("one", "two")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(taken) == len({one.id for one in taken}) == 33
    with reading(home.office.engine) as connection:
        used = {row.country: row.used for row in connection.execute(select(USES))}
    assert used == {"TJ": 33, "*": 33}
    assert reasons(home) == {"budget:sms:TJ": 27}


def test_a_country_that_cannot_be_reached_waits_alone(empty: House) -> None:
    """After "this country is not permitted" nothing more goes to that calling code, the rest goes on, and a gap says which; with
    the switch thrown at the provider it goes out a quarter of an hour later."""
    there, elsewhere = numbers(40), [f"+26097700{i:04d}" for i in range(40)]
    shut = [True]

    def answer(notice: Outgoing) -> Result:
        if shut[0] and notice.address.startswith("+992"):
            return Rejected("21408", "permission to send to this region is not enabled", stops_country=True)
        return Accepted(f"SM{notice.delivery_id}")

    sms = Scripted(answer=answer)
    home = empty.with_channels(sms)
    enrol_people(home, there + elsewhere)
    home.release()
    done = home.run(within=60)
    assert done.places == (("sms", "+992"),)
    assert Counter(home.states()) == {ACCEPTED: 40, READY: 40}
    assert len(sms.calls) <= 40 + 8
    assert reasons(home) == {"country-stopped:+992": 40}
    assert "40 notices are not sent yet (+992 cannot be reached" in gaps(home)["country-stopped"]
    clock = home.office.clock
    assert isinstance(clock, FixedClock)
    shut[0] = False
    clock.advance(timedelta(minutes=16))
    home.run(within=60)
    assert set(home.states()) == {ACCEPTED}


def test_a_pause_holds_and_a_resume_goes_on(empty: House) -> None:
    """While it is paused nothing of an alert leaves, other alerts do, the engine ends, and it is named; resumed, it goes on."""
    home, sms = crowd(empty, 5)
    with writing(home.office.engine) as connection:
        assert pausing.pause(connection, 1, home.office.acting(OFFICER)) == 5
        with pytest.raises(BadInput, match="can be paused"):
            pausing.pause(connection, 1, home.office.acting(OFFICER))
    home.release()
    home.run(within=3600)
    assert home.states() == [READY] * 5 + [ACCEPTED] * 5
    assert "by lin.daiyu" in gaps(home)["alert-paused"]
    with writing(home.office.engine) as connection:
        assert alert_json(connection, 1)["paused"]
        assert pausing.resume(connection, 1, home.office.acting(OFFICER)) == 5
        with pytest.raises(BadInput, match="not paused"):
            pausing.resume(connection, 1, home.office.acting(OFFICER))
    home.run(within=60)
    assert home.states() == [ACCEPTED] * 10
    assert "alert-paused" not in gaps(home)
    audit = table(Audit)
    with reading(home.office.engine) as connection:
        acts = connection.execute(select(audit.c.action, audit.c.actor).where(audit.c.action.like("alert.%e"))).all()
    assert ("alert.pause", "lin.daiyu") in [tuple(row) for row in acts]
    assert ("alert.resume", "lin.daiyu") in [tuple(row) for row in acts]
    assert len(sms.calls) == 10


def test_calls_that_are_out_end_and_validity_ends_a_pause(empty: House) -> None:
    """A call that was out when the pause came is written down as it ends; what waits runs out with its alert all the same."""
    home, _ = crowd(empty, 20)

    def paused_meanwhile(notice: Outgoing) -> Result:
        with writing(home.office.engine) as connection:
            pauses.pause(connection, 1, "x", home.office.clock.now())
        return Accepted("SM1") if notice.delivery_id % 2 else NotSent("connect")

    home.with_channels(Scripted(answer=paused_meanwhile)).drain()
    states = Counter(home.states())
    assert states[ACCEPTED] + states[READY] == 20
    assert states[ACCEPTED] >= 1
    clock = home.office.clock
    assert isinstance(clock, FixedClock)
    clock.advance(timedelta(hours=25))
    home.drain()
    assert Counter(home.states()) == {ACCEPTED: states[ACCEPTED], "expired": states[READY]}


def test_a_paused_doubt_is_settled_and_a_paused_alert_can_be_cancelled(one: House) -> None:
    """A pause does not keep the provider from being asked; what is proven absent waits; a cancel ends a pause for good."""
    claim(one)
    one.put(state="unknown", due=one.office.clock.now() - timedelta(hours=1))
    with writing(one.office.engine) as connection:
        pausing.pause(connection, 1, one.office.acting(OFFICER))
    home = one.with_channels(Scripted())
    asyncio.run(reconcile(home.office.tools(), poll=False))
    home.drain()
    assert home.states() == [READY]
    with writing(one.office.engine) as connection:
        assert cancel(connection, 1, home.office.acting(SYSTEM)) == 1
    assert home.states() == ["canceled"]


def test_companies_pause_nothing(one: House) -> None:
    """Only the office pauses and resumes."""
    company = Actor("acme", Role.COMPANY, 9, 1)
    for act in (pausing.pause, pausing.resume):
        with writing(one.office.engine) as connection, pytest.raises(NotAllowed):
            act(connection, 1, one.office.acting(company))


def test_a_lane_keeps_its_rate() -> None:
    """Calls leave one slot after another, none is saved up, and no more is taken in hand than goes out in five seconds."""
    now = datetime(2026, 11, 22, tzinfo=UTC)
    lane = lanes(["sms"], 64, {"sms": 2.0})["sms"]
    assert [lane.turn(now) for _ in range(4)] == [0.0, 0.5, 1.0, 1.5]
    later = now + timedelta(minutes=1)
    assert [lane.turn(later) for _ in range(2)] == [0.0, 0.5]
    assert (lane.batch, Lane(64, 64).batch, lanes(["sms"], 64, {"sms": 0.1})["sms"].batch) == (10, 128, 1)
    lane.heard(NotSent("20429", "", 4.0, throttled=True), later)
    assert (lane.room, lane.wait(later), lane.rate) == (32, 4.0, 2.0)


def test_a_rate_holds_in_a_drain(engine: Engine, tmp_path: Path, keys: MasterKeys) -> None:
    """Twelve notices at twenty a second take about half a second, evenly, whatever the number of calls at once."""
    home = house(engine, tmp_path, SystemClock(), keys, rates={"sms": 20.0})
    enrol_people(home, numbers(12))
    home.release()
    moments: list[float] = []

    def note(notice: Outgoing) -> Result:
        moments.append(time.monotonic())
        return Accepted(f"SM{notice.delivery_id}")

    home.with_channels(Scripted(answer=note)).drain()
    gaps_between = [b - a for a, b in pairwise(moments)]
    assert len(moments) == 12
    assert moments[-1] - moments[0] >= 0.5
    assert sorted(gaps_between)[len(gaps_between) // 2] < 0.2


def test_the_most_urgent_goes_first_across_alerts(empty: House) -> None:
    """Of two alerts that wait, every notice of the graver one is taken before any of the other, whichever came first."""
    sms = Scripted()
    home = with_settings(empty, dispatch_concurrency=1).with_channels(sms)
    enrol_people(home, numbers(6))
    assert isinstance(home.office.clock, FixedClock)
    home.office.clock.advance(timedelta(hours=6))  # day where they are: no quiet hours
    home.release(level=3)
    grave = home.release(level=4)
    home.drain()
    versions = {row.id: row.version_id for row in home.rows()}
    assert [versions[number] == grave for number in sms.calls] == [True] * 6 + [False] * 6


def test_what_is_released_meanwhile_does_not_wait_for_another_channel(
    engine: Engine, tmp_path: Path, keys: MasterKeys
) -> None:
    """While mail keeps a sender busy, an SMS that is released is called for within a second."""
    home = house(engine, tmp_path, SystemClock(), keys, rates={"email": 4.0})
    enrol_people(home, [f"p{i}@example.invalid" for i in range(12)], channel="email")
    home.release(channels=["email"])
    released: list[float] = []
    called: list[float] = []

    def note(notice: Outgoing) -> Result:
        called.append(time.monotonic())
        return Accepted("SM1")

    home = home.with_channels(Scripted(answer=note), Scripted(name="email"))

    def release_soon() -> None:
        time.sleep(0.7)
        enrol_people(home, numbers(1))
        home.release()
        released.append(time.monotonic())

    other = threading.Thread(target=release_soon)
    other.start()
    home.drain()
    other.join()
    assert called[0] - released[0] < 1.0
    with reading(home.office.engine) as connection:
        assert connection.execute(select(DELIVERIES.c.id).where(DELIVERIES.c.state == READY)).all() == []
