"""The sandbox's answers against Twilio's own OpenAPI document."""

from __future__ import annotations

import asyncio
import json
import socket
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import httpx
import pytest
from jsonschema import Draft202012Validator

from notify.sandbox.running import ACCOUNT_SID, AUTH_TOKEN, Running
from tests.notify.channels.servers import Server, read_request, serving
from tests.notify.channels.test_contract import MAKE, hand_over, outgoing
from tests.notify.sandbox.conftest import SERVICE, TO

DOCUMENT = Path(__file__).resolve().parents[3].parent / "shared" / "twilio" / "twilio_api_v2010.json"
PATHS = "/2010-04-01/Accounts/{AccountSid}/Messages"
BASE = f"/2010-04-01/Accounts/{ACCOUNT_SID}/Messages"
CALL_PATHS = "/2010-04-01/Accounts/{AccountSid}/Calls"
CALLS = f"/2010-04-01/Accounts/{ACCOUNT_SID}/Calls"
FROM = "+15005550006"

pytestmark = pytest.mark.skipif(not DOCUMENT.exists(), reason="Twilio's OpenAPI document is not beside the checkout")


def modern(node: Any) -> Any:
    """Turn the `nullable` of OAS 3.0 into JSON Schema."""
    if isinstance(node, list):
        return [modern(one) for one in node]
    if not isinstance(node, dict):
        return node
    node = {key: modern(value) for key, value in node.items()}
    if node.pop("nullable", False) and "type" in node:
        node["type"] = [node["type"], "null"]
    return node


def validator(path: str, method: str, status: str) -> Draft202012Validator:
    """Return a validator of one answer; a property the document does not name is an error."""
    document = json.loads(DOCUMENT.read_text("utf-8"))
    answer = document["paths"][path][method]["responses"][status]["content"]["application/json"]["schema"]
    schemas = document["components"]["schemas"]
    for name in ("api.v2010.account.message", "api.v2010.account.call"):
        schemas[name]["additionalProperties"] = False
        schemas[name]["required"] = list(schemas[name]["properties"])
    return Draft202012Validator(modern({**answer, "components": {"schemas": schemas}}))


@pytest.fixture
def http(sandbox: Running) -> httpx.Client:
    """A plain client for the sandbox."""
    return httpx.Client(base_url=sandbox.url, auth=(ACCOUNT_SID, AUTH_TOKEN), trust_env=False)


def test_create_fetch_and_cancel(http: httpx.Client) -> None:
    """Each answer has exactly the properties of the Message resource, of the right types, at each stage of a life."""
    soon = (datetime.now(UTC) + timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
    fields: list[dict[str, str]] = [
        {"MessagingServiceSid": SERVICE},
        {"From": "+15005550006"},
        {"From": "+15005550006", "To": "+15005553003"},
        {"MessagingServiceSid": SERVICE, "ScheduleType": "fixed", "SendAt": soon},
    ]
    with http:
        for one in fields:
            made = http.post(f"{BASE}.json", data={"To": TO, "Body": "注意安全", **one})
            assert made.status_code == 201
            validator(f"{PATHS}.json", "post", "201").validate(made.json())
            found = http.get(made.json()["uri"])
            validator(f"{PATHS}/{{Sid}}.json", "get", "200").validate(found.json())
        canceled = http.post(made.json()["uri"], data={"Status": "canceled"})
        validator(f"{PATHS}/{{Sid}}.json", "post", "200").validate(canceled.json())
        assert canceled.json()["status"] == "canceled"


def test_list(http: httpx.Client) -> None:
    """A page of the list has the envelope of the document and relative addresses of its neighbours."""
    with http:
        for number in range(5):
            http.post(f"{BASE}.json", data={"To": TO, "Body": str(number), "From": "+15005550006"})
        page = http.get(f"{BASE}.json", params={"PageSize": "2", "To": TO}).json()
        middle = http.get(page["next_page_uri"]).json()
    check = validator(f"{PATHS}.json", "get", "200")
    for one in (page, middle):
        check.validate(one)
        assert set(one) == set(check.schema["properties"])
    assert middle["previous_page_uri"].startswith(BASE)
    assert (middle["start"], middle["end"], middle["page"]) == (2, 3, 1)


def form_of(path: str) -> dict[str, Any]:
    """Return the properties of the form of a create call, as the document has them."""
    document = json.loads(DOCUMENT.read_text("utf-8"))
    body = document["paths"][path]["post"]["requestBody"]["content"]["application/x-www-form-urlencoded"]
    return dict(body["schema"]["properties"])


def test_whatsapp(http: httpx.Client) -> None:
    """A message made from a content template is a Message resource like any other."""
    form = {
        "To": f"whatsapp:{TO}",
        "From": f"whatsapp:{FROM}",
        "ContentSid": f"HX{1:032x}",
        "ContentVariables": '{"1": "注意安全"}',
    }
    with http:
        made = http.post(f"{BASE}.json", data=form)
        assert made.status_code == 201
        validator(f"{PATHS}.json", "post", "201").validate(made.json())
        assert made.json()["body"] == "注意安全"


@pytest.mark.parametrize("to, status", [
    ("+992900000001", "completed"), ("+15005557486", "busy"), ("+15005557480", "no-answer"), ("+15005557404", "failed"),
    ("+15005557487", "canceled"), ("+15005557011", "completed"),
])  # fmt: skip
def test_calls(http: httpx.Client, sandbox: Running, to: str, status: str) -> None:
    """Each answer about a call has exactly the properties of the Call resource, of the right types, from begin to end."""
    form = {"To": to, "From": FROM, "Twiml": "<Response><Say>x</Say></Response>", "MachineDetection": "Enable"}
    with http:
        made = http.post(f"{CALLS}.json", data=form)
        assert (made.status_code, made.json()["status"]) == (201, "queued")
        validator(f"{CALL_PATHS}.json", "post", "201").validate(made.json())
        found = http.get(made.json()["uri"])
        validator(f"{CALL_PATHS}/{{Sid}}.json", "get", "200").validate(found.json())
        assert found.json()["status"] == status
        page = http.get(f"{CALLS}.json", params={"To": to}).json()
    check = validator(f"{CALL_PATHS}.json", "get", "200")
    check.validate(page)
    assert set(page) == set(check.schema["properties"])
    assert [one["sid"] for one in page["calls"]] == [made.json()["sid"]]


def sent_by(name: str, home: Path) -> tuple[str, dict[str, list[str]]]:
    """Send one notice over a channel to a server that keeps what it gets; return the path and the form."""
    taken: list[bytes] = []

    def behave(line: socket.socket, server: Server) -> None:
        taken.append(read_request(line))
        line.sendall(b"HTTP/1.1 429 Slow\r\nContent-Length: 0\r\n\r\n")

    with serving(behave) as server:
        asyncio.run(hand_over(MAKE[name](home, server.port), outgoing(TO)))
    head, _, body = taken[0].partition(b"\r\n\r\n")
    return head.split(b" ")[1].decode(), parse_qs(body.decode(), strict_parsing=True)


def typed(values: list[str], schema: dict[str, Any]) -> object:
    """Return a field of a form as the type the document gives it."""
    if schema["type"] == "array":
        return values
    (value,) = values
    return int(value) if schema["type"] == "integer" else value


@pytest.mark.parametrize("name, kind, needed", [
    ("sms", "Messages", {"To", "Body", "MessagingServiceSid", "StatusCallback", "ValidityPeriod"}),
    ("whatsapp", "Messages", {"To", "From", "ContentSid", "ContentVariables", "StatusCallback", "ValidityPeriod"}),
    ("voice", "Calls", {"To", "From", "Twiml", "Timeout", "StatusCallback", "StatusCallbackEvent", "MachineDetection",
                        "AsyncAmd", "AsyncAmdStatusCallback"}),
])  # fmt: skip
def test_what_the_channels_send(name: str, kind: str, needed: set[str], tmp_path: Path) -> None:
    """What leaves over each channel is a form of the document: every field is known there, and of its type and pattern."""
    path, form = sent_by(name, tmp_path)
    properties = form_of(f"/2010-04-01/Accounts/{{AccountSid}}/{kind}.json")
    assert path == f"/2010-04-01/Accounts/{ACCOUNT_SID}/{kind}.json"
    assert set(form) == needed
    schema = modern({"type": "object", "properties": properties, "additionalProperties": False})
    Draft202012Validator(schema).validate({field: typed(values, properties[field]) for field, values in form.items()})
