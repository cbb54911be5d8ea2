"""One sandbox for all tests of this folder, forgetful between them."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from twilio.http.http_client import TwilioHttpClient
from twilio.rest import Client

from notify.sandbox.running import ACCOUNT_SID, AUTH_TOKEN, Running, running

SERVICE = "MG" + "0" * 32
TO = "+8613812345678"

Clients = Callable[[str], Client]


@pytest.fixture(scope="session")
def process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """The process of the sandbox."""
    with running(tmp_path_factory.mktemp("sandbox"), seed=7) as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(process: Running) -> Running:
    """The sandbox, empty, in which a message lives its whole life at once."""
    process.faults("step=0")
    process.reset()
    return process


def client_of(sandbox: Running, token: str = AUTH_TOKEN) -> Client:
    """Return Twilio's own client, pointed at the sandbox."""
    http = TwilioHttpClient(timeout=5, pool_connections=False)
    client = Client(ACCOUNT_SID, token, http_client=http)
    client.api.base_url = sandbox.url
    return client


@pytest.fixture
def client(sandbox: Running) -> Client:
    """Twilio's own client for the sandbox."""
    return client_of(sandbox)
