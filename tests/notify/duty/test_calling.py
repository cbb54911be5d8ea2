"""Calling officers: who, in which order, how often, and when it stops."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from core.database import set_mode, writing
from core.tables import Mode, table
from notify.channels.base import Accepted, Answer, CannotTell, InDoubt, NoLookup, NotSent, Outgoing, Rejected, Result
from notify.channels.recorder import Recorder
from notify.duty.tables import DutyShift
from tests.notify.duty.desk import ANNA, BERT, LAST, NOON, Desk


def refuse(notice: Outgoing) -> Result:
    """Take nothing."""
    return NotSent("connect")


def test_sms_then_voice_then_the_next_then_the_fallback(desk: Desk) -> None:
    """Nobody answers: Anna by SMS, by voice, Bert by SMS, by voice, then the number of the settings twice by SMS, then silence."""
    desk.on_duty(ANNA)
    desk.on_duty(BERT, begins=-1, hours=9)
    assert desk.page("help/1/2")
    desk.sweep()
    assert desk.sent() == [("sms", BERT)], "whose shift began first goes first"
    for _ in range(10):
        desk.sweep(after=300)
    assert [(one.channel, one.outcome) for one in desk.calls()] == [
        ("sms", "accepted"), ("voice", "accepted"), ("sms", "accepted"), ("voice", "accepted"), ("sms", "accepted"),
        ("sms", "accepted"),
    ]  # fmt: skip
    assert [one.address for one in desk.sms.sent] == [BERT, ANNA, LAST, LAST]
    assert [one.address for one in desk.voice.sent] == [BERT, ANNA]


def test_nothing_before_its_time(desk: Desk) -> None:
    """Within the time an officer has to answer, any number of sweeps does nothing more."""
    desk.on_duty(ANNA)
    desk.page("help/1/2")
    for _ in range(5):
        desk.sweep(after=59)
    assert desk.sent() == [("sms", ANNA)]


@pytest.mark.parametrize("word", ["1", " １ ", "收到", "收到。", "OK"])
def test_a_word_ends_the_calls(desk: Desk, word: str) -> None:
    """Who answers by SMS is believed for everything this number was written to about."""
    desk.on_duty(ANNA)
    desk.page("help/1/2")
    desk.sweep()
    assert not desk.word(BERT, word), "nobody asked Bert"
    assert not desk.word(ANNA, "谁啊？")
    assert desk.word(ANNA, word)
    assert not desk.word(ANNA, word), "said once"
    for _ in range(5):
        desk.sweep(after=300)
    assert desk.sent() == [("sms", ANNA)]
    assert [(one.acked_by, one.settled_at) for one in desk.pages()] == [("duty.sms", None)]


def test_the_digit_ends_the_calls_and_completed_does_not(desk: Desk) -> None:
    """A call that was taken proves nothing; the key 1, which our callback reads as `read`, does."""
    desk.on_duty(ANNA)
    desk.page("help/1/2")
    desk.sweep()
    desk.sweep(after=300)
    [call] = desk.voice.sent
    assert desk.hear(call, "sent")
    assert desk.pages()[0].acked_at is None
    assert desk.hear(call, "read")
    assert desk.pages()[0].acked_by == "duty_call/2"
    desk.sweep(after=300)
    assert len(desk.sent()) == 2


def test_an_sms_that_was_read_is_no_answer(desk: Desk) -> None:
    """Only a key or a word is an answer, whatever a provider says of an SMS."""
    desk.on_duty(ANNA)
    desk.page("help/1/2")
    desk.sweep()
    desk.hear(desk.sms.sent[0], "read")
    assert desk.pages()[0].acked_at is None


def test_who_does_not_pick_up_is_not_waited_for(desk: Desk) -> None:
    """Busy or no answer: the next step comes with the next sweep."""
    desk.on_duty(ANNA)
    desk.page("help/1/2")
    desk.sweep()
    desk.sweep(after=300)
    desk.hear(desk.voice.sent[0], "undelivered")
    desk.sweep(after=1)
    assert [one.address for one in desk.sms.sent] == [ANNA, LAST]


def test_a_late_word_on_an_old_call_hurries_nothing(desk: Desk) -> None:
    """An SMS reported as lost when the call is already out does not bring the next step forward."""
    desk.on_duty(ANNA)
    desk.page("help/1/2")
    desk.sweep()
    desk.sweep(after=300)
    desk.hear(desk.sms.sent[0], "undelivered")
    desk.sweep(after=1)
    assert len(desk.sent()) == 2


def test_a_burst_is_one_message(desk: Desk) -> None:
    """The first matter goes at once; the three of the next two minutes go together, each on its line."""
    desk.on_duty(ANNA)
    desk.page("source/a")
    desk.sweep()
    for name in ("b", "c", "d"):
        desk.page(f"source/{name}")
        desk.sweep(after=20)
    assert len(desk.sms.sent) == 1
    desk.sweep(after=61)
    assert len(desk.sms.sent) == 2
    assert all(f"source/{name}" in desk.sms.sent[1].body for name in "bcd")
    desk.sweep(after=180)
    assert len(desk.voice.sent) == 1, "and one call for all of them"
    desk.hear(desk.voice.sent[0], "read")
    assert all(one.acked_at for one in desk.pages())


def test_a_settled_cause_calls_nobody(desk: Desk) -> None:
    """What is over before the sweep is not told; what comes back is a new page."""
    desk.on_duty(ANNA)
    assert desk.page("source/a")
    assert desk.settle("source/a")
    desk.sweep()
    assert desk.sent() == []
    assert desk.page("source/a")
    assert not desk.page("source/a")
    desk.sweep()
    assert desk.sent() == [("sms", ANNA)]


def test_nobody_on_duty_is_said(desk: Desk) -> None:
    """The number of the settings is called, and told why it is."""
    desk.page("help/1/2")
    desk.sweep()
    [sent] = desk.sms.sent
    assert sent.address == LAST
    assert "Nobody is on duty" in sent.body


def test_whoever_comes_on_duty_is_called_for_what_nobody_answered(desk: Desk) -> None:
    """No number at all: the page waits, and the first who is put on duty gets it."""
    bare = desk.with_settings(duty_phone="")
    bare.page("help/1/2")
    bare.sweep()
    assert bare.sent() == []
    bare.on_duty(ANNA)
    bare.sweep(after=60)
    assert bare.sent() == [("sms", ANNA)]


def test_the_network_is_down_and_comes_back(desk: Desk) -> None:
    """What certainly left nobody is tried the next way at once, a round every five minutes, until somebody is reached."""
    desk.on_duty(ANNA)
    desk.sms.answer = desk.voice.answer = refuse
    desk.page("help/1/2")
    desk.sweep()
    assert len(desk.calls()) == 4, "Anna by SMS and voice, the fallback twice, all in one sweep"
    desk.sweep(after=60)
    assert len(desk.calls()) == 4, "a round is over: wait"
    desk.sms.answer = desk.voice.answer = Recorder().answer
    desk.sweep(after=240)
    assert desk.sent() == [("sms", ANNA)]


def test_a_refused_number_is_passed_over(desk: Desk) -> None:
    """The SMS is refused for good: the call follows at once."""
    desk.on_duty(ANNA)
    desk.sms.answer = lambda notice: Rejected("21211", address_bad=True)
    desk.page("help/1/2")
    desk.sweep()
    assert desk.sent() == [("voice", ANNA)]


def test_the_gate_holds(desk: Desk) -> None:
    """In a drill only the allow-list is called, with the mark of a drill; everybody else is passed over."""
    drill = desk.with_settings(drill_allow=LAST)
    with writing(drill.office.engine) as connection:
        set_mode(connection, Mode.DRILL)
    drill.on_duty(ANNA)
    drill.page("help/1/2")
    drill.sweep()
    assert drill.sent() == [("sms", LAST)]
    assert drill.sms.sent[0].body.startswith("[DRILL]")
    assert {one.code for one in drill.calls()} == {"gate-drill", ""}


class Blind(Recorder):
    """A channel whose answer is lost, and that says what it is told to when asked."""

    found: Answer = NoLookup()

    async def send(self, notice: Outgoing) -> Result:
        """Take it, and lose the answer."""
        self.sent.append(notice)
        return InDoubt("timeout")

    async def lookup(self, notice: Outgoing, since: Any) -> Answer:
        """Say what it is told to."""
        return self.found


@pytest.mark.parametrize(("found", "outcome"), [(NoLookup(), "unresolved"), (CannotTell("down"), "doubt")])
def test_a_doubt_is_never_sent_again_blindly(desk: Desk, found: Answer, outcome: str) -> None:
    """What the provider cannot tell is not repeated; the officer is called when the time is over."""
    blind = Blind("sms")
    blind.found = found
    desk = replace(desk, office=desk.office.with_channels({"sms": blind, "voice": desk.voice}))
    desk.on_duty(ANNA)
    desk.page("help/1/2")
    desk.sweep()
    desk.sweep(after=100)
    assert len(blind.sent) == 1
    assert desk.calls()[0].outcome == outcome
    desk.sweep(after=200)
    assert [one.address for one in desk.voice.sent] == [ANNA]
    assert len(blind.sent) == 1


def test_what_is_proven_absent_is_sent_again_in_time(desk: Desk) -> None:
    """The answer was lost and the provider proves that it has nothing: once more, under the same reference."""
    lost: list[Outgoing] = []

    def lose(notice: Outgoing) -> Result:
        lost.append(notice)
        return InDoubt("timeout") if len(lost) == 1 else Accepted("SM2", "queued")

    desk.sms.answer = lose
    desk.on_duty(ANNA)
    desk.page("help/1/2")
    desk.sweep()
    desk.sweep(after=100)
    assert [(one.ref, one.attempt) for one in lost] == [(lost[0].ref, 1), (lost[0].ref, 2)]
    assert [(one.outcome, one.tries) for one in desk.calls()] == [("accepted", 2)]
    desk.sweep(after=100)
    assert len(lost) == 2


def test_a_shift_that_does_not_open_keeps_nobody_from_being_called(desk: Desk) -> None:
    """A broken row of the table is left out, and the next officer is called."""
    number = desk.on_duty(ANNA, begins=-1)
    desk.on_duty(BERT)
    with writing(desk.office.engine) as connection:
        connection.execute(
            table(DutyShift).update().where(table(DutyShift).c.id == number).values(phone_sealed=b"x" * 40)
        )
    desk.page("help/1/2")
    desk.sweep()
    assert desk.sent() == [("sms", BERT)]


def test_nothing_of_an_officer_lies_open(desk: Desk) -> None:
    """Neither calls nor pages hold a number, and the text of a call is the one that went out."""
    desk.on_duty(ANNA)
    desk.page("help/1/2")
    desk.sweep()
    [call] = desk.calls()
    assert call.body == desk.sms.sent[0].body
    assert ANNA not in repr(call)
    assert desk.pages()[0].opened_at == NOON
