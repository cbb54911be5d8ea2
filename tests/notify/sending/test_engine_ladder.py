"""The engine and the ladder together: refusals, silence, stopped channels, and a process that is told to end."""

from __future__ import annotations

import asyncio
import os
import signal
from collections import Counter
from datetime import timedelta

import pytest

from core.clock import FixedClock
from core.database import reading, writing
from notify import proof
from notify.channels.base import Accepted, Outgoing, Rejected, Result
from notify.dispatch import Dispatcher
from notify.ending import until_told
from notify.receipts import Word, accept
from registry.actors import SYSTEM
from registry.enrol import enrol, index_key
from registry.people import GivenConsent, NewAddress, NewPerson, NewPosting
from registry.tables import Ground
from tests.notify.sending.house import ACCEPTED, COUNTRY, FAILED, READY, House, Scripted, enrol_people, numbers


def enrol_with_mail(home: House, count: int, *, foreign: bool = False) -> None:
    """Enrol people with a number and a mailbox each, who agreed to providers abroad or did not."""
    office = home.office
    new = [
        NewPerson(f"示例{i}", GivenConsent(Ground.EMPLOYMENT, "test/1", foreign), postings=(NewPosting(COUNTRY),),
                  addresses=(NewAddress("sms", number), NewAddress("email", f"p{i}@example.invalid")))
        for i, number in enumerate(numbers(count))
    ]  # fmt: skip
    with writing(office.engine) as connection:
        secret = index_key(connection, office.keys)
        enrol(connection, SYSTEM, new, keys=office.keys, index_key=secret, now=office.clock.now())


def by_day(empty: House) -> FixedClock:
    """Make it day where people are, so that nobody sleeps."""
    clock = empty.office.clock
    assert isinstance(clock, FixedClock)
    clock.advance(timedelta(hours=6))
    return clock


def kinds(home: House) -> set[str]:
    """Return the kinds of what is not accounted for."""
    with reading(home.office.engine) as connection:
        return {gap.kind for gap in proof.gaps(connection)}


def quiet(notice: Outgoing) -> Result:
    """Take a notice and say nothing more of it."""
    return Accepted(f"SM{notice.delivery_id}", "accepted")


def test_a_refusal_moves_on_in_the_same_run(empty: House) -> None:
    """Whoever told us to stop SMS gets the mail in the same run; nothing of it is a gap, and nothing goes twice."""
    by_day(empty)
    sms, mail = Scripted(answer=lambda n: Rejected("21610", opted_out=True)), Scripted(name="email")
    home = empty.with_channels(sms, mail)
    enrol_with_mail(home, 3)
    home.release(level=3, channels=["sms", "email"])
    done = home.run(within=60)
    assert (done.climbed, len(sms.calls), len(mail.calls)) == (3, 3, 3)
    assert Counter(home.states()) == {FAILED: 3, ACCEPTED: 3}
    assert [row.step for row in home.rows()] == [1, 1, 1, 2, 2, 2]
    assert "delivery-failed" not in kinds(home)
    home.run(within=60)
    assert len(mail.calls) == 3


def test_a_stopped_channel_hands_its_people_over(empty: House) -> None:
    """With wrong credentials for SMS everybody with a mailbox gets the mail at once, at any level."""
    by_day(empty)
    sms = Scripted(answer=lambda n: Rejected("20003", stops_channel=True))
    mail = Scripted(name="email", answer=quiet)
    home = empty.with_channels(sms, mail)
    enrol_with_mail(home, 20)
    home.release(level=3, channels=["sms", "email"])
    home.run(within=60)
    assert len(mail.calls) == 20
    assert Counter((row.channel, row.state) for row in home.rows()) == {("sms", READY): 20, ("email", ACCEPTED): 20}


def test_silence_moves_on_after_a_while_and_a_receipt_ends_it(empty: House) -> None:
    """At level 3 a number that is silent for ten minutes is followed by the mail; one that confirmed is not."""
    clock = by_day(empty)
    sms, mail = Scripted(answer=quiet), Scripted(name="email", answer=quiet)
    home = empty.with_channels(sms, mail)
    enrol_with_mail(home, 4)
    home.release(level=3, channels=["sms", "email"])
    home.run(within=60)
    for row in home.rows()[:3]:
        assert row.id is not None
        word = Word(row.id, row.provider, row.provider_id or "", "delivered", "", {}, "callback")
        with writing(home.office.engine) as connection:
            accept(connection, word, home.office.keys, clock.now())
    clock.advance(timedelta(seconds=599))
    home.run(within=60)
    assert mail.calls == []
    clock.advance(timedelta(seconds=2))
    home.run(within=60)
    assert len(mail.calls) == 1
    clock.advance(timedelta(hours=1))
    home.run(within=60)
    assert (len(sms.calls), len(mail.calls)) == (4, 1)


def test_an_undelivered_receipt_moves_on_at_level_2(empty: House) -> None:
    """Below level 3 silence is left alone, and the provider's word that it did not arrive is not."""
    clock = by_day(empty)
    sms, mail = Scripted(answer=quiet), Scripted(name="email")
    home = empty.with_channels(sms, mail)
    enrol_with_mail(home, 1, foreign=True)
    home.release(level=2, channels=["sms", "email"])
    home.run(within=60)
    clock.advance(timedelta(hours=2))
    home.run(within=60)
    assert (len(sms.calls), len(mail.calls)) == (1, 0)
    home.put(provider_status="undelivered", provider_rank=51)
    assert "delivery-undelivered" in kinds(home)
    home.run(within=60)
    assert (len(sms.calls), len(mail.calls)) == (1, 1)
    assert "delivery-undelivered" not in kinds(home)


def test_told_to_end_it_finishes_what_is_out(empty: House) -> None:
    """On SIGTERM a sender writes down what its calls bring, gives back what it had not begun, and leaves no doubt."""
    enrol_people(empty, numbers(30))
    empty.release()

    class Slow(Scripted):
        async def send(self, notice: Outgoing) -> Result:
            if not self.calls:
                os.kill(os.getpid(), signal.SIGTERM)
            await asyncio.sleep(0.2)
            return await super().send(notice)

    sms = Slow()
    home = empty.with_channels(sms)
    work = Dispatcher(home.office.tools()).drain(home.office.clock.now())
    before = signal.getsignal(signal.SIGTERM)
    with pytest.raises(asyncio.CancelledError):
        asyncio.run(until_told(work))
    assert signal.getsignal(signal.SIGTERM) == before
    states = Counter(home.states())
    assert set(states) <= {ACCEPTED, READY}
    assert states[ACCEPTED] == len(sms.sent) <= 8
