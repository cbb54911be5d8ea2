"""The contract every channel passes: what comes of each fault, once, in time, and without an exception."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from core.settings import load
from notify.channels.base import Accepted, Channel, InDoubt, NotSent, Outgoing, Rejected, Result
from notify.channels.email import Email
from notify.channels.recorder import Recorder
from notify.channels.twilio_sms import TwilioSms
from notify.channels.twilio_voice import TwilioVoice
from notify.channels.twilio_whatsapp import TwilioWhatsapp
from tests.notify.channels.servers import Server, Smtp, http, http_hangs, http_resets, nobody, serving

TIMEOUT = 0.6
SLACK = 1.5
SINCE = datetime(2026, 11, 22, tzinfo=UTC)


def outgoing(address: str) -> Outgoing:
    """Return a notice for `address`."""
    return Outgoing(
        17, 2, "7K2QFX", address, "zh", "示例提醒", "【示例市外办】示例：请留意安全。编号 7K2QFX", "<p>示例</p>", 3600,
        template="first", variables={"office": "示例市外办", "title": "示例", "ref": "7K2QFX"},
    )  # fmt: skip


def sms(home: Path, port: int) -> Channel:
    """Return the Twilio channel with its real SDK, pointed at a port of this machine."""
    settings = load(home=home, send_timeout=TIMEOUT, connect_timeout=TIMEOUT, twilio_auth_token=SecretStr("secret"))
    return TwilioSms(settings, f"http://127.0.0.1:{port}")


def whatsapp(home: Path, port: int) -> Channel:
    """Return the WhatsApp channel with one template."""
    settings = load(
        home=home, send_timeout=TIMEOUT, connect_timeout=TIMEOUT, twilio_auth_token=SecretStr("secret"),
        whatsapp_from="+15005550006",
    )  # fmt: skip
    return TwilioWhatsapp(settings, f"http://127.0.0.1:{port}", {"first": f"HX{1:032x}"})


def voice(home: Path, port: int) -> Channel:
    """Return the channel that calls."""
    settings = load(home=home, send_timeout=TIMEOUT, connect_timeout=TIMEOUT, twilio_auth_token=SecretStr("secret"))
    return TwilioVoice(settings, f"http://127.0.0.1:{port}", "+15005550006")


def email(home: Path, port: int) -> Channel:
    """Return the mail channel, with a login."""
    settings = load(
        home=home, send_timeout=TIMEOUT, mail_from="alerts@example.invalid", smtp_username="office",
        smtp_password=SecretStr("secret"),
    )  # fmt: skip
    return Email(settings, "127.0.0.1", port)


MAKE: dict[str, Callable[[Path, int], Channel]] = {"sms": sms, "whatsapp": whatsapp, "voice": voice, "email": email}
TO = {"sms": "+992900000001", "whatsapp": "+992900000001", "voice": "+992900000001", "email": "someone@example.invalid"}


@dataclass(frozen=True)
class Case:
    """A fault of a provider, and what must come of it: which result, with which values, after how many calls."""

    channel: str
    name: str
    server: Callable[..., AbstractContextManager[Server]]
    result: type[Result]
    values: dict[str, Any] = field(default_factory=dict)
    taken: int = 1


def answers(status: str, file: str = "", **more: Any) -> Callable[[], AbstractContextManager[Server]]:
    """Return a server that gives a recorded answer of Twilio's."""
    return lambda: serving(http(status, file, **more))


def relay(**more: Any) -> Callable[..., AbstractContextManager[Server]]:
    """Return a mail relay with a fault; `together`: it takes commands in one go (RFC 2920)."""
    return lambda together=False: serving(Smtp(together=together, **more))


SLOW_DOWN = {"throttled": True, "code": "20429"}
STOPS = {"stops_channel": True, "address_bad": False}
BAD = {"stops_channel": False, "address_bad": True}
PLAIN = {"stops_channel": False, "address_bad": False, "stops_country": False, "opted_out": False}
COUNTRY = PLAIN | {"stops_country": True}
STOP = PLAIN | {"opted_out": True}
SID = "0123456789abcdef0123456789abcdef"
CASES = [
    Case("sms", "takes it", answers("201 Created", "created.json"), Accepted,
         {"provider_id": "SM0123456789abcdef0123456789abcdef", "status": "accepted"}),
    Case("sms", "refuses the connection", nobody, NotSent, {"code": "connect", "throttled": False}, 0),
    Case("sms", "hangs", lambda: serving(http_hangs), InDoubt),
    Case("sms", "resets after reading", lambda: serving(http_resets), InDoubt),
    Case("sms", "answers byte by byte", answers("201 Created", "created.json", drip=0.1), InDoubt),
    Case("sms", "cuts the 201 in half", answers("201 Created", "created.json", share=0.5), InDoubt),
    Case("sms", "201 without a sid", answers("201 Created", "created_without_sid.json"), InDoubt),
    Case("sms", "201 with a list", answers("201 Created", "created_as_list.json"), InDoubt),
    Case("sms", "201 that is no JSON", answers("201 Created", "error_page.html"), InDoubt),
    Case("sms", "500", answers("500 Error", "error_20500.json"), InDoubt, {"code": "20500", "http_status": 500}),
    Case("sms", "503 that is no JSON", answers("503 Unavailable", "error_page.html"), InDoubt, {"code": "503"}),
    Case("sms", "504 without a body", answers("504 Timeout"), InDoubt),
    Case("sms", "redirect", answers("307 Moved", headers={"Location": "/elsewhere"}), InDoubt),
    Case("sms", "429", answers("429 Slow", "error_20429.json", headers={"Retry-After": "7"}), NotSent,
         SLOW_DOWN | {"retry_after": 7.0}),
    Case("sms", "429 for ever", answers("429 Slow", "error_20429.json", headers={"Retry-After": "inf"}), NotSent,
         SLOW_DOWN | {"retry_after": 900.0}),
    Case("sms", "429 for no number of seconds", answers("429 Slow", "error_20429.json", headers={"Retry-After": "nan"}), NotSent,
         SLOW_DOWN | {"retry_after": 0.0}),
    Case("sms", "429 with a date", answers("429 Slow", headers={"Retry-After": "Sun, 22 Nov 2026 00:00:10 GMT"}), NotSent,
         {"throttled": True, "retry_after": None}),
    Case("sms", "429 in the newer form", answers("429 Slow", "error_problem.json"), NotSent, SLOW_DOWN),
    Case("sms", "queue full", answers("400 Bad", "error_21611.json"), NotSent, {"throttled": True, "code": "21611"}),
    Case("sms", "credentials", answers("401 No", "error_20003.json"), Rejected, STOPS | {"code": "20003"}),
    Case("sms", "bad number", answers("400 Bad", "error_21211.json"), Rejected, BAD | {"code": "21211"}),
    Case("sms", "country not permitted", answers("400 Bad", "error_21408.json"), Rejected, COUNTRY | {"code": "21408"}),
    Case("sms", "no route", answers("400 Bad", "error_21612.json"), Rejected, COUNTRY | {"code": "21612"}),
    Case("sms", "replied STOP", answers("400 Bad", "error_21610.json"), Rejected, STOP | {"code": "21610"}),
    Case("sms", "404 of a proxy", answers("404 Not Found", "error_page.html"), Rejected, STOPS),
    Case("sms", "a code that is no number", answers("400 Bad", "error_odd_code.json"), Rejected, STOPS),
    *(Case(channel, name, server, result, values, taken) for channel in ("whatsapp", "voice")
      for name, server, result, values, taken in (
          ("refuses the connection", nobody, NotSent, {"code": "connect"}, 0),
          ("hangs", lambda: serving(http_hangs), InDoubt, {}, 1),
          ("resets after reading", lambda: serving(http_resets), InDoubt, {}, 1),
          ("201 without a sid", answers("201 Created", "created_without_sid.json"), InDoubt, {}, 1),
          ("201 that is no JSON", answers("201 Created", "error_page.html"), InDoubt, {}, 1),
          ("500", answers("500 Error", "error_20500.json"), InDoubt, {"code": "20500"}, 1),
          ("504 without a body", answers("504 Timeout"), InDoubt, {}, 1),
          ("429", answers("429 Slow", "error_20429.json", headers={"Retry-After": "7"}), NotSent,
           SLOW_DOWN | {"retry_after": 7.0}, 1),
          ("credentials", answers("401 No", "error_20003.json"), Rejected, STOPS | {"code": "20003"}, 1),
          ("bad number", answers("400 Bad", "error_21211.json"), Rejected, BAD | {"code": "21211"}, 1),
          ("404 of a proxy", answers("404 Not Found", "error_page.html"), Rejected, STOPS, 1),
      )),
    Case("whatsapp", "takes it", answers("201 Created", "twilio_whatsapp/created.json"), Accepted,
         {"provider_id": f"MM{SID}", "status": "queued"}),
    Case("whatsapp", "not on WhatsApp", answers("400 Bad", "twilio_whatsapp/error_63003.json"), Rejected, BAD),
    Case("whatsapp", "wrong sender", answers("400 Bad", "twilio_whatsapp/error_63007.json"), Rejected, STOPS),
    Case("whatsapp", "limit of the sender", answers("400 Bad", "twilio_whatsapp/error_63018.json"), Rejected, PLAIN),
    Case("voice", "takes it", answers("201 Created", "twilio_voice/created.json"), Accepted,
         {"provider_id": f"CA{SID}", "status": "queued"}),
    Case("voice", "country not permitted", answers("400 Bad", "twilio_voice/error_21215.json"), Rejected, COUNTRY),
    Case("voice", "wrong sender", answers("400 Bad", "twilio_voice/error_21210.json"), Rejected, STOPS),
    Case("email", "takes it", relay(), Accepted, {"status": "accepted"}),
    Case("email", "refuses the connection", nobody, NotSent, {"code": "connect", "throttled": False}, 0),
    Case("email", "hangs at the greeting", relay(hangs="greeting"), NotSent, {"code": "connect"}, 0),
    Case("email", "hangs at the sender", relay(hangs="MAIL"), NotSent, {"code": "line"}, 0),
    Case("email", "hangs after the final dot", relay(hangs="."), InDoubt),
    Case("email", "drops after the final dot", relay(dies="."), InDoubt),
    Case("email", "drops at the recipient", relay(dies="RCPT"), NotSent, {"code": "line"}, 0),
    Case("email", "421 at the greeting", relay(greeting="421 busy"), NotSent, {"throttled": True}, 0),
    Case("email", "421 at the sender", relay(replies={"MAIL": "421 busy"}), NotSent, {"throttled": True}, 0),
    Case("email", "421 after the final dot", relay(replies={".": "421 busy"}), NotSent, {"throttled": True}),
    Case("email", "451 for one mailbox", relay(replies={"RCPT": "451 4.7.1 greylisted"}), NotSent,
         {"throttled": False, "retry_after": 300.0}, 0),
    Case("email", "550 for a mailbox", relay(replies={"RCPT": "550 5.1.1 no such mailbox"}), Rejected, BAD, 0),
    Case("email", "550 for a policy", relay(replies={"RCPT": "550 5.7.1 not welcome"}), Rejected, PLAIN, 0),
    Case("email", "550 without a detailed code", relay(replies={"RCPT": "550 unknown user"}), Rejected, BAD, 0),
    Case("email", "relaying denied", relay(replies={"RCPT": "554 5.7.1 Relay access denied"}), Rejected, STOPS, 0),
    Case("email", "550 for our sender", relay(replies={"MAIL": "550 5.1.8 bad sender"}), Rejected, STOPS, 0),
    Case("email", "550 for the text", relay(replies={".": "550 5.7.1 looks like spam"}), Rejected, PLAIN),
    Case("email", "554 instead of 354", relay(replies={"DATA": "554 no"}), Rejected, PLAIN, 0),
    Case("email", "no code after the final dot", relay(replies={".": "what?"}), InDoubt, {"code": "reply"}),
    Case("email", "354 after the final dot", relay(replies={".": "354 go on"}), InDoubt, {"code": "reply"}),
    Case("email", "250 instead of 354", relay(replies={"DATA": "250 OK"}), NotSent, {"code": "reply"}, 0),
    Case("email", "no code at the recipient", relay(replies={"RCPT": "what?"}), NotSent, {"code": "reply"}, 0),
    Case("email", "535", relay(replies={"AUTH": "535 5.7.8 wrong"}), Rejected, STOPS | {"code": "535"}, 0),
    Case("email", "454", relay(replies={"AUTH": "454 4.7.0 not now"}), NotSent, {"throttled": True}, 0),
]  # fmt: skip


async def hand_over(channel: Channel, notice: Outgoing) -> Result:
    """Send one notice and close the channel."""
    try:
        return await channel.send(notice)
    finally:
        await channel.close()


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.channel}: {case.name}")
def test_every_fault_has_one_meaning(case: Case, tmp_path: Path) -> None:
    """Each fault of a provider gives the result it must give, after at most one call, in time, and no exception."""
    with case.server() as server:
        channel = MAKE[case.channel](tmp_path, server.port)
        begun = time.monotonic()
        result = asyncio.run(hand_over(channel, outgoing(TO[case.channel])))
        took = time.monotonic() - begun
    assert type(result) is case.result, result
    assert {name: getattr(result, name) for name in case.values} == case.values
    assert server.taken == case.taken
    assert took < 2 * TIMEOUT + SLACK


@pytest.mark.parametrize(
    "case", [one for one in CASES if one.channel == "email" and one.server is not nobody], ids=lambda case: case.name
)
def test_commands_in_one_go_change_no_meaning(case: Case, tmp_path: Path) -> None:
    """A relay that takes sender, recipient and DATA in one go (RFC 2920) gives the same results as one that is asked in turn."""
    with case.server(together=True) as server:
        result = asyncio.run(hand_over(email(tmp_path, server.port), outgoing(TO["email"])))
    assert type(result) is case.result, result
    assert {name: getattr(result, name) for name in case.values} == case.values


@pytest.mark.parametrize("name", ["sms", "whatsapp", "voice", "email"])
def test_a_question_that_fails_tells_nothing(name: str, tmp_path: Path) -> None:
    """A provider that cannot be asked is no proof that it has no message, and gives no status."""
    for make in (nobody, answers("503 Unavailable", "error_page.html"), answers("200 OK", "created_as_list.json")):
        with make() as server:
            channel = MAKE[name](tmp_path, server.port)

            async def ask(channel: Channel) -> tuple[str, str]:
                found = await channel.lookup(outgoing(TO[name]), SINCE)
                status = await channel.status("SM" + "0" * 32)
                await channel.close()
                return type(found).__name__, type(status).__name__

            found, status = asyncio.run(ask(channel))
        assert found == ("NoLookup" if name == "email" else "CannotTell")
        assert status == "CannotTell"


@pytest.mark.parametrize(
    "address", ["a@b@c", "a b@c", "someone@example.invalid\r\nBcc: x@y", "", "示例@example.invalid"]
)
def test_no_header_can_be_smuggled_in(address: str, tmp_path: Path) -> None:
    """An address that is more than an address is refused before any relay is called."""
    with serving(Smtp()) as server:
        result = asyncio.run(hand_over(email(tmp_path, server.port), outgoing(address)))
    assert isinstance(result, Rejected)
    assert result.address_bad
    assert server.taken == 0


def test_the_double_keeps_what_it_took() -> None:
    """The shipped double finds what it accepted, and has nothing of what it refused."""

    async def play() -> None:
        recorder = Recorder()
        assert isinstance(await recorder.send(outgoing("+992900000001")), Accepted)
        assert (await recorder.lookup(outgoing("+992900000001"), SINCE)).copies == 1  # type: ignore[union-attr]
        refusing = Recorder(answer=lambda notice: Rejected("x"))
        assert isinstance(await refusing.send(outgoing("+992900000001")), Rejected)
        assert type(await refusing.lookup(outgoing("+992900000001"), SINCE)).__name__ == "Absent"

    asyncio.run(play())
