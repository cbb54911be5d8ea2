"""WhatsApp and calls under faults, through the engine with the real SDK: nobody is left out, and nobody is told twice."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlmodel import SQLModel

from core.clock import SystemClock
from core.database import open_engine
from core.keys import MasterKeys
from core.settings import Settings
from notify.channels.base import Channel
from notify.channels.twilio_voice import TwilioVoice
from notify.channels.twilio_whatsapp import TwilioWhatsapp
from notify.providers import SANDBOX_TEMPLATES
from notify.sandbox.running import Running, running
from tests.notify.sending.house import enrol_people, house, numbers

FAULTS = "step=0,500-before=0.1,500-after=0.1,reset-before=0.05,reset-after=0.1,garbled-after=0.1,429=0.05"
PEOPLE = 40
Make = Callable[[Settings, Running], Channel]
CHANNELS: dict[str, Make] = {
    "whatsapp": lambda settings, sandbox: TwilioWhatsapp(settings, sandbox.url, SANDBOX_TEMPLATES),
    "voice": lambda settings, sandbox: TwilioVoice(settings, sandbox.url, "+15005550006"),
}


@pytest.mark.parametrize("name, register", [("whatsapp", "whatsapp"), ("voice", "sms")])
def test_every_doubt_is_settled(tmp_path: Path, keys: MasterKeys, name: str, register: str) -> None:
    """With two calls in five going wrong and no callback ever coming, each person is reached exactly once."""
    engine = open_engine(f"sqlite:///{tmp_path / 'here.db'}")
    SQLModel.metadata.create_all(engine)
    made = house(
        engine, tmp_path, SystemClock(), keys, grace=0.1, max_attempts=20, dispatch_concurrency=8, public_base_url="http://127.0.0.1:9",
    )  # fmt: skip
    enrol_people(made, numbers(PEOPLE), channel=register)
    made.release(channels=(name,))
    with running(tmp_path / "sandbox", faults=FAULTS, seed=3) as sandbox:
        sent = made.with_channels(CHANNELS[name](made.office.settings, sandbox)).run(within=60)
        stats = sandbox.stats()
    engine.dispose()
    assert sent.in_doubt > PEOPLE / 10
    assert sent.found
    assert sent.absent
    kept, doubled = (stats.calls, stats.calls_duplicates) if name == "voice" else (stats.messages, stats.duplicates)
    assert (kept, doubled) == (PEOPLE, 0)
    assert set(made.states()) == {"accepted"}
