"""Faults of single requests, each proven from the caller's side."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from core.errors import WrongSetting
from notify.sandbox.running import ACCOUNT_SID, AUTH_TOKEN, Running
from tests.notify.sandbox.conftest import SERVICE, TO

PATH = f"/2010-04-01/Accounts/{ACCOUNT_SID}/Messages.json"
FORM = {"To": TO, "MessagingServiceSid": SERVICE, "Body": "x"}


def create(sandbox: Running, seconds: float = 10.0) -> httpx.Response:
    """Make one create call without the client's wrappings."""
    return httpx.post(
        sandbox.url + PATH, data=FORM, auth=(ACCOUNT_SID, AUTH_TOKEN), timeout=seconds, trust_env=False
    )  # fmt: skip


def test_rate_limit(sandbox: Running) -> None:
    """429 says when to come back, and nothing was processed."""
    sandbox.faults("429=1")
    answer = create(sandbox)
    assert (answer.status_code, answer.json()["code"], answer.headers["Retry-After"]) == (429, 20429, "1")
    assert sandbox.stats().messages == 0


def test_too_many_at_once(sandbox: Running) -> None:
    """More requests at one time than allowed are turned away with 429, the others are served."""
    sandbox.faults("max-concurrency=2,slow=1:0.5,step=0")
    with ThreadPoolExecutor(6) as pool:
        statuses = [answer.status_code for answer in pool.map(lambda _: create(sandbox), range(6))]
    assert set(statuses) == {201, 429}
    assert sandbox.stats().messages == statuses.count(201)


@pytest.mark.parametrize(("fault", "stored"), [("500-before", 0), ("500-after", 1)])
def test_server_error(fault: str, stored: int, sandbox: Running) -> None:
    """A 500 looks the same whether the message was stored or not: only the sandbox's own list can tell."""
    sandbox.faults(f"{fault}=1")
    answer = create(sandbox)
    assert (answer.status_code, answer.json()["code"]) == (500, 20500)
    assert sandbox.stats().messages == stored


@pytest.mark.parametrize(("fault", "stored"), [("reset-before", 0), ("reset-after", 1)])
def test_reset(fault: str, stored: int, sandbox: Running) -> None:
    """The connection is reset without an answer."""
    sandbox.faults(f"{fault}=1")
    with pytest.raises((httpx.ReadError, httpx.RemoteProtocolError)):
        create(sandbox)
    assert sandbox.stats().messages == stored


@pytest.mark.parametrize(("fault", "stored"), [("hang", 0), ("hang-after", 1)])
def test_hang(fault: str, stored: int, sandbox: Running) -> None:
    """No answer comes."""
    sandbox.faults(f"{fault}=1")
    with pytest.raises(httpx.ReadTimeout):
        create(sandbox, seconds=0.5)
    assert sandbox.stats().messages == stored


def test_garbled(sandbox: Running) -> None:
    """The answer says 201 and cannot be read."""
    sandbox.faults("garbled-after=1")
    answer = create(sandbox)
    assert answer.status_code == 201
    with pytest.raises(ValueError):
        answer.json()
    assert sandbox.stats().messages == 1


def test_slow(sandbox: Running) -> None:
    """A slow answer takes as long as the spec says, and is right."""
    sandbox.faults("slow=1:0.4")
    began = time.monotonic()
    assert create(sandbox).status_code == 201
    assert time.monotonic() - began >= 0.4


def test_faults_strike_reads_too(sandbox: Running) -> None:
    """Asking for messages can be turned away like sending them: whoever asks must be ready for it."""
    sandbox.faults("500-before=1")
    answer = httpx.get(sandbox.url + PATH, auth=(ACCOUNT_SID, AUTH_TOKEN), trust_env=False)
    assert answer.status_code == 500


def test_a_chance_is_kept(sandbox: Running) -> None:
    """Of many requests about as many fail as the spec says, and after a reset the same ones."""
    sandbox.faults("500-before=0.3,step=0")
    first = [create(sandbox).status_code for _ in range(60)]
    sandbox.reset()
    assert [create(sandbox).status_code for _ in range(60)] == first
    assert 5 < first.count(500) < 35


def test_nonsense_is_refused_at_run_time(sandbox: Running) -> None:
    """A spec that makes no sense is refused, in both languages, and the old one stays."""
    with pytest.raises(WrongSetting):
        sandbox.faults("earthquake=1")
    answer = httpx.post(f"{sandbox.url}/_sandbox/faults", content="earthquake=1", trust_env=False)
    assert answer.status_code == 400
    assert set(answer.json()) == {"error", "error_zh"}
    assert create(sandbox).status_code == 201


def test_wrong_kinds_of_requests(sandbox: Running) -> None:
    """JSON instead of a form, an unknown account and an unknown method are refused as Twilio refuses them."""
    auth = (ACCOUNT_SID, AUTH_TOKEN)
    with httpx.Client(base_url=sandbox.url, auth=auth, trust_env=False) as http:
        assert http.post(PATH, json=FORM).status_code == 415
        assert http.post(PATH.replace("AC0", "AC1"), data=FORM).status_code == 404
        assert http.delete(PATH).status_code == 405
    assert sandbox.stats().messages == 0
