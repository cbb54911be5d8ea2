"""The sandbox's answers against Twilio's own OpenAPI document."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from jsonschema import Draft202012Validator

from notify.sandbox.running import ACCOUNT_SID, AUTH_TOKEN, Running
from tests.notify.sandbox.conftest import SERVICE, TO

DOCUMENT = Path(__file__).resolve().parents[3].parent / "shared" / "twilio" / "twilio_api_v2010.json"
PATHS = "/2010-04-01/Accounts/{AccountSid}/Messages"
BASE = f"/2010-04-01/Accounts/{ACCOUNT_SID}/Messages"

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
    schemas["api.v2010.account.message"]["additionalProperties"] = False
    schemas["api.v2010.account.message"]["required"] = list(schemas["api.v2010.account.message"]["properties"])
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
