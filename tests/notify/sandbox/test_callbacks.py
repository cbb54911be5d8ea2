"""Status callbacks and replies, as a receiver sees them."""

from __future__ import annotations

import socket
import time
from urllib.parse import parse_qsl

from pytest_httpserver import HTTPServer
from twilio.request_validator import RequestValidator
from twilio.rest import Client
from werkzeug import Request, Response

from notify.sandbox.running import Running
from tests.notify.sandbox.conftest import SERVICE, TO

QUERY = "d=17%2E1&x=%E6%B5%8E"


def hook(httpserver: HTTPServer) -> str:
    """Return the address of a receiver that takes everything."""
    httpserver.expect_request("/hook").respond_with_data("", 204)
    return f"http://127.0.0.1:{httpserver.port}/hook?{QUERY}"


def received(httpserver: HTTPServer, count: int, seconds: float = 10.0) -> list[Request]:
    """Wait for `count` requests and return them."""
    until = time.monotonic() + seconds
    while len(httpserver.log) < count and time.monotonic() < until:
        time.sleep(0.02)
    return [request for request, _ in httpserver.log]


def fields(request: Request) -> dict[str, str]:
    """Return the form of a request, blanks kept."""
    return dict(parse_qsl(request.get_data(as_text=True), keep_blank_values=True))


def told(httpserver: HTTPServer, count: int) -> list[str]:
    """Return the statuses of the first `count` callbacks."""
    return [fields(request)["MessageStatus"] for request in received(httpserver, count)]


def settled(sandbox: Running, count: int) -> list[str]:
    """Wait until the sandbox has noted `count` callbacks and return their outcomes."""
    until = time.monotonic() + 10
    while len(sandbox.callbacks()) < count and time.monotonic() < until:
        time.sleep(0.02)
    return [one.outcome for one in sandbox.callbacks()]


def test_each_change_is_told_and_signed(sandbox: Running, client: Client, httpserver: HTTPServer) -> None:
    """Every status but the first is told in order, with a signature that Twilio's validator accepts."""
    url = hook(httpserver)
    made = client.messages.create(to=TO, messaging_service_sid=SERVICE, body="x", status_callback=url)
    assert told(httpserver, 4) == ["queued", "sending", "sent", "delivered"]
    for request in received(httpserver, 4):
        form = fields(request)
        assert RequestValidator("sandbox").validate(url, form, request.headers["X-Twilio-Signature"])
        assert not RequestValidator("other").validate(url, form, request.headers["X-Twilio-Signature"])
        assert request.query_string.decode() == QUERY
        assert (form["MessageSid"], form["To"], form["MessagingServiceSid"]) == (made.sid, TO, SERVICE)
    assert settled(sandbox, 4) == ["http 204"] * 4


def test_a_failure_tells_its_code(sandbox: Running, client: Client, httpserver: HTTPServer) -> None:
    """The last callback of a failed message carries Twilio's code; the others carry none."""
    client.messages.create(to="+15005553003", from_="+15005550006", body="x", status_callback=hook(httpserver))
    forms = [fields(request) for request in received(httpserver, 3)]
    assert [(f["MessageStatus"], f.get("ErrorCode")) for f in forms] == [
        ("sending", None), ("sent", None), ("undelivered", "30003"),
    ]  # fmt: skip


def test_other_machines_are_never_called(sandbox: Running, client: Client) -> None:
    """A callback to another machine is refused and noted, and the message lives on."""
    client.messages.create(to=TO, messaging_service_sid=SERVICE, body="x", status_callback="https://example.com/hook")
    assert settled(sandbox, 4) == ["refused"] * 4
    assert sandbox.stats().callbacks_refused == 4


def test_no_connection_is_tried_once_more(sandbox: Running, client: Client) -> None:
    """A receiver that hangs up is tried twice for each callback, and the failure is noted."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.settimeout(10)
        url = f"http://127.0.0.1:{listening.getsockname()[1]}/hook"
        client.messages.create(to="+15005550000", from_="+15005550006", body="x", status_callback=url)
        for _ in range(4):
            connection, _ = listening.accept()
            connection.close()
        outcomes = settled(sandbox, 2)
    assert len(outcomes) == 2
    assert all(outcome.startswith(("Server", "Client")) for outcome in outcomes)


def test_an_error_answer_is_not_tried_again(sandbox: Running, client: Client, httpserver: HTTPServer) -> None:
    """A receiver that answers 500 is not asked again: the callback is lost to it."""
    httpserver.expect_request("/hook").respond_with_handler(lambda request: Response("", 500))
    url = f"http://127.0.0.1:{httpserver.port}/hook"
    client.messages.create(to="+15005550000", from_="+15005550006", body="x", status_callback=url)
    assert settled(sandbox, 2) == ["http 500"] * 2
    assert len(httpserver.log) == 2


def test_doubled_callbacks(sandbox: Running, client: Client, httpserver: HTTPServer) -> None:
    """With dup-callback each callback comes twice."""
    sandbox.faults("step=0,dup-callback=1")
    client.messages.create(to=TO, from_="+15005550006", body="x", status_callback=hook(httpserver))
    assert told(httpserver, 6) == ["sending", "sending", "sent", "sent", "delivered", "delivered"]


def test_reordered_callbacks(sandbox: Running, client: Client, httpserver: HTTPServer) -> None:
    """With reorder-callback they come, all of them, in another order."""
    sandbox.faults("step=0.05,reorder-callback=1")
    client.messages.create(to=TO, from_="+15005550006", body="x", status_callback=hook(httpserver))
    found = told(httpserver, 3)
    assert sorted(found) == ["delivered", "sending", "sent"]
    assert found != ["sending", "sent", "delivered"]


def test_lost_callbacks(sandbox: Running, client: Client, httpserver: HTTPServer) -> None:
    """With lost-callback none comes, each is noted as lost, and the message is delivered all the same."""
    sandbox.faults("step=0,lost-callback=1")
    made = client.messages.create(to=TO, from_="+15005550006", body="x", status_callback=hook(httpserver))
    assert settled(sandbox, 3) == ["lost"] * 3
    assert httpserver.log == []
    assert client.messages(made.sid).fetch().status == "delivered"


def test_an_unknown_field(sandbox: Running, client: Client, httpserver: HTTPServer) -> None:
    """With extra-field a field nobody knows is in the form, and inside the signature."""
    sandbox.faults("step=0,extra-field=1")
    url = hook(httpserver)
    client.messages.create(to=TO, from_="+15005550006", body="x", status_callback=url)
    request = received(httpserver, 3)[0]
    assert fields(request)["SandboxNewField"] == "新"
    assert RequestValidator("sandbox").validate(url, fields(request), request.headers["X-Twilio-Signature"])


def test_early_callback(sandbox: Running, client: Client, httpserver: HTTPServer) -> None:
    """With early-callback the first callback is there before the create call is answered."""
    sandbox.faults("step=30,early-callback=1")
    client.messages.create(to=TO, messaging_service_sid=SERVICE, body="x", status_callback=hook(httpserver))
    assert [fields(request)["MessageStatus"] for request, _ in httpserver.log] == ["queued"]


def test_a_reply_is_played(sandbox: Running, client: Client, httpserver: HTTPServer) -> None:
    """A reply reaches the webhook signed, with the empty fields Twilio sends."""
    url = hook(httpserver)
    assert sandbox.inbound(url=url, sender=TO, to="+15005550006", body="1 平安") == "http 204"
    request = received(httpserver, 1)[0]
    assert (fields(request)["From"], fields(request)["Body"], fields(request)["FromCity"]) == (TO, "1 平安", "")
    assert RequestValidator("sandbox").validate(url, fields(request), request.headers["X-Twilio-Signature"])
    assert client.messages.list()[0].direction == "inbound"
    assert sandbox.stats().inbound == 1
    assert sandbox.inbound(url="http://example.com/x", sender=TO, to="+15005550006", body="1") == "refused"
