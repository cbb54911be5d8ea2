"""Callbacks of calls: how they end, which key was pressed, what is answered; and a whole call with the sandbox."""

from __future__ import annotations

import socket
import time
from pathlib import Path
from xml.etree import ElementTree

import pytest
from pydantic import SecretStr
from sqlalchemy import Engine

from core.clock import FixedClock, SystemClock
from core.database import open_engine, upgrade
from core.keys import MasterKeys
from notify.channels.base import Accepted
from notify.channels.twilio_account import CALL_PATH, DIGIT_PATH
from notify.channels.twilio_voice import TwilioVoice
from notify.sandbox.running import running
from tests.console.hooks import BASE, SECRET, Caller, build, opened, post
from tests.console.serving import serving
from tests.notify.sending.house import House, Scripted, enrol_people, house, numbers

CALL = {
    "CallSid": "CA1", "CallStatus": "completed", "To": "+992900000001", "From": "+15005550006", "AccountSid": "AC1",
    "Direction": "outbound-api",
}  # fmt: skip


@pytest.fixture
def home(sqlite_engine: Engine, tmp_path: Path, clock: FixedClock, keys: MasterKeys) -> House:
    """An office with one call that Twilio has taken."""
    made = house(sqlite_engine, tmp_path, clock, keys, twilio_auth_token=SecretStr(SECRET), public_base_url=BASE)
    enrol_people(made, numbers(1))
    channel = Scripted(name="voice", provider="twilio_voice", answer=lambda n: Accepted("CA1", "queued"))
    made = made.with_channels(channel)
    made.release(channels=("voice",))
    made.drain()
    return made


@pytest.fixture
def client(home: House) -> Caller:
    """The application, called inside this process."""
    return Caller(build(home.office))


def number(home: House) -> int:
    """Return the number of the notice."""
    return home.rows()[0].id or 0


def status(home: House) -> tuple[str, str]:
    """Return the provider's status of the notice, and its code."""
    row = home.rows()[0]
    return row.provider_status, row.error_code


@pytest.mark.parametrize("said, ends", [
    ("initiated", ("queued", "")), ("ringing", ("sending", "")), ("in-progress", ("sending", "")), ("completed", ("sent", "")),
    ("busy", ("undelivered", "busy")), ("no-answer", ("undelivered", "no-answer")), ("failed", ("failed", "failed")),
    ("canceled", ("undelivered", "canceled")),
])  # fmt: skip
def test_the_status_of_a_call(home: House, client: Caller, said: str, ends: tuple[str, str]) -> None:
    """A completed call is sent, not read; one that reached nobody says why; the raw words are kept."""
    assert post(client, f"{CALL_PATH}?d={number(home)}.1", CALL | {"CallStatus": said}) == 204
    assert status(home) == ends
    assert f'"CallStatus": "{said}"' in opened(home)[0][1]


def test_who_answered_is_kept_and_changes_nothing(home: House, client: Caller) -> None:
    """That a machine took the call is kept; it is no status."""
    who = {"CallSid": "CA1", "AccountSid": "AC1", "AnsweredBy": "machine_start", "MachineDetectionDuration": "900"}
    assert post(client, f"{CALL_PATH}?d={number(home)}.1", CALL) == 204
    assert post(client, f"{CALL_PATH}?d={number(home)}.1", who) == 204
    assert status(home) == ("sent", "")
    assert [one for one, _ in opened(home)] == ["sent", "machine_start"]


@pytest.mark.parametrize("after", [True, False])
def test_the_right_key_means_read(home: House, client: Caller, after: bool) -> None:
    """The digit 1 leads to read, before or after the call has ended, and is answered with thanks in the reader's language."""
    path = f"{DIGIT_PATH}?d={number(home)}.1&l=zh"
    if after:
        assert post(client, f"{CALL_PATH}?d={number(home)}.1", CALL) == 204
    assert post(client, path, CALL | {"CallStatus": "in-progress", "Digits": "1"}) == 200
    assert "谢谢" in client.words
    if not after:
        assert post(client, f"{CALL_PATH}?d={number(home)}.1", CALL) == 204
    assert status(home) == ("read", "")
    assert '"Digits": "1"' in dict(opened(home))["read"]


def test_a_wrong_key_is_asked_again_once(home: House, client: Caller) -> None:
    """Any other key is kept and changes nothing; Twilio asks once more, under an address of ours, and then says goodbye."""
    path = f"{DIGIT_PATH}?d={number(home)}.1&l=zh"
    assert post(client, path, CALL | {"Digits": "5"}) == 200
    action = ElementTree.fromstring(client.words)[0].get("action", "")  # noqa: S314  (it is our own)
    assert action == f"{BASE}{DIGIT_PATH}?d={number(home)}.1&l=zh&n=2"
    assert post(client, action.removeprefix(BASE), CALL | {"Digits": "7"}) == 200
    assert "再见" in client.words
    assert "<Gather" not in client.words
    assert status(home) == ("queued", "")
    assert [one for one, _ in opened(home)] == ["digit-5", "digit-7"]
    assert post(client, action.removeprefix(BASE), CALL | {"Digits": "1"}) == 200
    assert status(home) == ("read", "")


@pytest.mark.parametrize("path, form", [
    (f"{CALL_PATH}?d=x.1", CALL), (f"{CALL_PATH}?d=1.1", CALL | {"CallSid": ""}), (f"{CALL_PATH}?d=1.1", CALL | {"CallStatus": ""}),
    (f"{DIGIT_PATH}?d=1.1&l=zh", CALL), (f"{DIGIT_PATH}?d=1.1&l=zh", CALL | {"Digits": "１"}),
    (f"{DIGIT_PATH}?d=&l=zh", CALL | {"Digits": "1"}),
])  # fmt: skip
def test_callbacks_that_say_nothing_are_refused(home: House, client: Caller, path: str, form: dict[str, str]) -> None:
    """Without a delivery, a call, a status or a key there is nothing to keep."""
    assert post(client, path, form) == 400
    assert opened(home) == []


@pytest.mark.parametrize("path", [CALL_PATH, f"{DIGIT_PATH}?d=1.1&l=zh"])
def test_without_a_signature_nothing_is_kept(home: House, client: Caller, path: str) -> None:
    """Whoever is not Twilio confirms no notice."""
    assert client("POST", path, "CallSid=CA1&Digits=1&CallStatus=completed") == 403
    assert (opened(home), status(home)) == ([], ("queued", ""))


def test_a_key_is_asked_for_again_while_the_database_is_busy(
    tmp_path: Path, clock: FixedClock, keys: MasterKeys
) -> None:
    """A confirmation that cannot be written is not thanked for: the listener is asked to press once more."""
    engine = open_engine(f"sqlite:///{tmp_path / 'busy.db'}", busy_ms=20)
    upgrade(engine)
    made = house(engine, tmp_path, clock, keys, twilio_auth_token=SecretStr(SECRET), public_base_url=BASE)
    client = Caller(build(made.office))
    with engine.begin():
        assert post(client, f"{DIGIT_PATH}?d=1.1&l=en", CALL | {"Digits": "1"}) == 200
    assert "Press 1" in client.words
    assert "Thank you" not in client.words
    engine.dispose()


def test_whole_calls(tmp_path: Path, keys: MasterKeys) -> None:
    """Called through the sandbox, who presses 1 has read it, who only listened has not, and who is busy was not reached."""
    engine = open_engine(f"sqlite:///{tmp_path / 'test.db'}")
    upgrade(engine)
    door = socket.create_server(("127.0.0.1", 0))
    base = f"http://127.0.0.1:{door.getsockname()[1]}"
    made = house(engine, tmp_path, SystemClock(), keys, public_base_url=base)
    people = {
        "+15005557001": "read", "+15005557051": "read", "+15005557055": "sent", "+15005557011": "sent",
        "+15005557486": "undelivered", "+15005557404": "failed", "+992900000001": "sent",
    }  # fmt: skip
    enrol_people(made, list(people))
    faults = "step=0.05,dup-callback=0.3,reorder-callback=0.3,early-callback=0.3,extra-field=0.3"
    with running(tmp_path / "sandbox", faults=faults) as sandbox, serving(build(made.office), door):
        made = made.with_channels(TwilioVoice(made.office.settings, sandbox.url, "+15005550006"))
        made.release(channels=("voice",))
        made.run(within=30)
        until = time.monotonic() + 20
        while time.monotonic() < until and sorted(one.provider_status for one in made.rows()) != sorted(
            people.values()
        ):
            time.sleep(0.05)
        assert (sandbox.stats().calls, sandbox.stats().calls_duplicates) == (len(people), 0)
        (call,) = sandbox.calls("+15005557001")
        assert call.said.count("求助电话") == 2
        assert {one.outcome for one in sandbox.callbacks()} <= {"http 204", "http 200"}
    assert sorted(one.provider_status for one in made.rows()) == sorted(people.values())
    engine.dispose()
