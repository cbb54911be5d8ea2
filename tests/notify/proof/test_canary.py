"""Canaries: one marked message a channel, whose receipt must come back; silence is a gap, and nobody counts as told."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from core.database import reading, set_mode, writing
from core.errors import WrongSetting
from core.settings import load
from core.tables import Mode
from notify import receipts
from notify.canary import store
from notify.canary.send import addresses, listen, sing
from notify.canary.tables import Canary
from notify.canary.watch import silent
from notify.channels.base import Accepted, InDoubt, Outgoing, ProviderStatus, Rejected, Result
from notify.channels.recorder import Recorder
from notify.office import Office
from tests.notify.proof.world import World

PHONE = "+8613800138000"


def queued(notice: Outgoing) -> Result:
    """Take it, and say no more for now."""
    return Accepted("SM1", "queued", 201)


class Ask(Recorder):
    """A recorder that says of a message what it is told to."""

    said = "queued"

    async def status(self, provider_id: str) -> ProviderStatus:
        """Say how it stands."""
        return ProviderStatus(provider_id, self.said)


def office_with(world: World, *channels: Recorder, **settings: Any) -> Office:
    """Return the office with these channels and settings."""
    office = replace(world.office, settings=load(home=world.home, **({"canaries": f"sms:{PHONE}"} | settings)))
    return office.with_channels({one.name: one for one in channels})


def run(office: Office) -> list[Canary]:
    """Send the canaries and listen, without waiting."""

    async def both() -> list[Canary]:
        tools = office.tools()
        return await listen(tools, await sing(tools, office.name, by="lin.daiyu"), timedelta(0))

    return asyncio.run(both())


def gaps(office: Office, minutes: int) -> list[tuple[str, str]]:
    """Return what is silent so many minutes later."""
    now = office.clock.now() + timedelta(minutes=minutes)
    with reading(office.engine) as connection:
        return [(gap.subject, str(gap.message)) for gap in silent(connection, office.settings, now)]


def call_back(office: Office, one: Canary, status: str) -> bool:
    """Let the provider's receipt come to our callback."""
    word = receipts.Word(store.BASE + (one.id or 0), "twilio_sms", "SM1", status, "", {}, "callback")
    with writing(office.engine) as connection:
        return receipts.accept(connection, word, office.keys, office.clock.now())


def test_a_canary_that_comes_back_is_no_gap(own: World) -> None:
    """Marked as a test, to the office's own number, with a number no notice has; heard of, it is fine, and nobody was told."""
    phones = Ask(answer=queued)
    office, before = office_with(own, phones), own.deliveries()
    [one] = run(office)
    [notice] = phones.sent
    assert (notice.address, notice.delivery_id > store.BASE, "【测试】" in notice.body, one.ref in notice.body) == (
        PHONE, True, True, True,
    )  # fmt: skip
    assert gaps(office, 4) == []
    assert call_back(office, one, "queued")
    assert call_back(office, one, "delivered")
    assert gaps(office, 60) == []
    assert own.deliveries() == before


def test_silence_is_a_gap_after_its_time(own: World) -> None:
    """Taken and never reported: a gap from the fifth minute on, with the channel's name."""
    office = office_with(own, Ask(answer=queued))
    run(office)
    assert gaps(office, 4) == []
    [(subject, words)] = gaps(office, 5)
    assert subject == "channel/sms"
    assert "is silent" in words


def test_a_provider_that_knows_more_than_we_heard_is_told_apart(own: World) -> None:
    """Delivered when asked, but no receipt came: the way back to us is broken, and the sentence says where to look."""
    phones = Ask(answer=queued)
    phones.said = "delivered"
    office = office_with(own, phones)
    [one] = run(office)
    assert (one.status, one.heard_at) == ("delivered", None)
    [(_, words)] = gaps(office, 5)
    assert "public_base_url" in words


@pytest.mark.parametrize(
    ("answer", "code"), [(Rejected("21608", "trial account"), "21608"), (InDoubt("timeout"), "timeout")],
)  # fmt: skip
def test_a_call_that_failed_is_a_gap(own: World, answer: Result, code: str) -> None:
    """Refused, or without a clear answer: named with the provider's code."""
    office = office_with(own, Ask(answer=lambda notice: answer))
    run(office)
    [(_, words)] = gaps(office, 5)
    assert code in words


def test_a_lost_canary_is_a_gap_at_once(own: World) -> None:
    """A receipt that says undelivered is bad news now, not in five minutes."""
    office = office_with(own, Ask(answer=queued))
    [one] = run(office)
    call_back(office, one, "undelivered")
    assert len(gaps(office, 0)) == 1


def test_a_channel_without_receipts_is_proven_by_acceptance(own: World) -> None:
    """Mail has no receipts: taken by the relay is all there is to hear."""
    office = office_with(own, Ask(name="email", answer=queued), canaries="email:duty@example.com")
    run(office)
    assert gaps(office, 60) == []


def test_the_gate_holds_for_canaries(own: World) -> None:
    """In a drill only the allow-list is written to; a channel that is not open is named; the newest canary counts."""
    phones = Ask(answer=queued)
    with writing(own.office.engine) as connection:
        set_mode(connection, Mode.DRILL)
    office = office_with(own, phones, canaries=f"sms:{PHONE},voice:{PHONE}")
    assert [(one.channel, one.outcome, one.code) for one in run(office)] == [
        ("sms", "refused", "gate-drill"), ("voice", "refused", "no-channel"),
    ]  # fmt: skip
    assert phones.sent == []
    allowed = office_with(own, phones, drill_allow=PHONE)
    [one] = run(allowed)
    call_back(allowed, one, "delivered")
    assert gaps(allowed, 60) == []


def test_the_setting_is_read_strictly(own: World) -> None:
    """One address for a channel, written as channel:address."""
    for wrong in ("sms", "sms:", f"sms:{PHONE},sms:+8613800138001"):
        with pytest.raises(WrongSetting):
            addresses(load(home=own.home, canaries=wrong))
    assert addresses(load(home=own.home, canaries=f"sms:{PHONE},email:a@b.example")) == {
        "sms": PHONE,
        "email": "a@b.example",
    }


def test_a_receipt_of_no_canary_is_not_taken(own: World) -> None:
    """A number beyond all notices that no canary has is answered like that of an unknown notice."""
    office = office_with(own, Ask(answer=queued))
    [one] = run(office)
    one.id = 99
    assert not call_back(office, one, "delivered")
