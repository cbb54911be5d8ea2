"""The sandbox's own door, for machines and for people."""

from __future__ import annotations

import httpx
import pytest
from twilio.rest import Client

from notify.sandbox.running import Running
from tests.notify.sandbox.conftest import SERVICE, TO


def test_stats_count_duplicates(sandbox: Running, client: Client) -> None:
    """The same text to the same number twice is one duplicate; to another number it is none."""
    for to in (TO, TO, "+15005550100"):
        client.messages.create(to=to, messaging_service_sid=SERVICE, body="同一条")
    stats = sandbox.stats()
    assert (stats.messages, stats.distinct_to_body, stats.duplicates) == (3, 2, 1)


def test_messages_can_be_listed_and_narrowed(sandbox: Running, client: Client) -> None:
    """The list shows what was sent, oldest first, and can be narrowed to one number."""
    client.messages.create(to=TO, messaging_service_sid=SERVICE, body="一")
    client.messages.create(to="+15005550100", messaging_service_sid=SERVICE, body="二")
    assert [m.body for m in sandbox.messages()] == ["一", "二"]
    assert [m.body for m in sandbox.messages(TO)] == ["一"]


def test_the_page_shows_and_escapes(sandbox: Running, client: Client) -> None:
    """The page says in both languages that this is a sandbox, escapes what was sent, and names no other host."""
    client.messages.create(to=TO, messaging_service_sid=SERVICE, body="<script>alert(1)</script>安全")
    answer = httpx.get(f"{sandbox.url}/", trust_env=False)
    assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert "沙箱" in answer.text
    assert "Sandbox" in answer.text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;安全" in answer.text
    assert "<script" not in answer.text
    assert "http" not in answer.text


def test_reset_forgets(sandbox: Running, client: Client) -> None:
    """After a reset nothing is left, and a new message has a new sid."""
    before = client.messages.create(to=TO, messaging_service_sid=SERVICE, body="x").sid
    sandbox.reset()
    assert sandbox.stats().messages == 0
    assert client.messages.create(to=TO, messaging_service_sid=SERVICE, body="x").sid != before


@pytest.mark.parametrize("body", [b"", b"{}", b"[]", b'{"url": "x", "from": "1", "to": "2", "body": "y"}'])
def test_a_reply_that_makes_no_sense_is_refused(body: bytes, sandbox: Running) -> None:
    """A reply without an address, two numbers and a text is refused with 400."""
    assert httpx.post(f"{sandbox.url}/_sandbox/inbound", content=body, trust_env=False).status_code == 400


def test_control_needs_the_right_method(sandbox: Running) -> None:
    """Asking changes nothing: what changes something must be posted."""
    for path in ("faults", "reset", "inbound"):
        assert httpx.get(f"{sandbox.url}/_sandbox/{path}", trust_env=False).status_code == 405
