"""The SMS channel with the real SDK against the sandbox: results of the magic numbers, the look-up, the status."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from core.settings import load
from notify.channels.base import Absent, Accepted, Found, InDoubt, NotSent, Outgoing, ProviderStatus, Rejected, Result
from notify.channels.email import Email
from notify.channels.twilio_sms import TwilioSms
from notify.sandbox.running import Running, running

TO = "+992900000001"
NOTICE = Outgoing(17, 2, "7K2QFX", TO, "zh", "", "【示例市外办】示例：请留意安全。编号 7K2QFX", "", 3600)


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A sandbox whose messages live their whole life at once."""
    with running(tmp_path_factory.mktemp("sandbox"), faults="step=0") as one:
        yield one


def channel(sandbox: Running, home: Path) -> TwilioSms:
    """Return the channel, pointed at the sandbox."""
    return TwilioSms(load(home=home, send_timeout=1.0), sandbox.url)


@pytest.mark.parametrize("number, result", [
    ("+15005552429", NotSent), ("+15005552500", InDoubt), ("+15005550502", InDoubt), ("+15005550504", InDoubt),
    ("+15005551500", InDoubt), ("+15005550408", InDoubt), ("+15005550104", InDoubt), ("+15005550201", InDoubt),
    ("+15005552003", Rejected), ("+15005552211", Rejected), ("+15005552614", Rejected), ("+15005552610", Rejected),
    ("+15005552611", NotSent), ("+15005553003", Accepted), (TO, Accepted),
])  # fmt: skip
def test_magic_numbers(sandbox: Running, tmp_path: Path, number: str, result: type[Result]) -> None:
    """Each fault the sandbox plays is read as it is meant; what was stored behind a doubt is found, once; the rest is absent."""
    sandbox.reset()

    async def play() -> None:
        sms = channel(sandbox, tmp_path)
        notice = replace(NOTICE, address=number)
        assert type(await sms.send(notice)) is result
        stored = len(sandbox.messages(number))
        assert stored == (1 if result is Accepted or number[-4:] in {"0504", "1500", "0408", "0104", "0201"} else 0)
        found = await sms.lookup(notice, datetime.now(UTC))
        assert isinstance(found, Found if stored else Absent)
        await sms.close()

    asyncio.run(play())


def test_lookup_reads_every_page_and_ignores_other_messages(sandbox: Running, tmp_path: Path) -> None:
    """The oldest of more than two pages is found by its code; other codes and other numbers are not; copies are counted."""
    sandbox.reset()

    async def play() -> None:
        sms = channel(sandbox, tmp_path)
        since = datetime.now(UTC)
        first = await sms.send(NOTICE)
        for i in range(105):
            await sms.send(replace(NOTICE, ref=f"OTHER{i}", body=f"示例 {i}。编号 OTHER{i}"))
        assert isinstance(first, Accepted)
        found = await sms.lookup(NOTICE, since)
        assert isinstance(found, Found)
        assert (found.provider_id, found.copies) == (first.provider_id, 1)
        assert await sms.lookup(replace(NOTICE, ref="ZZZZZZ"), since) == Absent()
        assert await sms.lookup(replace(NOTICE, address="+992900000002"), since) == Absent()
        await sms.send(NOTICE)
        again = await sms.lookup(NOTICE, since)
        assert isinstance(again, Found)
        assert (again.provider_id, again.copies) == (first.provider_id, 2)
        await sms.close()

    asyncio.run(play())


def test_a_clock_that_is_fast_hides_no_message(sandbox: Running, tmp_path: Path) -> None:
    """A message that the provider dates minutes before our attempt is still found: our clock may be fast."""
    sandbox.reset()

    async def play() -> None:
        sms = channel(sandbox, tmp_path)
        await sms.send(NOTICE)
        assert isinstance(await sms.lookup(NOTICE, datetime.now(UTC) + timedelta(minutes=10)), Found)
        await sms.close()

    asyncio.run(play())


def test_status_tells_the_end(sandbox: Running, tmp_path: Path) -> None:
    """The status of a message is the provider's word with its code, also where a callback was lost."""
    sandbox.reset()

    async def play() -> None:
        sms = channel(sandbox, tmp_path)
        for number, status, code in ((TO, "delivered", ""), ("+15005553003", "undelivered", "30003")):
            taken = await sms.send(replace(NOTICE, address=number))
            assert isinstance(taken, Accepted)
            await asyncio.sleep(0.05)
            told = await sms.status(taken.provider_id)
            assert isinstance(told, ProviderStatus)
            assert (told.status, told.error_code, told.payload["To"]) == (status, code, number)
        await sms.close()

    asyncio.run(play())


@pytest.mark.parametrize("local, result", [
    ("someone", Accepted), ("bounce", Rejected), ("defer", NotSent), ("drop", InDoubt), ("cut", InDoubt),
])  # fmt: skip
def test_mail_at_the_sandbox(sandbox: Running, tmp_path: Path, local: str, result: type[Result]) -> None:
    """A mail is taken once with its own Message-ID and text, and each fault of a relay is read as it is meant."""
    sandbox.reset()
    notice = replace(NOTICE, address=f"{local}@example.invalid", subject="示例\n提醒", html="<p>示例</p>")

    async def play() -> Result:
        mail = Email(load(home=tmp_path, send_timeout=3.0), "127.0.0.1", sandbox.mail_port)
        sent = await mail.send(notice)
        await mail.close()
        return sent

    sent = asyncio.run(play())
    assert type(sent) is result
    kept = sandbox.mail(notice.address)
    assert len(kept) == (1 if local in {"someone", "drop"} else 0)
    if isinstance(sent, Accepted):
        assert (kept[0].message_id, kept[0].subject) == (sent.provider_id, "示例 提醒")
        assert "7K2QFX" in kept[0].text
