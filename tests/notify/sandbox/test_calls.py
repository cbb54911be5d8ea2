"""Calls at the sandbox: what is checked, how they live, which keys are pressed, and what becomes of the callbacks."""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from urllib.parse import parse_qsl, urlsplit

import httpx
import pytest
from twilio.base.exceptions import TwilioRestException
from twilio.request_validator import RequestValidator
from twilio.rest import Client

from notify.sandbox.life_call import Call, CallStatus, call_now, call_timeline, pressed_at, wished
from notify.sandbox.magic import CallMagic, call_table
from notify.sandbox.running import AUTH_TOKEN, Running

TO, FROM = "+992900000001", "+15005550006"
TWIML = "<Response><Say>请注意安全</Say></Response>"
BORN = datetime(2026, 11, 22, tzinfo=UTC)
ALL = ["initiated", "ringing", "answered", "completed"]


class Listener:
    """Takes callbacks, checks their signature, and answers what it is told to."""

    def __init__(self, answers: Mapping[str, str]) -> None:
        """Answer a POST of a path with TwiML, of any other with 204."""
        listener = self
        self.taken: list[tuple[str, dict[str, str], bool]] = []

        class Handler(BaseHTTPRequestHandler):
            """One request."""

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                form = dict(parse_qsl(body, keep_blank_values=True))
                holds = RequestValidator(AUTH_TOKEN).validate(
                    listener.url + self.path, form, self.headers["X-Twilio-Signature"]
                )
                listener.taken.append((self.path, form, bool(holds)))
                words = answers.get(urlsplit(self.path).path, "").replace("URL", listener.url).encode()
                self.send_response(200 if words else 204)
                self.send_header("Content-Length", str(len(words)))
                self.end_headers()
                self.wfile.write(words)

            def log_message(self, format: str, *args: object) -> None:
                """Say nothing."""

        self._server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = Thread(target=self._server.serve_forever, args=(0.02,))

    def __enter__(self) -> Listener:
        """Begin to listen."""
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        """Listen no more."""
        self._server.shutdown()
        self._thread.join(5)
        self._server.server_close()

    def wait(self, count: int) -> list[tuple[str, dict[str, str], bool]]:
        """Wait until that many callbacks have come, and a moment for one too many."""
        until = time.monotonic() + 10
        while len(self.taken) < count and time.monotonic() < until:
            time.sleep(0.01)
        time.sleep(0.05)
        return self.taken


@pytest.mark.parametrize("form, code", [
    ({"To": ""}, 21201), ({"To": "123"}, 21211), ({"To": "whatsapp:+992900000001"}, 21211), ({"From": ""}, 21213),
    ({"From": "Office"}, 21212), ({"Twiml": ""}, 21205), ({"Twiml": "<Response>"}, 12100), ({"Twiml": "<x/>"}, 12102),
    ({"Twiml": f"<Response><Say>{'x' * 4000}</Say></Response>"}, 20001), ({"StatusCallback": "nowhere"}, 21609),
    ({"StatusCallbackEvent": "finished"}, 21626), ({"Timeout": "0"}, 20001), ({"To": "+8613812345678"}, 21215),
])  # fmt: skip
def test_what_is_wrong_is_refused(sandbox: Running, form: dict[str, str], code: int) -> None:
    """A call without a number, a sender or words, with words that cannot be said, or to mainland China, is refused."""
    given = {"To": TO, "From": FROM, "Twiml": TWIML} | form
    url = f"{sandbox.url}/2010-04-01/Accounts/AC{0:032d}/Calls.json"
    answer = httpx.post(url, data=given, auth=(f"AC{0:032d}", AUTH_TOKEN), trust_env=False)
    assert (answer.status_code, answer.json()["code"]) == (400, code)
    assert sandbox.stats().calls == 0


@pytest.mark.parametrize("outcome, words", [
    (CallStatus.COMPLETED, ["queued", "initiated", "ringing", "in-progress", "completed"]),
    (CallStatus.BUSY, ["queued", "initiated", "ringing", "busy"]),
    (CallStatus.FAILED, ["queued", "initiated", "failed"]),
])  # fmt: skip
def test_the_life_of_a_call(outcome: CallStatus, words: list[str]) -> None:
    """A call is queued, rings, is taken or not, and ends; who asks sees no `initiated`, and keys are pressed while it lasts."""
    call = Call(
        1, "CA1", TO, FROM, TWIML, BORN, step=1.0, outcome=outcome, digits="1", events=("answered", "completed")
    )
    assert [str(one.status) for one in call_timeline(call)] == words
    assert "initiated" not in {str(call_now(call, one.at).status) for one in call_timeline(call)}
    assert [str(one.status) for one in wished(call)] == [one for one in words if one in {"in-progress", words[-1]}]
    pressed = pressed_at(call)
    assert (pressed is not None) == (outcome is CallStatus.COMPLETED)
    assert pressed is None or call_now(call, pressed).status is CallStatus.IN_PROGRESS


@pytest.mark.parametrize("row", call_table().values(), ids=lambda row: row.number)
def test_magic_numbers(row: CallMagic, client: Client) -> None:
    """Each number ends as its row says, and is answered by whom it says, if that is asked for."""
    made = client.calls.create(to=row.number, from_=FROM, twiml=TWIML, machine_detection="Enable")
    found = client.calls(made.sid).fetch()
    assert (found.status, found.answered_by) == (row.outcome, row.answered_by or None)
    assert client.calls(client.calls.create(to=row.number, from_=FROM, twiml=TWIML).sid).fetch().answered_by is None


def test_callbacks_of_a_call(sandbox: Running, client: Client) -> None:
    """The statuses that were wished for are told in order, signed, and in the background who answered."""
    with Listener({}) as listener:
        client.calls.create(
            to=TO, from_=FROM, twiml=TWIML, status_callback=f"{listener.url}/status?d=1.1", status_callback_event=ALL,
            machine_detection="Enable", async_amd="true", async_amd_status_callback=f"{listener.url}/who",
        )  # fmt: skip
        taken = listener.wait(5)
    assert all(holds for *_, holds in taken)
    told = [form["CallStatus"] for path, form, _ in taken if path == "/status?d=1.1"]
    assert told == ["initiated", "ringing", "in-progress", "completed"]
    assert [form["AnsweredBy"] for path, form, _ in taken if path == "/who"] == ["human"]
    assert {one.outcome for one in sandbox.callbacks()} == {"http 204"}


@pytest.mark.parametrize("number, keys", [("+15005557001", ["1"]), ("+15005557051", ["5", "1"]), (TO, [])])
def test_keys_are_pressed_where_they_are_asked_for(
    sandbox: Running, client: Client, number: str, keys: list[str]
) -> None:
    """A key goes to the address of the question; if the answer asks again, the next key goes there."""
    asking = "<Response><Gather action='URL/again'><Say>1?</Say></Gather></Response>"
    with Listener({"/first": asking, "/again": "<Response><Hangup/></Response>"}) as listener:
        client.calls.create(
            to=number, from_=FROM, twiml=asking.replace("URL/again", f"{listener.url}/first?d=1.1&amp;l=zh")
        )
        taken = listener.wait(len(keys))
    assert [(path, form["Digits"]) for path, form, _ in taken] == list(
        zip(["/first?d=1.1&l=zh", "/again"], keys, strict=False)
    )
    assert all(holds for *_, holds in taken)
    assert [one.status for one in sandbox.callbacks()] == [f"digit {key}" for key in keys]


def test_faults_strike_calls_too(sandbox: Running, client: Client) -> None:
    """A fault after storing leaves a call that can be listed; one before leaves none; calls outlive the process."""
    sandbox.faults("step=0,500-after=1")
    with pytest.raises(TwilioRestException):
        client.calls.create(to=TO, from_=FROM, twiml=TWIML)
    sandbox.faults("step=0,500-before=1")
    with pytest.raises(TwilioRestException):
        client.calls.create(to=TO, from_=FROM, twiml=TWIML)
    sandbox.faults("step=0")
    sandbox.kill()
    sandbox.start()
    sandbox.faults("step=0")
    assert [one.to for one in client.calls.list(to=TO)] == [TO]
    assert client.calls.list(to="+992900000002") == []


def test_the_list_of_calls_has_pages(client: Client) -> None:
    """More calls than one page holds are all listed, newest first."""
    made = [client.calls.create(to=TO, from_=FROM, twiml=TWIML).sid for _ in range(7)]
    assert [one.sid for one in client.calls.list(to=TO, page_size=3)] == made[::-1]


def test_calls_are_counted_and_shown(sandbox: Running, client: Client) -> None:
    """The counts tell calls and those to one number with the same words; the page shows what was said."""
    for words in ("一", "一", "二"):
        client.calls.create(to=TO, from_=FROM, twiml=f"<Response><Say>{words}</Say></Response>")
    stats = sandbox.stats()
    assert (stats.calls, stats.calls_duplicates, stats.messages) == (3, 1, 0)
    assert [one.said for one in sandbox.calls(TO)] == ["一", "一", "二"]
    page = httpx.get(sandbox.url, trust_env=False).text
    assert "语音外呼" in page
    assert ">二<" in page
