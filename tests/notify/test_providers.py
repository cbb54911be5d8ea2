"""Which channels open: what is in use and has what it needs; the sandbox needs nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from core.errors import WrongSetting
from core.settings import load
from core.tables import Mode
from notify.providers import SANDBOX_TEMPLATES, open_channels

TEMPLATE = f"HX{1:032x}"


def opened(home: Path, mode: Mode, **values: Any) -> dict[str, str]:
    """Return the hosts of the channels that open."""
    return {name: one.endpoint for name, one in open_channels(load(home=home, **values), mode).items()}


def test_the_sandbox_needs_no_settings(tmp_path: Path) -> None:
    """In mode sandbox WhatsApp and calls open without any setting, and end on this machine."""
    channels = ("sms", "whatsapp", "voice", "email")
    assert opened(tmp_path, Mode.SANDBOX, channels=channels) == dict.fromkeys(channels, "127.0.0.1")
    assert set(SANDBOX_TEMPLATES) == {"first", "update", "correction", "all-clear", "service"}


@pytest.mark.parametrize("mode", [Mode.DRILL, Mode.LIVE])
@pytest.mark.parametrize("channel, values, words", [
    ("whatsapp", {}, "whatsapp_templates"),
    ("whatsapp", {"whatsapp_templates": {"first": TEMPLATE}}, "whatsapp_from"),
    ("voice", {}, "voice_from"),
])  # fmt: skip
def test_outside_the_sandbox_what_lacks_is_named(
    tmp_path: Path, mode: Mode, channel: str, values: dict[str, Any], words: str
) -> None:
    """A channel in use without its number or templates is a fault of the settings, and the sentence says which."""
    with pytest.raises(WrongSetting, match=words):
        opened(tmp_path, mode, channels=("sms", channel), **values)


def test_with_their_settings_they_open(tmp_path: Path) -> None:
    """With a number, or for WhatsApp a Messaging Service, the channels open at Twilio; those not in use do not."""
    values: dict[str, Any] = {"whatsapp_templates": {"first": TEMPLATE}, "voice_from": "+15005550006"}
    for more in ({"whatsapp_from": "+15005550006"}, {"twilio_messaging_service_sid": f"MG{1:032x}"}):
        found = opened(tmp_path, Mode.LIVE, channels=("whatsapp", "voice"), **values, **more)
        assert found == {"whatsapp": "api.twilio.com", "voice": "api.twilio.com"}
    assert opened(tmp_path, Mode.LIVE, channels=("sms",)) == {"sms": "api.twilio.com"}


@pytest.mark.parametrize("values", [
    {"whatsapp_from": "15005550006"}, {"voice_from": "Office"}, {"whatsapp_templates": {"first": "first"}}, {"voice_rings": 1},
])  # fmt: skip
def test_settings_that_make_no_sense_are_refused(tmp_path: Path, values: dict[str, Any]) -> None:
    """A number without its plus, a template that is no id of Twilio's, a telephone that rings for a second: refused at once."""
    with pytest.raises(WrongSetting):
        load(home=tmp_path, **values)
