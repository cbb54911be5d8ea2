"""The whole way over the wire: asked by SMS and by telephone through the sandbox, answered by its signed callbacks."""

from __future__ import annotations

import socket
import time
from pathlib import Path

from console.app import build
from core.clock import SystemClock
from core.keys import MasterKeys
from notify.channels.twilio_account import REPLY_PATH
from notify.channels.twilio_sms import TwilioSms
from notify.channels.twilio_voice import TwilioVoice
from notify.sandbox.running import running
from tests.console.serving import serving
from tests.databases import open_quickly
from tests.notify.asked.scene import ask, enrol_all, person, said, states
from tests.notify.sending.house import house

BY_KEY = "+15005557001"
"""A number of the sandbox whose owner presses 1."""


def test_asked_and_answered_through_the_sandbox(sqlite_tables: bytes, tmp_path: Path, keys: MasterKeys) -> None:
    """Who presses 1 on the telephone and who writes 1 is safe, who writes that they need help is in need, who says nothing is
    silent; callbacks come twice, early and in disorder, and each answer counts once."""
    (tmp_path / "whole.db").write_bytes(sqlite_tables)
    engine = open_quickly(tmp_path / "whole.db")
    door = socket.create_server(("127.0.0.1", 0))
    base = f"http://127.0.0.1:{door.getsockname()[1]}"
    made = house(engine, tmp_path, SystemClock(), keys, public_base_url=base, channels=("sms", "voice"))
    writer, caller, silent = "+992900000001", "+992900000002", "+992900000003"
    enrol_all(made, [person(f"示例{i}", ("sms", one)) for i, one in enumerate((BY_KEY, writer, caller, silent))])
    faults = "step=0.05,dup-callback=0.3,reorder-callback=0.3,early-callback=0.3,extra-field=0.3"
    with running(tmp_path / "sandbox", faults=faults) as sandbox, serving(build(made.office), door):
        settings = made.office.settings
        made = made.with_channels(TwilioSms(settings, sandbox.url), TwilioVoice(settings, sandbox.url, "+15005550006"))
        ask(made, channels=("sms", "voice"))
        made.run(within=20)
        assert "/safe/" in sandbox.messages(writer)[0].body
        for number, words in ((writer, "1"), (caller, "我被困在矿区，需要帮助")):
            assert (
                sandbox.inbound(url=f"{base}{REPLY_PATH}", sender=number, to="+15005550006", body=words) == "http 204"
            )
        until = time.monotonic() + 20
        while time.monotonic() < until and len(said(made)) < 3:
            time.sleep(0.05)
        assert (
            sandbox.inbound(url=f"{base}{REPLY_PATH}", sender="+992911111111", to="+15005550006", body="谁？")
            == "http 204"
        )
    assert said(made) == [(1, 1, "safe", "voice"), (1, 2, "safe", "sms"), (1, 3, "help", "sms")]
    assert states(made, 1) == {1: "safe", 2: "safe", 3: "help", 4: "silent"}
    engine.dispose()
