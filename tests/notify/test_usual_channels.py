"""What an alert lists if its officer names no channel."""

from __future__ import annotations

import pytest

from notify.manual import ManualAlert, usual_channels


@pytest.mark.parametrize("channels, level, expected", [
    (("sms", "email"), 2, ["sms", "email"]), (("sms", "voice"), 3, ["sms"]), (("sms", "voice"), 4, ["sms", "voice"]),
    (("sms_cn", "email"), 4, ["sms", "email"]), (("sms", "sms_cn", "wecom_bot"), 4, ["sms"]),
    (("wecom", "whatsapp"), 1, ["wecom", "whatsapp"]),
])  # fmt: skip
def test_the_channels_of_the_settings_go(channels: tuple[str, ...], level: int, expected: list[str]) -> None:
    """SMS at home goes with SMS, groups by themselves, and calls only from level 4 up; the rest is as the settings have it."""
    assert usual_channels(channels, level) == expected
    words = {"countries": ["TJ"], "level": level, "title_zh": "示例：请留意安全", "channels": expected}
    assert ManualAlert.model_validate(words).channels == expected
