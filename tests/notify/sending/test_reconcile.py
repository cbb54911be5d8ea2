"""The reconciler: what each answer makes of a doubt, what is asked again and when, and what the poller finds."""

from __future__ import annotations

from datetime import timedelta

import pytest

from core.clock import FixedClock
from notify.channels.base import (
    Absent,
    Accepted,
    Answer,
    CannotTell,
    Found,
    InDoubt,
    NoLookup,
    NotSent,
    Outgoing,
    ProviderStatus,
    Result,
)
from notify.reconcile import verdict
from tests.notify.sending.house import ACCEPTED, READY, UNKNOWN, UNRESOLVED, House, Scripted, enrol_people, numbers


def doubtful(home: House) -> Scripted:
    """Put everything in doubt, with the grace over; return the channel."""
    sms = Scripted(answer=lambda notice: InDoubt("reset"))
    home.with_channels(sms).drain()
    later(home, home.office.settings.grace)
    return sms


def later(home: House, seconds: float) -> None:
    """Let time pass."""
    clock = home.office.clock
    assert isinstance(clock, FixedClock)
    clock.advance(timedelta(seconds=seconds))


@pytest.mark.parametrize("answer, level, attempts, expected", [
    (Found("SM1", "sent"), 4, 9, "accepted"), (Found("SM1", "sent"), None, 1, "accepted"),
    (Absent(), 4, 1, "ready"), (Absent(), None, 5, "ready"), (Absent(), 4, 6, "unresolved"),
    (NoLookup(), 4, 1, "ready"), (NoLookup(), 4, 6, "unresolved"), (NoLookup(), 3, 1, "unresolved"),
    (NoLookup(), None, 1, "unresolved"), (CannotTell("503"), 4, 1, None), (CannotTell("503"), 1, 99, None),
])  # fmt: skip
def test_verdicts(answer: Answer, level: int | None, attempts: int, expected: str | None) -> None:
    """Only proof or severity sends again; used-up attempts go to a person; what cannot be told stays in doubt."""
    assert verdict(answer, level, attempts, 6)[0] == expected


@pytest.mark.parametrize("answer, state, doubt", [
    (Found("SM9", "delivered"), ACCEPTED, False), (Absent(), READY, False), (CannotTell("x"), UNKNOWN, False),
    (NoLookup(), READY, True),
])  # fmt: skip
def test_a_verdict_is_carried_out(one: House, answer: Answer, state: str, doubt: bool) -> None:
    """The row gets the state of the verdict; what is sent again without proof is marked as possibly doubled."""
    sms = doubtful(one)
    sms.found = lambda notice: answer
    one.with_channels(sms).reconcile()
    row = one.rows()[0]
    assert (row.state, row.doubtful) == (state, doubt)
    assert len(one.outcomes()) == (1 if isinstance(answer, CannotTell) else 2)


def test_without_a_look_up_a_routine_notice_waits_for_a_person(empty: House) -> None:
    """A doubt about an alert below level 4 that nobody can be asked about is left to an officer, and shown."""
    enrol_people(empty, numbers(1))
    empty.release(3)
    empty.put(state="ready")  # it is night there
    sms = doubtful(empty)
    sms.found = lambda notice: NoLookup()
    findings = empty.with_channels(sms).reconcile()
    assert (empty.states(), findings.unresolved) == ([UNRESOLVED], 1)
    assert empty.with_channels(sms).run(within=3600).unresolved == 0
    assert len(sms.calls) == 1


def test_a_channel_that_breaks_over_a_question_stops_no_others(empty: House) -> None:
    """What one look-up breaks over stays in doubt; the others are asked, and the pass comes to its end."""
    enrol_people(empty, numbers(3))
    empty.release()
    sms = doubtful(empty)

    def answer(notice: Outgoing) -> Answer:
        """Break over the second one."""
        if notice.delivery_id == 2:
            raise KeyError("sid")
        return Found(f"SM{notice.delivery_id}", "sent")

    sms.found = answer
    findings = empty.with_channels(sms).reconcile()
    assert (empty.states(), findings.found) == ([ACCEPTED, UNKNOWN, ACCEPTED], 2)


def test_nobody_is_asked_within_the_grace(one: House) -> None:
    """A call that may still be under way is not asked about: an answer too early would prove nothing."""
    sms = Scripted(answer=lambda notice: InDoubt("reset"))
    one.with_channels(sms).drain()
    later(one, one.office.settings.grace - 1)
    one.with_channels(sms).reconcile()
    assert sms.asked == []


def test_what_cannot_be_told_is_asked_again_after_another_grace(empty: House) -> None:
    """A provider that cannot be asked is not asked without a pause, and does not keep the others in doubt from their turn."""
    enrol_people(empty, numbers(205))
    empty.release()
    sms = doubtful(empty)
    sms.found = lambda notice: CannotTell("503")
    home = empty.with_channels(sms)
    assert home.reconcile().still_open == 200
    assert home.reconcile().still_open == 5
    assert home.reconcile().still_open == 0
    later(home, home.office.settings.grace)
    assert home.reconcile().still_open == 200


def test_attempts_that_sent_nothing_are_not_counted(one: House) -> None:
    """Ten 429s and one doubt that is proven absent do not use a notice up; six calls that may have arrived do."""
    answers: list[Result] = [*[NotSent("20429", "", 1.0, throttled=True)] * 10, *[InDoubt("500")] * 6]
    sms = Scripted(answer=lambda notice: answers.pop(0), found=lambda notice: Absent())
    home = one.with_channels(sms)
    for _ in range(10):
        home.drain()
        later(home, 2)
    for turn in range(6):
        home.drain()
        assert home.states() == [UNKNOWN]
        later(home, home.office.settings.grace)
        home.reconcile()
        assert home.states() == [READY if turn < 5 else UNRESOLVED]
    assert home.rows()[0].reason == "attempts"


def test_more_than_one_copy_is_counted(one: House) -> None:
    """A message that the provider holds twice is adopted and counted as doubled."""
    sms = doubtful(one)
    sms.found = lambda notice: Found("SM1", "sent", copies=2)
    findings = one.with_channels(sms).reconcile()
    assert (findings.found, findings.doubled, one.states()) == (1, 1, [ACCEPTED])


def test_the_engine_settles_doubts_by_itself(empty: House) -> None:
    """Some stored behind a 500, some lost before: the engine asks, sends again only what is absent, and each is there once."""
    home = House(empty.office)
    settings = home.office.settings.model_copy(update={"grace": 0.0})
    enrol_people(home, numbers(20))
    home.release()
    sms = Scripted()

    def flaky(notice: Outgoing) -> Result:
        if notice.attempt == 1 and notice.delivery_id % 2:
            if notice.delivery_id % 4 == 1:
                sms.sent.append(notice)
            return InDoubt("500")
        return Accepted(f"SM{notice.ref}", "accepted")

    sms.answer = flaky
    home = House(type(home.office)(settings, home.office.engine, home.office.clock, home.office.keys, {"sms": sms}))
    done = home.run(within=60)
    assert (done.in_doubt, done.found, done.absent) == (10, 5, 5)
    assert home.states() == [ACCEPTED] * 20
    assert len({n.delivery_id for n in sms.sent}) == len(sms.sent) == 20


def test_the_poller_finds_what_callbacks_lost(one: House) -> None:
    """Long after the acceptance, without any callback, the provider is asked; its word is kept as a receipt."""
    sms = Scripted(answer=lambda n: Accepted("SM1", "accepted"))
    home = one.with_channels(sms)
    home.drain()
    later(home, 60)
    home.reconcile(poll=True)
    assert sms.polled == []
    later(home, home.office.settings.poll_after)
    sms.told = ProviderStatus("SM1", "undelivered", "30003", {"MessageSid": "SM1", "To": "+992900000001"})
    assert home.reconcile(poll=True).polled == 1
    row = home.rows()[0]
    assert (row.state, row.provider_status, row.error_code) == (ACCEPTED, "undelivered", "30003")
    later(home, 3600)
    home.reconcile(poll=True)
    assert sms.polled == ["SM1"]


def test_the_poller_does_not_ask_without_a_pause_nor_for_ever(one: House) -> None:
    """A message that never ends is asked about once in a while, and after a day it stays “sent, not confirmed”."""
    told = ProviderStatus("SM1", "sent", "", {"MessageSid": "SM1"})
    sms = Scripted(answer=lambda n: Accepted("SM1", "accepted"), told=told)
    home = one.with_channels(sms)
    home.drain()
    for _ in range(40):
        later(home, home.office.settings.poll_after)
        for _ in range(3):
            home.reconcile(poll=True)
    assert len(sms.polled) == 40
    later(home, 86_400)
    home.reconcile(poll=True)
    assert len(sms.polled) == 40
    assert home.rows()[0].provider_status == "sent"
