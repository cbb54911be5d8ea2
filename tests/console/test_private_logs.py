"""Hostile names and numbers are poured through the house while things break: none of them reaches a log line."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import structlog
from pydantic import SecretStr
from sqlalchemy import Engine, text
from sqlalchemy.exc import SQLAlchemyError

from console import app as console_app
from core import logs
from core.clock import FixedClock
from core.database import writing
from core.keys import MasterKeys
from notify.channels.base import Outgoing, Result
from notify.channels.twilio_account import REPLY_PATH
from registry.actors import SYSTEM
from registry.enrol import enrol, index_key
from registry.people import GivenConsent, NewAddress, NewPerson, NewPosting
from registry.tables import Ground
from tests.console.hooks import BASE, SECRET, Caller, post
from tests.console.serving import serving
from tests.notify.sending.house import COUNTRY, House, Scripted, house, numbers

NAMES = ['欧阳娜\n{"event": "forged"}', "Wāng %s %(x)s {0} {event}", "<b>李</b>‮雷", "Роберт'); DROP TABLE x"]
ONE, *_ = PHONES = numbers(len(NAMES))
SAID = "我是欧阳娜，电话 13800138000，救命 na@corp.example"
SECRETS = ["欧阳", "Wāng", "雷", "Роберт", "13800138000", "na@corp.example", "救命", *(one[1:] for one in PHONES)]


@pytest.fixture
def home(sqlite_engine: Engine, tmp_path: Path, clock: FixedClock, keys: MasterKeys) -> House:
    """An office whose people have hostile names, and an alert for them."""
    made = house(sqlite_engine, tmp_path, clock, keys, twilio_auth_token=SecretStr(SECRET), public_base_url=BASE)
    with writing(sqlite_engine) as connection:
        people = [
            NewPerson(name=name, addresses=(NewAddress("sms", phone),), postings=(NewPosting(COUNTRY),),
                      consent=GivenConsent(Ground.EMPLOYMENT, "test/1"))
            for name, phone in zip(NAMES, PHONES, strict=True)
        ]  # fmt: skip
        enrol(connection, SYSTEM, people, keys=keys, index_key=index_key(connection, keys), now=clock.now())
    made.release()
    return made


@pytest.fixture
def lines(capsys: pytest.CaptureFixture[str]) -> Iterator[_Lines]:
    """Give what was logged, after the test has asked for everything from `debug` up; afterwards all is as it was."""
    root, config = logging.getLogger(), structlog.get_config()
    kept, level = root.handlers[:], root.level
    root.handlers.clear()
    logs.set_up(level=logging.DEBUG)
    yield _Lines(capsys)
    root.handlers[:], root.level = kept, level
    structlog.configure(**config)


class _Lines(list[str]):
    """The lines until now."""

    def __init__(self, capture: pytest.CaptureFixture[str]) -> None:
        super().__init__()
        self._capture = capture

    def all(self) -> list[dict[str, Any]]:
        """Return every line, read; none may hold a secret, and none may be forged by a line break in a name."""
        self += [line for line in self._capture.readouterr().err.splitlines() if line]
        for line in self:
            assert not [one for one in SECRETS if one in line], line
        return [json.loads(line) for line in self]


def break_with(notice: Outgoing) -> Result:
    """Break as a library does: with everything it was given in its words."""
    raise ValueError(f"cannot send {notice.body} to {notice.address}: {SAID} {NAMES}")


def test_a_channel_that_breaks(home: House, lines: _Lines) -> None:
    """The error of a channel quotes text and address; the line has its kind, its place and our ids."""
    broken = home.with_channels(Scripted(provider="twilio_sms", answer=break_with))
    broken.drain()
    found = [one for one in lines.all() if one["event"] == "channel failed"]
    assert len(found) == len(NAMES)
    assert {one["error"] for one in found} == {"ValueError"}
    assert all(isinstance(one["delivery"], int) for one in found)
    assert set(broken.states()) == {"unknown"}


def test_somebody_writes_back(home: House, lines: _Lines) -> None:
    """What a person writes to us, and from which number, is in the register and in no log; the request has a number in it."""
    home.with_channels(Scripted(provider="twilio_sms")).drain()
    caller = Caller(console_app.build(home.office))
    form = {"MessageSid": "SM9", "From": ONE, "To": "+15005550006", "Body": SAID, "AccountSid": "AC1", "NumMedia": "0"}
    assert post(caller, REPLY_PATH, form) == 204
    assert post(caller, REPLY_PATH, form | {"From": "+8613800138000"}) == 204
    found = [one for one in lines.all() if one["event"] == "somebody wrote back"]
    assert found
    assert all(len(one["request"]) == 32 for one in found)


def test_a_page_that_breaks(home: House, lines: _Lines) -> None:
    """The server's own line about an error has the number of the request that its answer carries, and quotes nobody."""
    app = console_app.build(home.office)

    @app.get("/breaks")
    def breaks(name: str) -> None:
        """Break, and quote what was given."""
        raise KeyError(name, SAID)

    with serving(app) as base:
        answer = httpx.get(
            f"{base}/breaks", params={"name": NAMES[0]}, headers={"X-Request-Id": "0af7651916cd43dd8448eb211c80319c"}
        )
    assert answer.status_code == 500
    assert "欧阳" not in answer.text
    (found,) = [one for one in lines.all() if "ASGI" in one["event"]]
    assert (found["error"], found["request"]) == ("KeyError", "0af7651916cd43dd8448eb211c80319c")


def test_a_statement_that_breaks(home: House, lines: _Lines) -> None:
    """An error of the database carries no values of its statement, wherever its words end up."""
    with pytest.raises(SQLAlchemyError) as caught, writing(home.office.engine) as connection:
        connection.execute(text("INSERT INTO no_table VALUES (:name, :phone)"), {"name": NAMES[0], "phone": ONE})
    assert not [one for one in SECRETS if one in str(caught.value)]
    structlog.get_logger().error(f"it said {caught.value}", exc_info=caught.value)
    assert lines.all()[-1]["error"] == "OperationalError"
