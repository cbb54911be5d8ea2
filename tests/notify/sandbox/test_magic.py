"""Magic numbers, each as its row says."""

from __future__ import annotations

import time

import pytest
import requests
from twilio.base.exceptions import TwilioRestException
from twilio.rest import Client

from notify.sandbox.magic import Magic, When, table
from notify.sandbox.running import Running
from tests.notify.sandbox.conftest import SERVICE, client_of

ERRORS = {
    20003, 20429, 20500, 21211, 21614, 21635, 21408, 21215, 21606, 21612, 21603, 21659, 21610, 21611, 30001, 30002,
    30003, 30004, 30005, 30006, 30007, 30008, 30034, 30036, 63016, 63018, 63003, 63024,
}  # fmt: skip
"""The codes a sender must know what to do about."""


def rows(*kinds: When) -> list[Magic]:
    """Return the rows of these kinds."""
    return [one for one in table().values() if one.when in kinds]


def test_every_error_has_a_number() -> None:
    """There is a number for each code a sender must handle, and for each gateway status without a code."""
    assert {one.code for one in table().values()} >= ERRORS
    assert {one.http for one in table().values()} >= {429, 500, 502, 503, 504}


@pytest.mark.parametrize("row", rows(When.REFUSED, When.STORED), ids=lambda row: row.number)
def test_refusals(row: Magic, sandbox: Running, client: Client) -> None:
    """The create call fails with the status and code of the row, and the message is stored only if the row says so."""
    with pytest.raises(TwilioRestException) as refused:
        client.messages.create(to=row.number, messaging_service_sid=SERVICE, body="x")
    assert refused.value.status == row.http
    assert refused.value.code == (row.code or row.http)
    assert sandbox.stats().messages == (row.when is When.STORED)


@pytest.mark.parametrize("row", rows(When.RESET, When.GARBLED, When.HANG), ids=lambda row: row.number)
def test_no_answer_worth_having(row: Magic, sandbox: Running) -> None:
    """The connection breaks, the answer cannot be read, or none comes: in each case the message was stored."""
    url = f"{sandbox.url}/2010-04-01/Accounts/{client_of(sandbox).account_sid}/Messages.json"
    form = {"To": row.number, "MessagingServiceSid": SERVICE, "Body": "x"}
    auth = (client_of(sandbox).account_sid, "sandbox")
    kinds = {When.RESET: requests.ConnectionError, When.HANG: requests.Timeout, When.GARBLED: ValueError}
    with pytest.raises(kinds[row.when]):
        requests.post(url, data=form, auth=auth, timeout=1).json()
    assert sandbox.stats().messages == 1


@pytest.mark.parametrize("row", rows(When.CALLBACK), ids=lambda row: row.number)
def test_later_failures(row: Magic, client: Client) -> None:
    """The message is accepted, and fails later with the status and code of the row, also on WhatsApp."""
    for prefix in ("", "whatsapp:"):
        made = client.messages.create(
            to=f"{prefix}{row.number}", from_=f"{prefix}+15005550006", body="x", validity_period=1
        )
        until = time.monotonic() + 10
        found = made
        while found.status != row.status:
            assert time.monotonic() < until, found.status
            found = client.messages(made.sid).fetch()
        assert found.error_code == (row.code or None)
