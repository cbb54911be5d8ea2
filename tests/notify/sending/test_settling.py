"""Doubts and receipts by themselves: asked until nothing is left to ask, by as many as like."""

from __future__ import annotations

from datetime import timedelta

from notify.channels.base import Accepted, CannotTell, Found, ProviderStatus
from notify.reconcile import BATCH
from notify.settling import ask_for_receipts, settle_doubts
from tests.notify.sending.house import ACCEPTED, UNKNOWN, House, Scripted, enrol_people, numbers
from tests.notify.sending.test_reconcile import doubtful, later

LONG = timedelta(minutes=5)


def test_all_doubts_are_settled_in_one_run(empty: House) -> None:
    """More doubts than one pass takes are all asked about, each once; a second run finds nothing to ask."""
    enrol_people(empty, numbers(BATCH + 5))
    empty.release()
    sms = doubtful(empty)
    sms.found = lambda notice: Found(f"SM{notice.delivery_id}", "sent")
    home = empty.with_channels(sms)
    assert settle_doubts(home.office, LONG).found == BATCH + 5
    assert set(home.states()) == {ACCEPTED}
    assert (settle_doubts(home.office, LONG).found, len(sms.asked)) == (0, BATCH + 5)


def test_a_provider_that_cannot_tell_does_not_hold_up_the_run(one: House) -> None:
    """What nobody can tell now is left for the next run: the run ends, and the notice stays in doubt."""
    sms = doubtful(one)
    sms.found = lambda notice: CannotTell("503")
    home = one.with_channels(sms)
    assert settle_doubts(home.office, LONG).still_open == 1
    assert (home.states(), len(sms.asked)) == ([UNKNOWN], 1)


def test_lost_receipts_are_asked_for(one: House) -> None:
    """The end of a notice of which no callback came is fetched, without a look at doubts."""
    sms = Scripted(answer=lambda notice: Accepted("SM1", "accepted"))
    home = one.with_channels(sms)
    home.drain()
    later(home, home.office.settings.poll_after)
    sms.told = ProviderStatus("SM1", "delivered", "", {"MessageSid": "SM1"})
    assert ask_for_receipts(home.office, LONG).polled == 1
    assert (len(sms.polled), sms.asked) == (1, [])
