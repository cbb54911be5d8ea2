"""Messages to our numbers: STOP stops the address, everything else is kept beside the notice it answers."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import SecretStr
from sqlalchemy import Engine, select

from core.audit import last_details
from core.clock import FixedClock
from core.database import reading
from core.keys import MasterKeys
from core.tables import table
from notify.channels.base import Accepted
from notify.channels.twilio_account import CALLBACK_PATH, REPLY_PATH
from notify.channels.twilio_sms import TwilioSms
from notify.replies import wants_stop
from notify.sandbox.running import running
from notify.stops import BY_OWNER
from notify.tables import Delivery
from registry.tables import Address
from tests.console.hooks import BASE, RECEIPTS, SECRET, Caller, build, opened, post
from tests.notify.sending.house import House, Scripted, enrol_people, house, numbers

ADDRESSES = table(Address)
ONE = numbers(1)[0]
REPLY = {
    "MessageSid": "SM9", "From": ONE, "To": "+15005550006", "Body": "我们都好，在酒店", "AccountSid": "AC1", "NumMedia": "0",
    "FromCity": "",
}  # fmt: skip


@pytest.fixture
def home(sqlite_engine: Engine, tmp_path: Path, clock: FixedClock, keys: MasterKeys) -> House:
    """An office: two people behind one number, a third with their own, and a notice to both numbers."""
    made = house(sqlite_engine, tmp_path, clock, keys, twilio_auth_token=SecretStr(SECRET), public_base_url=BASE)
    enrol_people(made, [ONE, ONE, "+992900000002"])
    enrol_people(made, [ONE], channel="whatsapp")
    made.release()
    made = made.with_channels(
        Scripted(provider="twilio_sms", answer=lambda n: Accepted(f"SM{n.delivery_id}", "queued"))
    )
    made.drain()
    return made


@pytest.fixture
def client(home: House) -> Caller:
    """The application, called inside this process."""
    return Caller(build(home.office))


def joint(home: House) -> Delivery:
    """Return the first notice to the number that two people share."""
    return next(row for row in home.rows() if row.people == 2)


def stops(home: House) -> list[tuple[str, str]]:
    """Return channel and reason of each address in order; an empty reason: in use."""
    a = ADDRESSES.c
    with reading(home.office.engine) as connection:
        return [(row[0], row[1]) for row in connection.execute(select(a.channel, a.stop_reason).order_by(a.id))]


@pytest.mark.parametrize("words, stop", [
    ("STOP", True), (" stop. ", True), ("Stop!", True), ("ＳＴＯＰ", True), ("TD", True), ("td", True), ("t", True), ("退订", True),
    ("“退订”。", True), ("停止", True), ("停止 发送", True), ("unsubscribe", True), ("QUIT", True), ("取消", True),
    ("", False), ("1", False), ("不要停止", False), ("交通停止了，怎么办", False), ("don't stop", False), ("tdt", False),
    ("停", False), ("STOP it, I need help", False), ("平安", False), ("救命", False),
])  # fmt: skip
def test_only_a_bare_stop_is_a_stop(words: str, stop: bool) -> None:
    """STOP is the whole message or none: somebody who writes a sentence with it may need help."""
    assert wants_stop(words) is stop


@pytest.mark.parametrize(
    "more", [{"Body": "退订"}, {"Body": "TD"}, {"Body": "stop"}, {"Body": "assez", "OptOutType": "STOP"}]
)
def test_stop_stops_the_number_on_this_channel(home: House, client: Caller, more: dict[str, str]) -> None:
    """The number is stopped for everybody who has it, on the channel it was said on, with reason and audit; again, nothing."""
    assert [post(client, REPLY_PATH, REPLY | more) for _ in range(2)] == [204, 204]
    assert stops(home) == [("sms", BY_OWNER), ("sms", BY_OWNER), ("sms", ""), ("whatsapp", "")]
    with reading(home.office.engine) as connection:
        details = last_details(connection, "address.stop", ["address/1", "address/2", "address/3", "address/4"])
    assert details == {"address/1": BY_OWNER, "address/2": BY_OWNER}
    home.release()
    home.drain()
    assert [row.channel for row in home.rows()[2:]] == ["sms"]


def test_stop_on_whatsapp_leaves_sms(home: House, client: Caller) -> None:
    """Who wants no WhatsApp still gets SMS."""
    assert post(client, REPLY_PATH, REPLY | {"From": f"whatsapp:{ONE}", "Body": "Stop"}) == 204
    assert stops(home) == [("sms", ""), ("sms", ""), ("sms", ""), ("whatsapp", BY_OWNER)]


def test_other_words_are_kept_beside_the_newest_notice(home: House, client: Caller) -> None:
    """What somebody wrote is kept as it came, sealed, beside the newest notice to that number, whose end it does not touch."""
    home.release()
    home.drain()
    before = home.rows()
    newest = [row for row in before if row.address_index == joint(home).address_index][-1]
    assert [post(client, REPLY_PATH, REPLY) for _ in range(2)] == [204, 204]
    assert home.rows() == before
    ((status, words),) = opened(home)
    assert status == "received"
    assert "我们都好，在酒店" in words
    assert '"FromCity": ""' in words
    with reading(home.office.engine) as connection:
        assert connection.execute(select(RECEIPTS.c.delivery_id)).scalars().all() == [newest.id]
    assert stops(home)[0] == ("sms", "")


@pytest.mark.parametrize("more, answer", [
    ({"From": "+992999999999"}, 204), ({"From": "Office"}, 400), ({"From": ""}, 400), ({"MessageSid": ""}, 400),
    ({"From": "whatsapp:someone"}, 400),
])  # fmt: skip
def test_messages_of_nobody_we_know(home: House, client: Caller, more: dict[str, str], answer: int) -> None:
    """A number that nobody registered is taken and forgotten; what names no number is refused; nothing is kept or stopped."""
    assert post(client, REPLY_PATH, REPLY | {"Body": "STOP"} | more) == answer
    assert opened(home) == []
    assert {reason for _, reason in stops(home)} == {""}


def test_an_erased_person_leaves_no_message(home: House, client: Caller) -> None:
    """With a person's key gone nothing they write is kept."""
    with home.office.engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM person_key")
    assert post(client, REPLY_PATH, REPLY) == 204
    assert opened(home) == []


def test_without_a_signature_nobody_is_stopped(home: House, client: Caller) -> None:
    """Whoever is not Twilio stops no address."""
    assert client("POST", REPLY_PATH, f"MessageSid=SM9&From=%2B{ONE[1:]}&Body=STOP") == 403
    assert {reason for _, reason in stops(home)} == {""}


@pytest.mark.parametrize("code, status, reason", [
    ("30005", "undelivered", "provider: no such address"), ("30006", "undelivered", "provider: no such address"),
    ("30003", "undelivered", ""), ("30007", "undelivered", ""), ("30008", "undelivered", ""), ("", "delivered", ""),
])  # fmt: skip
def test_a_receipt_stops_a_number_that_does_not_exist(
    home: House, client: Caller, code: str, status: str, reason: str
) -> None:
    """No such number, or a landline, said after the acceptance, stops the number for all; a handset that is off does not."""
    form = {"MessageSid": "SM1", "MessageStatus": status, "ErrorCode": code, "To": ONE, "From": "+15005550006"}
    assert post(client, f"{CALLBACK_PATH}?d={joint(home).id}.1", form) == 204
    assert stops(home) == [("sms", reason), ("sms", reason), ("sms", ""), ("whatsapp", "")]


def test_a_receipt_that_is_repeated_stops_once(home: House, client: Caller) -> None:
    """A number that the company has put right is not stopped again by the same receipt."""
    form = {
        "MessageSid": "SM1",
        "MessageStatus": "undelivered",
        "ErrorCode": "30005",
        "To": ONE,
        "From": "+15005550006",
    }
    path = f"{CALLBACK_PATH}?d={joint(home).id}.1"
    assert post(client, path, form) == 204
    with home.office.engine.begin() as connection:
        connection.execute(ADDRESSES.update().values(stopped_at=None, stop_reason=""))
    assert post(client, path, form) == 204
    assert {reason for _, reason in stops(home)} == {""}


def test_a_refusal_for_stop_stops_the_number(
    sqlite_engine: Engine, tmp_path: Path, clock: FixedClock, keys: MasterKeys
) -> None:
    """Twilio's 21610 at the call means the same as a STOP that reached us: the notice fails, the number is stopped."""
    made = house(sqlite_engine, tmp_path, clock, keys)
    enrol_people(made, ["+15005552610"])
    made.release()
    with running(tmp_path / "sandbox", faults="step=0") as sandbox:
        made.with_channels(TwilioSms(made.office.settings, sandbox.url)).run()
    (row,) = made.rows()
    assert (row.state, row.reason, row.error_code) == ("failed", "opted-out", "21610")
    assert stops(made) == [("sms", BY_OWNER)]
