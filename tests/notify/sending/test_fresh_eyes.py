"""What must not happen at the rims: a budget spent on nothing, somebody told again who has read it, a rate that starves."""

from __future__ import annotations

import threading
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import Engine, select, update

from core.clock import SystemClock
from core.database import reading, writing
from core.keys import MasterKeys
from core.settings_tables import Budget
from notify import alerts
from notify.account import of_alert
from notify.channels.base import NotSent, ProviderStatus
from notify.lanes import lanes
from notify.receipts import Word, accept
from notify.store import ladder as ladder_store
from notify.store import outbox
from notify.store.deliveries import VERSIONS
from notify.store.outbox import LINKS
from registry.actors import SYSTEM
from tests.notify.sending.house import ACCEPTED, READY, House, Scripted, enrol_people, house, numbers
from tests.notify.sending.test_engine_ladder import by_day, enrol_with_mail, quiet
from tests.notify.sending.test_holds import USES, crowd, with_settings


def used(home: House) -> dict[str, int]:
    """Return what the budgets counted, by country."""
    with reading(home.office.engine) as connection:
        return {row.country: row.used for row in connection.execute(select(USES))}


def confirm(home: House, channel: str, but: int | None = None) -> None:
    """Let the provider confirm everything it took over a channel, but for one."""
    for row in home.rows():
        if row.channel == channel and row.state == ACCEPTED and row.id not in (None, but):
            assert row.id is not None
            word = Word(row.id, row.provider, row.provider_id or "", "delivered", "", {}, "callback")
            with writing(home.office.engine) as connection:
                accept(connection, word, home.office.keys, home.office.clock.now())


def test_what_is_put_back_uses_up_no_budget(empty: House) -> None:
    """A provider that asks us to slow down after one call: what was in hand and is put back is not counted against the budget."""
    home, _ = crowd(empty, 30, budgets=(Budget(channel="sms", country="TJ", per_day=40),), dispatch_concurrency=1)
    sms = Scripted(answer=lambda notice: NotSent("20429", "", 60.0, throttled=True))
    home = home.with_channels(sms)
    home.drain()
    assert len(sms.calls) == 1
    assert used(home) == {"TJ": 1, "*": 1}


def test_what_the_gate_refuses_uses_up_no_budget(empty: House) -> None:
    """No call, no use: a provider that is not on this machine is refused at the last gate in a sandbox."""
    home, _ = crowd(empty, 5, budgets=(Budget(channel="sms", per_day=5),))
    home.with_channels(Scripted(where="api.example.com")).drain()
    assert used(home) == {"TJ": 0, "*": 0}


def test_who_read_the_mail_meanwhile_is_not_told_when_a_budget_opens(empty: House) -> None:
    """SMS is held by a budget, the ladder goes on to mail, and the mail is confirmed: at midnight nothing more goes to them; to
    whom the mail did not reach the SMS still goes."""
    clock = by_day(empty)
    budget = (Budget(channel="sms", country="TJ", per_day=1),)
    sms, mail = Scripted(answer=quiet), Scripted(name="email", answer=quiet)
    home = with_settings(empty, budgets=budget).with_channels(sms, mail)
    enrol_with_mail(home, 4)
    version = home.release(level=3, channels=["sms", "email"])
    home.run(within=60)
    assert (len(sms.calls), len(mail.calls)) == (1, 0)
    clock.advance(timedelta(minutes=11))
    home.run(within=60)
    assert len(mail.calls) == 4
    with reading(home.office.engine) as connection:
        held = select(LINKS.c.recipient_id).where(LINKS.c.delivery_id.not_in(sms.calls), LINKS.c.delivery_id <= 4)
        theirs = select(LINKS.c.delivery_id).where(LINKS.c.recipient_id.in_(held), LINKS.c.delivery_id > 4)
        unread = connection.execute(theirs).scalars().first()
    confirm(home, "email", but=unread)
    clock.advance(timedelta(hours=11))
    home = with_settings(home, budgets=())
    home.run(within=60)
    told = {notice.delivery_id for notice in sms.sent}
    assert len(sms.calls) == len(told) == 2
    left = Counter((row.state, row.reason) for row in home.rows() if row.channel == "sms")
    assert left == {(ACCEPTED, ""): 2, ("canceled", "told"): 2}
    with reading(home.office.engine) as connection:
        account = of_alert(connection)[0]
    assert (account.holds, account.open, version) == (True, 0, 1)


def test_one_of_two_behind_a_number_keeps_its_notice(empty: House) -> None:
    """A notice that waits for two people goes out while one of them has nothing that arrived; level 4 goes out whole."""
    clock = by_day(empty)
    sms = Scripted(answer=lambda notice: NotSent("connect", retry_after=3600.0))
    mail = Scripted(name="email", answer=quiet)
    home = empty.with_channels(sms, mail)
    enrol_with_mail(home, 2)
    enrol_people(home, numbers(1))  # shares the first number and has no mailbox
    home.release(level=3, channels=["sms", "email"])
    home.run()
    clock.advance(timedelta(minutes=11))
    home.run()
    home.run()
    confirm(home, "email")
    home.drain()
    assert Counter((row.state, row.reason) for row in home.rows() if row.channel == "sms") == {
        (READY, "retry"): 1, ("canceled", "told"): 1,
    }  # fmt: skip


def test_a_later_word_reaches_whoever_was_in_doubt_when_it_was_cancelled(one: House) -> None:
    """A doubt that an officer cancels may be with its reader, as one that was to be sent again may: both hear the correction."""
    one.drain()
    for state, values in (
        ("unresolved", {"reason": "no-lookup"}),
        ("ready", {"reason": "severe", "doubtful": True}),
    ):
        one.put(state=state, provider_id=None, provider_status="", provider_rank=0, **values)
        with writing(one.office.engine) as connection:
            connection.execute(update(VERSIONS).values(status="sending"))
            alerts.cancel(connection, 1, one.office.acting(SYSTEM))
            assert len(connection.execute(outbox.told_before([1])).all()) == 1
        assert one.states() == ["canceled"]
    one.put(state="canceled", reason="not-there", doubtful=False)
    with reading(one.office.engine) as connection:
        assert connection.execute(outbox.told_before([1])).all() == []


def test_nothing_is_taken_in_hand_for_a_slot_that_is_far() -> None:
    """Under a rate of one in a hundred seconds nothing is taken until the next slot is near."""
    now = datetime(2026, 11, 22, tzinfo=UTC)
    lane = lanes(["voice"], 64, {"voice": 0.01})["voice"]
    assert (lane.far(now), lane.turn(now), lane.far(now)) == (False, 0.0, True)
    assert not lane.far(now + timedelta(seconds=96))


def test_a_rate_slower_than_a_lease_still_sends(engine: Engine, tmp_path: Path, keys: MasterKeys) -> None:
    """One call a second, with leases of one second: every notice goes out, and each is called for once."""
    limits = {"lease": 1.0, "send_timeout": 0.2, "connect_timeout": 0.2, "grace": 0.1}
    home = house(engine, tmp_path, SystemClock(), keys, rates={"sms": 1.0}, **limits)
    enrol_people(home, numbers(2))
    home.release()
    sms = Scripted()
    home.with_channels(sms).drain()
    assert (len(sms.calls), home.states()) == (2, [ACCEPTED] * 2)


def test_a_next_step_and_a_cancel_come_one_after_the_other(empty: House) -> None:
    """While one sender makes the next steps of a version, another one waits, and then finds nothing left to make; what was
    cancelled or paused meanwhile has no next step."""
    by_day(empty)
    home = empty.with_channels(Scripted(), Scripted(name="email"))
    enrol_with_mail(home, 2)
    version = home.release(level=3, channels=["sms", "email"])
    now, store = home.office.clock.now(), home.office.engine
    order: list[str] = []

    def second() -> None:
        with writing(store) as connection:
            assert ladder_store.still_in_force(connection, version, now)
            order.append("second")

    with writing(store) as connection:
        assert ladder_store.still_in_force(connection, version, now)
        other = threading.Thread(target=second)
        other.start()
        other.join(0.3)
        order.append("first")
    other.join()
    assert order == ["first", "second"]
    with writing(store) as connection:
        alerts.cancel(connection, version, home.office.acting(SYSTEM))
        assert not ladder_store.still_in_force(connection, version, now)


def test_the_provider_is_asked_before_anybody_is_told_again(empty: House) -> None:
    """Receipts that never come (our address for them is wrong) are fetched before the ladder moves on for silence."""
    clock = by_day(empty)
    sms, mail = Scripted(answer=quiet, told=ProviderStatus("SM1", "delivered")), Scripted(name="email")
    home = empty.with_channels(sms, mail)
    enrol_with_mail(home, 1)
    home.release(level=3, channels=["sms", "email"])
    for _ in range(13):
        home.run(within=60)
        clock.advance(timedelta(minutes=1))
    assert (len(sms.polled), len(mail.calls)) == (1, 0)
