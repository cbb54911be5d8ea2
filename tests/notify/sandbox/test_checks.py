"""What a create call is checked for."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from notify.sandbox.callbacks import is_loopback
from notify.sandbox.checks import Refusal, Wanted, read

NOW = datetime(2026, 11, 1, tzinfo=UTC)
SERVICE = "MG" + "0" * 32
GOOD = {"To": "+8613812345678", "MessagingServiceSid": SERVICE, "Body": "注意安全"}
FIXED = {"ScheduleType": "fixed", "SendAt": "2026-11-01T01:00:00Z"}


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"To": ""}, 21604),
        ({"To": "123"}, 21211),
        ({"To": "13812345678"}, 21211),
        ({"To": "whatsapp:123"}, 21211),
        ({"MessagingServiceSid": ""}, 21603),
        ({"MessagingServiceSid": "MG1"}, 21705),
        ({"From": "+1"}, 21212),
        ({"From": "+8613812345678"}, 21266),
        ({"From": "whatsapp:+15005550006"}, 21606),
        ({"Body": ""}, 21619),
        ({"ContentSid": "HX" + "0" * 32}, 21619),
        ({"Body": "中" * 1601}, 21617),
        ({"Body": "", "ContentSid": "HX1"}, 21655),
        ({"ContentVariables": "{}"}, 92005),
        ({"Body": "", "ContentSid": "HX" + "0" * 32, "ContentVariables": "[1]"}, 21656),
        ({"Body": "", "ContentSid": "HX" + "0" * 32, "ContentVariables": "{"}, 21656),
        ({"StatusCallback": "not a url"}, 21609),
        ({"StatusCallback": "http://under_score.example/x"}, 21609),
        ({"StatusCallback": "http://127.0.0.1:99999/x"}, 21609),
        ({"ValidityPeriod": "0"}, 90007),
        ({"ValidityPeriod": "36001"}, 90007),
        ({"ValidityPeriod": "1.5"}, 90007),
        ({"SendAt": "2026-11-01T01:00:00Z"}, 35110),
        ({**FIXED, "MessagingServiceSid": "", "From": "+15005550006"}, 35118),
        ({"ScheduleType": "fixed"}, 35111),
        ({**FIXED, "SendAt": "2026-11-01T00:01:00Z"}, 35115),
        ({**FIXED, "SendAt": "soon"}, 35115),
    ],
)
def test_refusals(change: dict[str, str], code: int) -> None:
    """Each wrong field is refused with Twilio's code for it."""
    form = {name: value for name, value in {**GOOD, **change}.items() if value or name == "To"}
    found = read(form, NOW)
    assert isinstance(found, Refusal)
    assert (found.code, found.http) == (code, 400)


def test_a_good_call_is_understood() -> None:
    """A call with a service, a callback, a validity and a time to send passes with all its wishes."""
    wishes = {"StatusCallback": "http://127.0.0.1:8430/hooks?d=1.1", "ValidityPeriod": "3600"}
    found = read({**GOOD, **FIXED, **wishes}, NOW)
    assert found == Wanted(
        GOOD["To"], "", SERVICE, "注意安全", "http://127.0.0.1:8430/hooks?d=1.1", 3600, 3600.0
    )  # fmt: skip


def test_a_template_shows_its_variables() -> None:
    """Of a template the values of its variables are kept as the body, so that a reference code in them can be found."""
    form = {"To": "whatsapp:+8613812345678", "From": "whatsapp:+15005550006", "ContentSid": "HX" + "0" * 32}
    found = read({**form, "ContentVariables": '{"1": "泰国", "2": "7K2QF"}'}, NOW)
    assert isinstance(found, Wanted)
    assert found.body == "泰国\n7K2QF"


@pytest.mark.parametrize(
    ("url", "near"),
    [
        ("http://127.0.0.1:1/x", True),
        ("http://localhost/x", True),
        ("http://[::1]:80/x", True),
        ("https://example.com/x", False),
        ("http://10.0.0.1/x", False),
        ("http://127.0.0.1.example.com/x", False),
        ("http://127.0.0.1@example.com/x", False),
    ],
)
def test_only_this_machine_is_called(url: str, near: bool) -> None:
    """An address counts as this machine only by its host, whatever it looks like."""
    assert is_loopback(url) is near
