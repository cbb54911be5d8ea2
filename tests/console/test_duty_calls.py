"""The duty officer over the sandbox's Twilio: an SMS, a call, a digit and a reply, through our own callbacks."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from sqlmodel import SQLModel

from core.clock import SystemClock
from core.database import open_engine
from core.settings import load
from notify.channels.twilio_account import REPLY_PATH
from notify.duty import calling
from notify.sandbox.running import Running, running
from tests.console.hooks import build
from tests.console.serving import serving
from tests.notify.duty.desk import Desk, open_desk

PRESSES_ONE, LISTENS, OURS = "+15005557001", "+15005557011", "+15005550006"


@dataclass
class Scene:
    """An office whose channels lead to the sandbox, and whose callbacks are served."""

    desk: Desk
    sandbox: Running
    base: str

    def wait(self, done: Callable[[], bool]) -> None:
        """Sweep until something is so, at most half a minute."""
        until = time.monotonic() + 30
        while not done() and time.monotonic() < until:
            calling.sweep(self.desk.office)
            time.sleep(0.1)
        assert done()


@pytest.fixture(scope="module")
def process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """The process of the sandbox."""
    with running(
        tmp_path_factory.mktemp("sandbox"), faults="step=0.02,dup-callback=0.3,reorder-callback=0.3"
    ) as sandbox:
        yield sandbox


@pytest.fixture
def scene(process: Running, tmp_path: Path) -> Iterator[Scene]:
    """Give the scene, with nobody on duty yet."""
    engine = open_engine(f"sqlite:///{tmp_path / 'test.db'}")
    SQLModel.metadata.create_all(engine)
    door = socket.create_server(("127.0.0.1", 0))
    base = f"http://127.0.0.1:{door.getsockname()[1]}"
    desk = open_desk(engine, tmp_path)
    settings = load(
        home=tmp_path,
        lang="zh-CN",
        channels="sms,voice",
        public_base_url=base,
        twilio_base_url=process.url,
        duty_wait=0.5,
    )
    desk = replace(desk, office=replace(desk.office, settings=settings, clock=SystemClock(), channels=None))
    desk.clock.moment = SystemClock().now()
    process.reset()
    with serving(build(desk.office), door):
        yield Scene(desk, process, base)
    engine.dispose()


def test_sms_then_a_call_whose_digit_ends_it(scene: Scene) -> None:
    """The officer does not answer the SMS, is called, and presses 1: known, and nobody else is called."""
    desk = scene.desk.with_settings(
        **scene.desk.office.settings.model_dump(exclude_unset=True) | {"duty_phone": PRESSES_ONE}
    )
    scene = replace(scene, desk=desk)
    desk.page("help/1/2")
    scene.wait(lambda: desk.pages()[0].acked_at is not None)
    [sms], [call] = scene.sandbox.messages(PRESSES_ONE), scene.sandbox.calls(PRESSES_ONE)
    assert "[值班]" in sms.body
    assert "目前无人值班" in sms.body
    assert "#1" in call.said
    assert desk.pages()[0].acked_by == "duty_call/2"
    calling.sweep(desk.office)
    assert scene.sandbox.stats().messages == 1


def test_a_reply_ends_it(scene: Scene) -> None:
    """The officer writes back 收到: nobody calls."""
    desk = scene.desk.with_settings(
        **scene.desk.office.settings.model_dump(exclude_unset=True) | {"duty_phone": LISTENS, "duty_wait": 60}
    )
    desk.page("help/1/2")
    calling.sweep(desk.office)
    assert len(scene.sandbox.messages(LISTENS)) == 1
    told = scene.sandbox.inbound(url=f"{scene.base}{REPLY_PATH}", sender=LISTENS, to=OURS, body="收到")
    assert told == "http 204"
    assert desk.pages()[0].acked_by == "duty.sms"
    assert scene.sandbox.calls(LISTENS) == []
