"""Twilio's own client against the sandbox."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

import pytest
from twilio.base.exceptions import TwilioException, TwilioRestException
from twilio.rest import Client

from notify.sandbox.running import Running
from tests.notify.sandbox.conftest import SERVICE, TO, client_of


def wait_for(client: Client, sid: str, status: str) -> None:
    """Wait until a message has the status."""
    until = time.monotonic() + 10
    while client.messages(sid).fetch().status != status:
        assert time.monotonic() < until
        time.sleep(0.02)


def test_create_and_fetch(client: Client) -> None:
    """A message is accepted, and later delivered with sender, parts, price and sending time."""
    made = client.messages.create(to=TO, messaging_service_sid=SERVICE, body="中" * 71)
    assert (made.status, made.num_segments, made.from_, made.date_sent) == ("accepted", "0", None, None)
    wait_for(client, made.sid, "delivered")
    found = client.messages(made.sid).fetch()
    assert (found.body, found.num_segments, found.price) == ("中" * 71, "2", "-0.01500")
    assert found.from_ == "+15005550006"
    assert found.date_sent >= made.date_created


def test_without_a_service_the_first_status_is_queued(client: Client) -> None:
    """A message from a number begins as queued, with its sender and parts known."""
    made = client.messages.create(to=TO, from_="+15005550006", body="x")
    assert (made.status, made.num_segments, made.from_) == ("queued", "1", "+15005550006")


def test_a_message_lives_step_by_step(sandbox: Running, client: Client) -> None:
    """With a step the statuses can be watched one after the other, and the whole life takes no more than a second."""
    sandbox.faults("step=0.2")
    sid = client.messages.create(to=TO, messaging_service_sid=SERVICE, body="x").sid
    began, seen = time.monotonic(), []
    while "delivered" not in seen and time.monotonic() - began < 10:
        status = client.messages(sid).fetch().status
        seen += [] if status in seen else [status]
    assert seen == [s for s in ("accepted", "queued", "sending", "sent", "delivered") if s in seen]
    assert len(seen) > 2


def test_wrong_token(sandbox: Running) -> None:
    """A wrong token is refused with 401 and 20003, and nothing is stored."""
    with pytest.raises(TwilioRestException) as refused:
        client_of(sandbox, token="wrong").messages.create(to=TO, messaging_service_sid=SERVICE, body="x")
    assert (refused.value.status, refused.value.code) == (401, 20003)
    assert sandbox.stats().messages == 0


def test_an_unknown_message_is_not_found(client: Client) -> None:
    """Fetching what is not there gives 404 and 20404."""
    with pytest.raises(TwilioRestException) as refused:
        client.messages("SM" + "0" * 32).fetch()
    assert (refused.value.status, refused.value.code) == (404, 20404)


def test_list_newest_first_in_pages(client: Client) -> None:
    """The list is newest first, follows its pages to the end, and holds each message once."""
    made = [client.messages.create(to=TO, messaging_service_sid=SERVICE, body=str(n)).sid for n in range(7)]
    assert [m.sid for m in client.messages.list(page_size=3)] == made[::-1]
    assert [m.sid for m in client.messages.list(page_size=7)] == made[::-1]
    assert [m.sid for m in client.messages.list(limit=2)] == made[:-3:-1]


def test_pages_forward_and_back(client: Client) -> None:
    """Going back from the second page gives the first again, although a message arrived in between."""
    made = [client.messages.create(to=TO, messaging_service_sid=SERVICE, body=str(n)).sid for n in range(6)]
    second = client.messages.page(page_size=2).next_page()
    client.messages.create(to=TO, messaging_service_sid=SERVICE, body="late")
    assert second is not None
    assert [m.sid for m in second] == made[3:1:-1]
    back = client.messages.get_page(client.api.base_url + second._payload["previous_page_uri"])
    assert [m.sid for m in back] == made[:3:-1]


def test_list_filters(client: Client) -> None:
    """The list can be narrowed by recipient, sender and sending time; what is not sent has no sending time."""
    one = client.messages.create(to=TO, from_="+15005550006", body="a")
    client.messages.create(to="+15005550100", from_="+15005550007", body="b")
    held = client.messages.create(
        to="+15005550101", messaging_service_sid=SERVICE, body="c", schedule_type="fixed",
        send_at=datetime.now(UTC) + timedelta(hours=1),
    )  # fmt: skip
    wait_for(client, one.sid, "delivered")
    today = datetime.now(UTC)
    assert [m.sid for m in client.messages.list(to=TO)] == [one.sid]
    assert [m.sid for m in client.messages.list(from_="+15005550006", to=TO)] == [one.sid]
    assert len(client.messages.list(date_sent=today)) == 2
    assert len(client.messages.list(date_sent_after=today - timedelta(days=1))) == 2
    assert client.messages.list(date_sent_before=today - timedelta(days=1)) == []
    assert held.sid in {m.sid for m in client.messages.list()}


def test_a_page_too_large_is_refused(client: Client) -> None:
    """More than 1,000 on a page is refused."""
    with pytest.raises(TwilioException, match="20007"):
        client.messages.page(page_size=1001)


def test_cancel_works_only_while_scheduled(client: Client) -> None:
    """A scheduled message can be canceled, once; any other is refused with 30409."""
    held = client.messages.create(
        to=TO, messaging_service_sid=SERVICE, body="x", schedule_type="fixed",
        send_at=datetime.now(UTC) + timedelta(hours=1),
    )  # fmt: skip
    assert held.status == "scheduled"
    assert client.messages(held.sid).update(status="canceled").status == "canceled"
    assert client.messages(held.sid).fetch().date_sent is None
    sent = client.messages.create(to=TO, messaging_service_sid=SERVICE, body="x")
    for sid in (held.sid, sent.sid):
        with pytest.raises(TwilioRestException) as refused:
            client.messages(sid).update(status="canceled")
        assert refused.value.code == 30409


def test_checks_reach_the_client(client: Client) -> None:
    """A refusal arrives at the client as Twilio's error, with its code, sentence and status."""
    with pytest.raises(TwilioRestException) as refused:
        client.messages.create(to="123", messaging_service_sid=SERVICE, body="x")
    assert (refused.value.status, refused.value.code) == (400, 21211)
    assert "123" in refused.value.msg


def test_a_slow_sender_makes_a_queue(sandbox: Running, client: Client) -> None:
    """With a throughput a message waits for those before it, and expires with 30036 if that takes too long."""
    sandbox.faults("step=0,mps=0.5")
    client.messages.create(to=TO, from_="+15005550006", body="first")
    late = client.messages.create(to=TO, from_="+15005550006", body="late", validity_period=1)
    wait_for(client, late.sid, "failed")
    assert client.messages(late.sid).fetch().error_code == 30036
