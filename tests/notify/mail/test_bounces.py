"""Bounces: what relays say later, read, applied and never believed of anybody else's mailbox."""

from __future__ import annotations

import mailbox
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr
from sqlalchemy import select

from core.clock import FixedClock
from core.database import reading, writing
from core.errors import WrongSetting
from core.settings import load
from core.tables import table
from notify import alerts, returns, unsubscribe
from notify.bounces import read_bounce
from notify.channels.base import Accepted
from notify.channels.email import Email
from notify.channels.recorder import Recorder
from notify.manual import ManualAlert, draft_manual
from notify.office import Office, open_office
from notify.ref import delivery_of, reference
from notify.store import alerts as alert_store
from notify.tables import Delivery
from registry.actors import SYSTEM
from registry.enrol import enrol, index_key
from registry.people import GivenConsent, NewAddress, NewPerson, NewPosting
from registry.tables import Address, Ground
from tests.notify.sending.house import House

NOW = datetime(2026, 11, 22, 2, tzinfo=UTC)
PEOPLE = ("first@example.invalid", "second@example.invalid")


def notification(
    to: str, recipient: str, *, action: str = "failed", status: str = "5.1.1", quoted: str = "", number: int = 1
) -> bytes:
    """Return a delivery status notification as relays write it (RFC 3464), in words of our own."""
    back = f"--edge\r\nContent-Type: text/rfc822-headers\r\n\r\n{quoted}\r\n" if quoted else ""
    return (
        f"From: mailer-daemon@relay.invalid\r\nTo: {to}\r\nMessage-ID: <{number}@relay.invalid>\r\nMIME-Version: 1.0\r\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="edge"\r\n\r\n'
        "--edge\r\nContent-Type: text/plain\r\n\r\nYour message could not be delivered.\r\n"
        "--edge\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; relay.invalid\r\n\r\n"
        f"Final-Recipient: rfc822; {recipient}\r\nAction: {action}\r\nStatus: {status}\r\n"
        f"Diagnostic-Code: smtp; 550 {status} no such user here\r\n\r\n{back}--edge--\r\n"
    ).encode()


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """Give an office that has sent one mail to each of two people, and has a mailbox for bounces."""
    mailbox.Maildir(tmp_path / "bounces")
    settings = load(
        home=tmp_path / "home", channels=("email",), bounce_address="bounces@example.invalid",
        bounce_mailbox=SecretStr(str(tmp_path / "bounces")),
    )  # fmt: skip
    office = open_office(settings, FixedClock(NOW))
    with writing(office.engine) as connection:
        consent = GivenConsent(Ground.EMPLOYMENT, "test/1")
        people = [NewPerson(name=f"示例{i}", addresses=(NewAddress("email", mail),), postings=(NewPosting("TJ"),), consent=consent)
                  for i, mail in enumerate(PEOPLE)]  # fmt: skip
        enrol(connection, SYSTEM, people, keys=office.keys, index_key=index_key(connection, office.keys), now=NOW)
        manual = ManualAlert(countries=["TJ"], level=4, title_zh="示例：请留意安全", channels=["email"])
        version = alerts.open_alert(connection, draft_manual(manual, office.name, NOW), office.acting(SYSTEM))
        assert version is not None
        alerts.release_by_rule(connection, version, office.acting(SYSTEM))
    made = House(office).with_channels(
        Recorder("email", "smtp", lambda notice: Accepted(f"<1.{notice.delivery_id}.{notice.ref}@example.invalid>"))
    )
    made.drain()
    yield made
    office.engine.dispose()


def ref_of(office: Office, number: int) -> str:
    """Return the reference of a delivery."""
    with reading(office.engine) as connection:
        return reference(alert_store.instance(connection).uid, number)


def put(house: House, raw: bytes) -> None:
    """Put a mail into the mailbox of bounces."""
    mailbox.Maildir(house.office.settings.bounce_mailbox.get_secret_value(), create=False).add(raw)


def stopped(office: Office) -> list[bool]:
    """Tell for each address in order whether it is used no more."""
    rows = table(Address)
    with reading(office.engine) as connection:
        return [row is not None for row in connection.execute(select(rows.c.stopped_at).order_by(rows.c.id)).scalars()]


def statuses(house: House) -> list[str]:
    """Return the provider's status of each delivery in order."""
    return [row.provider_status for row in house.rows()]


def test_no_such_mailbox(house: House) -> None:
    """A bounce of “no such mailbox” marks its notice as not delivered and stops that address, and nobody else's."""
    put(house, notification(f"bounces+{ref_of(house.office, 1)}@example.invalid", house_address(house, 1)))
    found = returns.collect(house.office)
    assert (found.bounces, found.stopped, found.left) == (1, 1, 0)
    assert statuses(house) == ["undelivered", "accepted"]
    assert sorted(stopped(house.office)) == [False, True]


def house_address(house: House, number: int) -> str:
    """Return the address that a delivery went to: deliveries are not made in the order of people."""
    row = house.rows()[number - 1]
    return PEOPLE[row.address_id - 1]


def test_the_same_bounce_twice_counts_once(house: House) -> None:
    """Read again, from the mailbox and from a second copy, a bounce changes nothing more."""
    raw = notification(f"bounces+{ref_of(house.office, 1)}@example.invalid", house_address(house, 1))
    put(house, raw)
    returns.collect(house.office)
    assert returns.collect(house.office).bounces == 0, "what was read is marked as seen"
    put(house, raw)
    returns.collect(house.office)
    deliveries = table(Delivery)
    with reading(house.office.engine) as connection:
        kept = connection.exec_driver_sql("SELECT count(*) FROM receipt").scalar_one()
        assert (
            connection.execute(select(deliveries.c.provider_status).where(deliveries.c.id == 1)).scalar_one()
            == "undelivered"
        )
    assert kept == 1


def test_full_mailbox_and_delay_stop_nobody(house: House) -> None:
    """A full mailbox fails this mail only; a delay is kept and changes nothing; “delivered” is a delivery."""
    to = f"bounces+{ref_of(house.office, 1)}@example.invalid"
    put(house, notification(to, house_address(house, 1), action="delayed", status="4.4.1", number=1))
    assert (returns.collect(house.office).bounces, statuses(house)[0]) == (1, "accepted")
    put(house, notification(to, house_address(house, 1), status="5.2.2", number=2))
    returns.collect(house.office)
    assert (statuses(house)[0], any(stopped(house.office))) == ("undelivered", False)
    put(house, notification(to, house_address(house, 1), action="delivered", status="2.1.5", number=3))
    returns.collect(house.office)
    assert statuses(house)[0] == "delivered"


def test_a_bounce_from_elsewhere_stops_nobody(house: House) -> None:
    """A bounce of a mailbox we never wrote to (a mail passed on, or a lie) marks the notice and stops no address."""
    put(house, notification(f"bounces+{ref_of(house.office, 1)}@example.invalid", "other@example.invalid"))
    returns.collect(house.office)
    assert (statuses(house)[0], any(stopped(house.office))) == ("undelivered", False)


def test_found_by_the_quoted_message_id(house: House) -> None:
    """A relay that loses the +… of the address is understood by the Message-ID it gives back."""
    row = house.rows()[1]
    channel = Email(house.office.settings, "127.0.0.1", 1)
    quoted = f"Message-ID: <1.{row.id}.{ref_of(house.office, 2)}@example.invalid>"
    put(house, notification("bounces@example.invalid", house_address(house, 2), quoted=quoted))
    assert returns.collect(house.office).bounces == 1
    assert statuses(house)[1] == "undelivered"
    assert channel.endpoint == "127.0.0.1"


@pytest.mark.parametrize("raw", [
    b"From: a@example.invalid\r\nTo: bounces@example.invalid\r\nSubject: away\r\n\r\nI am on holiday.\r\n",
    b"", b"\x00\xff\xfe" * 50, b"Content-Type: multipart/report; boundary=x\r\n\r\n--x\r\nContent-Type: message/delivery-status\r\n\r\n",
])  # fmt: skip
def test_what_is_no_bounce_is_left(raw: bytes, house: House) -> None:
    """A holiday note, nothing, noise and a half report are left unread for a person, and change nothing."""
    put(house, raw)
    found = returns.collect(house.office)
    assert (found.bounces, found.left) == (0, 1)
    assert statuses(house) == ["accepted", "accepted"]


def test_a_reference_of_nothing_is_left(house: House) -> None:
    """A reference that names no delivery of ours changes nothing."""
    put(house, notification("bounces+ZZZZZZ@example.invalid", PEOPLE[0]))
    assert returns.collect(house.office).left == 1


def test_a_sandbox_reads_no_mailbox_elsewhere(house: House) -> None:
    """A copy of the office in a sandbox would mark as seen what the live one must read: no other machine is called."""
    there = SecretStr("imaps://office:secret@mail.example.invalid/INBOX")
    settings = house.office.settings.model_copy(update={"bounce_mailbox": there})
    assert returns.collect(replace(house.office, settings=settings)) == returns.Returned()


def test_no_mailbox_is_said(house: House, tmp_path: Path) -> None:
    """A mailbox that is not set, not there or not over TLS is a sentence, without its password."""
    for where in ("", str(tmp_path / "nowhere"), "imap://user:geheim@mail.example.invalid/INBOX"):
        settings = house.office.settings.model_copy(update={"bounce_mailbox": SecretStr(where)})
        with pytest.raises(WrongSetting) as error:
            returns.collect(replace(house.office, settings=settings))
        assert "geheim" not in error.value.message.render("en")


@given(st.integers(1, 2**30 - 1), st.uuids())
def test_a_reference_names_its_delivery(number: int, uid: object) -> None:
    """Every reference leads back to the one delivery it was made of, also in small letters."""
    assert delivery_of(str(uid), reference(str(uid), number).lower()) == number


@given(st.binary(max_size=300))
def test_no_bytes_break_the_reader(raw: bytes) -> None:
    """Whatever comes to the mailbox, reading it raises nothing."""
    read_bounce(raw)
    read_bounce(notification("bounces+7K2QFX@example.invalid", "a@example.invalid") + raw)


def test_every_mail_carries_its_own_way_out(house: House) -> None:
    """Each notice by mail carries the link by which the owner of that address, and no other, stops it; a text message has none."""
    recorder = house.office.channels["email"]  # type: ignore[index]
    assert isinstance(recorder, Recorder)
    with reading(house.office.engine) as connection:
        secret = index_key(connection, house.office.keys)
    named = {one.address: unsubscribe.address_of(secret, one.unsubscribe.rpartition("/")[2]) for one in recorder.sent}
    assert named == {PEOPLE[row.address_id - 1]: row.address_id for row in house.rows()}
