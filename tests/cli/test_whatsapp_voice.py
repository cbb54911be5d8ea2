"""An alert over WhatsApp and by telephone, from the command line to the sandbox, with the real SDK."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from cli.app import app
from core.clock import SystemClock
from core.database import writing
from core.settings import load
from notify.office import open_office
from notify.sandbox.running import running
from registry.actors import SYSTEM
from registry.enrol import enrol, index_key
from registry.people import GivenConsent, NewAddress, NewPerson, NewPosting
from registry.tables import Ground
from tests.cli.test_doors import Desk

PHONE, WHATSAPP = "+15005557001", "+992935000001"
WORDS = ("--country", "TJ", "--level", "4", "--title", "示例：请尽快离开边境地区", "--json")


@dataclass
class WideDesk(Desk):
    """A command line of an office that has more channels in use."""

    channels: str = "sms,whatsapp,voice"

    def run(self, *words: str, by: str = "") -> Result:
        """Run a command as a user, with these channels."""
        env = {
            "LINGBAO_HOME": str(self.home), "LINGBAO_SANDBOX_PORT": str(self.sandbox.port), "LINGBAO_LANG": "en",
            "LINGBAO_TOKEN": self.tokens.get(by, ""), "LINGBAO_CHANNELS": self.channels,
        }  # fmt: skip
        return CliRunner().invoke(app, [*(("--as", by) if by else ()), *words], env=env)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[WideDesk]:
    """A fresh office with a drafter and an approver, and one person with a telephone and WhatsApp."""
    with running(tmp_path / "sandbox", faults="step=0") as sandbox:
        desk = WideDesk(tmp_path / "home", sandbox)
        desk.user("chief")
        desk.user("drafter", by="chief")
        desk.user("second", "--role", "approver", by="chief")
        office = open_office(load(home=tmp_path / "home"), SystemClock())
        ways = (NewAddress("sms", PHONE), NewAddress("whatsapp", WHATSAPP))
        person = NewPerson(
            name="示例甲",
            addresses=ways,
            postings=(NewPosting("TJ"),),
            consent=GivenConsent(Ground.EMPLOYMENT, "test/1"),
        )
        with writing(office.engine) as connection:
            secret = index_key(connection, office.keys)
            enrol(connection, SYSTEM, [person], keys=office.keys, index_key=secret, now=office.clock.now())
        office.engine.dispose()
        yield desk


def send(desk: WideDesk, *more: str) -> str:
    """Draft, approve and send an alert; return its number."""
    number = str(json.loads(desk.ok("alert", "new", *WORDS, *more, by="drafter"))["alert"])
    desk.ok("alert", "submit", number, by="drafter")
    desk.ok("alert", "approve", number, "--confirm", "TJ", by="second")
    desk.ok("alert", "send", number, by="drafter")
    return number


def test_an_alert_over_whatsapp(desk: WideDesk) -> None:
    """What is drafted for WhatsApp leaves as a template with its variables, once, to the WhatsApp number, and is proven."""
    number = send(desk, "--channel", "whatsapp")
    (message,) = desk.sandbox.messages()
    assert (message.to, message.status) == (f"whatsapp:{WHATSAPP}", "delivered")
    assert "示例：请尽快离开边境地区" in message.body
    assert "塔吉克斯坦" in message.body
    assert desk.sandbox.stats().calls == 0
    desk.ok("prove", "--alert", number)


def test_an_alert_of_level_four_goes_every_way(desk: WideDesk) -> None:
    """Without a channel named, level 4 goes by SMS, WhatsApp and telephone; what is said has the words and the numbers of help."""
    number = send(desk)
    assert sorted(one.to for one in desk.sandbox.messages()) == [PHONE, f"whatsapp:{WHATSAPP}"]
    (call,) = desk.sandbox.calls()
    assert (call.to, call.digits) == (PHONE, "1")
    assert call.said.count("示例：请尽快离开边境地区") == 2
    assert "求助电话" in call.said
    desk.ok("ledger", "verify")
    desk.ok("prove", "--alert", number)


def test_below_level_four_nobody_is_called_by_itself(desk: WideDesk) -> None:
    """An alert of level 3 calls only if its officer says so."""
    words = ("--country", "TJ", "--level", "3", "--title", "示例：请留意边境地区安全", "--json")
    number = str(json.loads(desk.ok("alert", "new", *words, by="drafter"))["alert"])
    assert set(json.loads(desk.ok("alert", "preview", number, "--json", by="drafter"))["by_channel"]) <= {
        "sms",
        "whatsapp",
    }
