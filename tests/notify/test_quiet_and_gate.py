"""Quiet hours where the person is, and the last gate before a provider."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from core.tables import Mode
from notify.gate import Gate, is_loopback
from notify.quiet import quiet_until, waits


def utc(hour: int, minute: int = 0, *, day: int = 22, month: int = 11) -> datetime:
    """Return a moment of 2026."""
    return datetime(2026, month, day, hour, minute, tzinfo=UTC)


@pytest.mark.parametrize(
    ("moment", "zone", "until"),
    [
        (utc(18, 30), "Asia/Shanghai", utc(23)),
        (utc(14), "Asia/Shanghai", utc(23)),
        (utc(13, 59), "Asia/Shanghai", None),
        (utc(23), "Asia/Shanghai", None),
        (utc(22, 59), "Asia/Shanghai", utc(23)),
        (utc(18, 30), "Asia/Kathmandu", utc(1, 15, day=23)),
        (utc(18, 30), "Africa/Lusaka", None),
        (utc(3), "America/New_York", utc(12)),
        (utc(4, 30, day=1, month=11), "America/New_York", utc(12, day=1, month=11)),
        (utc(18, 30), "Nowhere/Atall", None),
        (utc(18, 30), "", None),
    ],
)
def test_quiet_until(moment: datetime, zone: str, until: datetime | None) -> None:
    """Night is 22:00 to 07:00 by the clock on the wall there, also when clocks change; an unknown zone holds nothing back."""
    assert quiet_until(moment, zone) == until


def test_only_zones_at_night_wait() -> None:
    """Of several zones those in the night are returned with its end."""
    assert waits(utc(18, 30), ["Asia/Shanghai", "Africa/Lusaka"]) == {"Asia/Shanghai": utc(23)}


ALLOWED = "+8613800138000"


@pytest.mark.parametrize(
    ("mode", "alert_uid", "alert_mode", "endpoint", "address", "refusal"),
    [
        (Mode.SANDBOX, "here", "sandbox", "127.0.0.1", "+1", ""),
        (Mode.SANDBOX, "here", "sandbox", "api.twilio.com", ALLOWED, "gate-sandbox"),
        (Mode.SANDBOX, "here", "live", "127.0.0.1", ALLOWED, "gate-mode"),
        (Mode.DRILL, "here", "drill", "api.twilio.com", ALLOWED, ""),
        (Mode.DRILL, "here", "drill", "api.twilio.com", "+8613800138001", "gate-drill"),
        (Mode.DRILL, "here", "live", "api.twilio.com", ALLOWED, "gate-mode"),
        (Mode.LIVE, "here", "live", "api.twilio.com", "+1", ""),
        (Mode.LIVE, "there", "live", "api.twilio.com", ALLOWED, "gate-instance"),
        (Mode.LIVE, "here", "drill", "api.twilio.com", ALLOWED, ""),
    ],
)
def test_the_gate(mode: Mode, alert_uid: str, alert_mode: str, endpoint: str, address: str, refusal: str) -> None:
    """Nothing leaves from a copy, from another mode, off this machine in a sandbox, or beyond a drill's list, in whatever mode."""
    gate = Gate("here", mode, {ALLOWED})
    got = gate.refuse(alert_uid=alert_uid, alert_mode=alert_mode, endpoint=endpoint, address=address)
    assert got == refusal


@pytest.mark.parametrize(
    ("host", "here"),
    [("localhost", True), ("127.0.0.1", True), ("127.9.9.9", True), ("::1", True), ("[::1]", True), ("10.0.0.1", False),
     ("localhost.example.com", False), ("127.0.0.1.example.com", False), ("0.0.0.1", False), ("", False)],
)  # fmt: skip
def test_loopback(host: str, here: bool) -> None:
    """Only this machine counts as loopback; a name that begins like it does not."""
    assert is_loopback(host) is here
