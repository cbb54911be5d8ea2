"""WhatsApp and calls with the real SDK against the sandbox: what leaves, what a doubt finds, what the end is."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from core.settings import Settings, load
from notify.channels.base import (
    Absent,
    Accepted,
    Channel,
    Found,
    InDoubt,
    NoLookup,
    NotSent,
    Outgoing,
    ProviderStatus,
    Rejected,
    Result,
)
from notify.channels.twilio_voice import TwilioVoice
from notify.channels.twilio_whatsapp import TwilioWhatsapp, content_variables
from notify.sandbox.running import Running, running

TO = "+992900000001"
FROM = "+15005550006"
NOTICE = Outgoing(
    17, 2, "7K2QFX", TO, "zh", "", "这里是示例市外办。请留意安全。编号：7K2QFX。", "", 3600, template="first",
    variables={"office": "示例市外办", "kind": "安全提醒", "places": "赞比亚", "title": "示例\n提醒", "advice": "", "ref": "7K2QFX"},
)  # fmt: skip
SAMPLE = {"first": f"HX{1:032x}", "first.en": f"HX{2:032x}"}
Play = Callable[[Channel], Awaitable[None]]


@pytest.fixture(scope="module")
def process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A sandbox in which everything lives its whole life at once."""
    with running(tmp_path_factory.mktemp("sandbox"), faults="step=0") as one:
        yield one


@pytest.fixture
def sandbox(process: Running) -> Running:
    """The sandbox, empty."""
    process.reset()
    return process


def settings(home: Path, **more: object) -> Settings:
    """Return settings with a short patience."""
    return load(home=home, send_timeout=1.0, **more)


def play(channel: Channel, act: Play) -> None:
    """Do something with a channel, and close it."""

    async def once() -> None:
        try:
            await act(channel)
        finally:
            await channel.close()

    asyncio.run(once())


def whatsapp(sandbox: Running, home: Path, **more: object) -> TwilioWhatsapp:
    """Return the WhatsApp channel, pointed at the sandbox."""
    return TwilioWhatsapp(settings(home, **more), sandbox.url, SAMPLE)


def voice(sandbox: Running, home: Path) -> TwilioVoice:
    """Return the channel that calls, pointed at the sandbox."""
    return TwilioVoice(settings(home, public_base_url="http://127.0.0.1:9"), sandbox.url, FROM)


def test_variables_are_numbered_in_the_order_of_the_settings() -> None:
    """The gaps are numbered from 1; a value has no line break and is never empty; a name we do not have stays visible as a dash."""
    given = {"ref": "7K2QFX", "title": "示例\n  提醒", "advice": " "}
    assert content_variables(given, ("title", "ref", "advice", "nobody")) == (
        '{"1": "示例 提醒", "2": "7K2QFX", "3": "–", "4": "–"}'
    )


def test_whatsapp_sends_a_template_and_no_text(sandbox: Running, tmp_path: Path) -> None:
    """What leaves is the template of the language with its variables, to a `whatsapp:` number, from our number or the service."""

    async def act(channel: Channel) -> None:
        assert isinstance(await channel.send(NOTICE), Accepted)
        assert isinstance(
            await channel.send(replace(NOTICE, language="fr")), Accepted
        )  # as English: it has those variables

    play(whatsapp(sandbox, tmp_path, whatsapp_from=FROM), act)
    play(whatsapp(sandbox, tmp_path), act)
    kept = sandbox.messages(f"whatsapp:{TO}")
    assert len(kept) == 4
    assert kept[0].body == "示例市外办\n安全提醒\n赞比亚\n示例 提醒\n–\n7K2QFX"
    assert [bool(one.service) for one in kept] == [False, False, True, True]
    assert kept[0].sender == f"whatsapp:{FROM}"


@pytest.mark.parametrize("template", ["", "update", "service"])
def test_a_template_that_is_missing_stops_the_channel(sandbox: Running, tmp_path: Path, template: str) -> None:
    """Nothing leaves without an approved template: that is a fault of the office's settings, not of one person."""

    async def act(channel: Channel) -> None:
        result = await channel.send(replace(NOTICE, template=template))
        assert isinstance(result, Rejected)
        assert (result.code, result.stops_channel, result.address_bad) == ("no-template", True, False)

    play(whatsapp(sandbox, tmp_path), act)
    assert sandbox.stats().messages == 0


def test_whatsapp_is_found_by_its_code_or_proven_absent(sandbox: Running, tmp_path: Path) -> None:
    """A message is found by the code among its variables; none at all, or only others of ours, proves that it is not there."""
    since = datetime.now(UTC)

    async def act(channel: Channel) -> None:
        assert await channel.lookup(NOTICE, since) == Absent()
        other = replace(NOTICE, variables={**NOTICE.variables, "ref": "ZZZZZZ"}, ref="ZZZZZZ")
        await channel.send(other)
        assert await channel.lookup(NOTICE, since) == Absent()
        taken = await channel.send(NOTICE)
        assert isinstance(taken, Accepted)
        found = await channel.lookup(NOTICE, since)
        assert isinstance(found, Found)
        assert (found.provider_id, found.copies, found.certain) == (taken.provider_id, 1, True)

    play(whatsapp(sandbox, tmp_path), act)


def test_a_body_that_shows_no_variables_proves_nothing(sandbox: Running, tmp_path: Path) -> None:
    """If the list shows messages without what was filled in, the provider cannot be asked: severity decides."""

    async def act(channel: Channel) -> None:
        bare = replace(NOTICE, variables={"kind": "安全提醒"}, ref="ZZZZZZ")
        await channel.send(bare)
        assert await channel.lookup(NOTICE, datetime.now(UTC)) == NoLookup()

    play(whatsapp(sandbox, tmp_path), act)


@pytest.mark.parametrize("number, status, code", [
    (TO, "delivered", ""), ("+15005556003", "undelivered", "63003"), ("+15005556016", "undelivered", "63016"),
    ("+15005556018", "undelivered", "63018"), ("+15005556024", "undelivered", "63024"),
])  # fmt: skip
def test_whatsapp_ends(sandbox: Running, tmp_path: Path, number: str, status: str, code: str) -> None:
    """The end of a message is the provider's word with its code; who is not on WhatsApp is a bad address there."""

    async def act(channel: Channel) -> None:
        taken = await channel.send(replace(NOTICE, address=number))
        assert isinstance(taken, Accepted)
        await asyncio.sleep(0.03)
        told = await channel.status(taken.provider_id)
        assert isinstance(told, ProviderStatus)
        assert (told.status, told.error_code) == (status, code)
        assert (told.consequence == "address-bad") == (code in {"63003", "63024"})

    play(whatsapp(sandbox, tmp_path), act)


@pytest.mark.parametrize("number, result, stored", [
    (TO, Accepted, 1), ("+15005552429", NotSent, 0), ("+15005552500", InDoubt, 0), ("+15005551500", InDoubt, 1),
    ("+15005550408", InDoubt, 1), ("+15005550104", InDoubt, 1), ("+15005552215", Rejected, 0), ("+8613812345678", Rejected, 0),
])  # fmt: skip
def test_a_call_in_doubt_is_found_once_or_proven_absent(
    sandbox: Running, tmp_path: Path, number: str, result: type[Result], stored: int
) -> None:
    """Each fault of a call is read as it is meant; what was stored behind a doubt is found, and nothing else is."""
    notice = replace(NOTICE, address=number)

    async def act(channel: Channel) -> None:
        since = datetime.now(UTC)
        made = await channel.send(notice)
        assert type(made) is result
        if isinstance(made, Rejected):
            assert made.stops_country
        found = await channel.lookup(notice, since)
        assert isinstance(found, Found if stored else Absent)
        assert not isinstance(found, Found) or not found.certain

    play(voice(sandbox, tmp_path), act)
    assert len(sandbox.calls(number)) == stored


def test_calls_that_may_be_another_notices_prove_nothing(sandbox: Running, tmp_path: Path) -> None:
    """Two calls since the attempt, or one shortly before it, may be anybody's: there is no look-up then."""

    async def act(channel: Channel) -> None:
        begun = datetime.now(UTC)
        await channel.send(NOTICE)
        assert await channel.lookup(NOTICE, begun + timedelta(minutes=10)) == NoLookup()
        assert await channel.lookup(NOTICE, begun + timedelta(minutes=70)) == Absent()
        await channel.send(replace(NOTICE, delivery_id=18))
        assert await channel.lookup(NOTICE, begun) == NoLookup()
        assert await channel.lookup(replace(NOTICE, address="+992900000002"), begun) == Absent()

    play(voice(sandbox, tmp_path), act)


def test_a_call_says_the_notice_and_names_our_attempt(sandbox: Running, tmp_path: Path) -> None:
    """What is said is the notice, twice, and every callback carries our delivery and attempt."""

    async def act(channel: Channel) -> None:
        taken = await channel.send(NOTICE)
        assert isinstance(taken, Accepted)
        assert taken.status == "queued"

    play(voice(sandbox, tmp_path), act)
    (call,) = sandbox.calls(TO)
    assert call.said.count("这里是示例市外办。请留意安全。编号：7, K, 2, Q, F, X。") == 2
    assert call.callback == "http://127.0.0.1:9/hooks/twilio/call?d=17.2"
    assert "http://127.0.0.1:9/hooks/twilio/digit?d=17.2&amp;l=zh" in call.twiml


@pytest.mark.parametrize("number, status, code", [
    (TO, "sent", ""), ("+15005557001", "sent", ""), ("+15005557486", "undelivered", "busy"),
    ("+15005557480", "undelivered", "no-answer"), ("+15005557404", "failed", "failed"),
    ("+15005557487", "undelivered", "canceled"),
])  # fmt: skip
def test_calls_end(sandbox: Running, tmp_path: Path, number: str, status: str, code: str) -> None:
    """A completed call is sent and not yet read; one that reached nobody is undelivered or failed, and says why."""

    async def act(channel: Channel) -> None:
        taken = await channel.send(replace(NOTICE, address=number))
        assert isinstance(taken, Accepted)
        until = time.monotonic() + 5
        told = await channel.status(taken.provider_id)
        while isinstance(told, ProviderStatus) and told.status != status and time.monotonic() < until:
            told = await channel.status(taken.provider_id)
        assert isinstance(told, ProviderStatus)
        assert (told.status, told.error_code, told.payload["To"]) == (status, code, number)

    play(voice(sandbox, tmp_path), act)


def test_a_text_that_does_not_fit_is_not_called(sandbox: Running, tmp_path: Path) -> None:
    """A text too long for one call, without any pause to cut at, is refused before Twilio is called."""

    async def act(channel: Channel) -> None:
        result = await channel.send(replace(NOTICE, body="安" * 5000))
        assert isinstance(result, Rejected)
        assert (result.code, result.stops_channel) == ("too-long", False)

    play(voice(sandbox, tmp_path), act)
    assert sandbox.stats().calls == 0
