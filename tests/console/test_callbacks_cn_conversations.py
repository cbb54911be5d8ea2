"""Whole conversations with the sandbox's providers at home: sent, lost, asked for, pushed back, and never doubled."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from core.clock import SystemClock
from core.database import open_engine, upgrade
from core.keys import MasterKeys
from notify.channels.base import Channel, InDoubt, Outgoing, Result
from notify.home import home_channels
from notify.sandbox import home_keys
from notify.sandbox.running import Running, running
from tests.console.serving import serving
from tests.console.test_callbacks_cn import ALIYUN, GATEWAY, NUMBER, PUSH, TENCENT, build
from tests.notify.sending.house import House, Scripted, enrol_people, house


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """One sandbox for all conversations."""
    with running(tmp_path_factory.mktemp("sandbox"), faults="step=0.02") as one:
        yield one


@pytest.fixture
def live(sandbox: Running, tmp_path: Path, keys: MasterKeys) -> Iterator[Callable[..., House]]:
    """Give an office on SQLite whose channels at home are the sandbox's, and whose pushes come back to it."""
    sandbox.faults("step=0.02")
    sandbox.reset()
    engine = open_engine(f"sqlite:///{tmp_path / 'test.db'}")
    upgrade(engine)

    def make(**settings: Any) -> House:
        made = house(
            engine, tmp_path, SystemClock(), keys, sms_cn_callback_secret=SecretStr(PUSH), gateway_secret=SecretStr(home_keys.SECRET),
            sandbox_port=sandbox.port, grace=0.2, **settings,
        )  # fmt: skip
        opened = home_channels(made.office.settings, SystemClock(), sandbox.url)
        return House(made.office.with_channels({"sms": Scripted(), **opened}))

    yield make
    engine.dispose()


def converse(home: House, sandbox: Running, done: Callable[[], bool]) -> None:
    """Send everything, with the pushes of the sandbox coming back, until `done`."""
    door = socket.create_server(("127.0.0.1", 0))
    base = f"http://127.0.0.1:{door.getsockname()[1]}"
    paths = {"aliyun_sms": ALIYUN, "tencent_sms": TENCENT, "gateway": GATEWAY}
    with closing(door), serving(build(home), door), httpx.Client(trust_env=False) as client:
        urls = {name: base + path for name, path in paths.items()}
        assert client.post(f"{sandbox.url}/_sandbox/pushes", json=urls).status_code == 200
        home.run(within=10)
        until = time.monotonic() + 15
        while time.monotonic() < until and not done():
            time.sleep(0.05)


@pytest.mark.parametrize("provider", ["aliyun", "tencent", "webhook"])
def test_a_notice_to_a_number_at_home(provider: str, live: Callable[..., House], sandbox: Running) -> None:
    """An alert over SMS reaches +86 over the provider at home, any other number over Twilio; the receipt is pushed back."""
    home = live(channels=("sms", "sms_cn"), sms_cn_provider=provider)
    enrol_people(home, [NUMBER, "+992900000001", "+8613800000007"])
    home.release()
    converse(
        home,
        sandbox,
        lambda: sorted(one.provider_status for one in home.rows()) == ["delivered", "delivered", "undelivered"],
    )
    rows = {(one.channel, one.provider_status): one for one in home.rows()}
    assert set(rows) == {("sms", "delivered"), ("sms_cn", "delivered"), ("sms_cn", "undelivered")}
    assert rows["sms_cn", "delivered"].provider == {"webhook": "gateway"}.get(provider, f"{provider}_sms")
    assert rows["sms_cn", "undelivered"].error_code == "MK:0001"
    assert {one.transfer_ground for one in home.rows() if one.channel == "sms_cn"} == {""}
    assert [one.to for one in sandbox.messages()].count(NUMBER) == 1
    assert {one.outcome for one in sandbox.callbacks()} == {"http 200"}


@pytest.mark.parametrize("provider", ["aliyun", "tencent", "webhook"])
def test_a_lost_push_is_asked_for(provider: str, live: Callable[..., House], sandbox: Running) -> None:
    """Where no push arrives, the poller asks by number or reference, and the end is known all the same."""
    home = live(channels=("sms", "sms_cn"), sms_cn_provider=provider, poll_after=0.0)
    assert httpx.post(f"{sandbox.url}/_sandbox/pushes", json={}, trust_env=False).status_code == 200
    enrol_people(home, [NUMBER, "+8613800000007"])
    home.release()
    polled = home.run().polled
    time.sleep(0.3)
    assert polled + home.run().polled >= 2
    assert sorted(one.provider_status for one in home.rows()) == ["delivered", "undelivered"]
    assert {one.state for one in home.rows()} == {"accepted"}


def test_a_doubt_is_looked_up_and_not_doubled(live: Callable[..., House], sandbox: Running) -> None:
    """The cloud stored it and answered with an error: the look-up finds it under our reference, and it is sent once."""
    home = live(channels=("sms", "sms_cn"), sms_cn_provider="aliyun")
    enrol_people(home, ["+8613800000500"])
    home.release()
    converse(home, sandbox, lambda: home.rows()[0].provider_status == "delivered")
    assert (home.rows()[0].state, home.rows()[0].provider_status) == ("accepted", "delivered")
    assert len(sandbox.messages()) == 1
    assert "indoubt" in {one[0] for one in home.outcomes()}


class Lossy:
    """A channel whose first answer is lost on the way back."""

    def __init__(self, channel: Channel) -> None:
        """Send over `channel`."""
        self._channel, self._lost = channel, False
        self.name, self.provider, self.endpoint = channel.name, channel.provider, channel.endpoint
        self.lookup, self.status, self.close = channel.lookup, channel.status, channel.close

    async def send(self, notice: Outgoing) -> Result:
        """Send, and forget the first answer."""
        result = await self._channel.send(notice)
        if not self._lost:
            self._lost = True
            return InDoubt("answer")
        return result


def test_a_post_and_a_message_over_wecom(live: Callable[..., House], sandbox: Running) -> None:
    """A group hears once, a member once although the first answer was lost: WeCom drops the repeat."""
    group = {"name": "联络员群", "kind": "wecom_bot", "url": "https://a.invalid/x?key=1"}
    home = live(channels=("wecom", "wecom_bot"), groups=[group])
    enrol_people(home, ["wang.wei"], channel="wecom")
    home.release(channels=("wecom",))
    opened = dict(home.office.channels or {})
    home = home.with_channels(Lossy(opened["wecom"]), opened["wecom_bot"])
    home.run(within=10)
    assert sorted((one.channel, one.state) for one in home.rows()) == [("wecom", "accepted"), ("wecom_bot", "accepted")]
    found = {one.to: one.body for one in sandbox.messages()}
    assert sorted(found) == ["wang.wei", "联络员群"]
    assert len(sandbox.messages()) == 2
    assert {one[0] for one in home.outcomes()} == {"accepted", "indoubt", "repeatable"}


@pytest.mark.parametrize("channel", ["sms", "wecom"])
def test_nothing_is_doubled_when_answers_are_lost(channel: str, live: Callable[..., House], sandbox: Running) -> None:
    """Half of the answers are errors, resets or rubbish after the message was stored: everybody hears exactly once."""
    home = live(channels=("sms", "sms_cn", "wecom"), sms_cn_provider="aliyun", send_timeout=2.0)
    people = [f"+861391234{i:04d}" if channel == "sms" else f"member-{i}" for i in range(30)]
    enrol_people(home, people, channel=channel)
    home.release(channels=(channel,))
    sandbox.faults("step=0,500-after=0.2,reset-after=0.15,garbled-after=0.15")
    home.run(within=20)
    assert {one.state for one in home.rows()} == {"accepted"}
    assert sorted(one.to for one in sandbox.messages()) == sorted(people)
    assert "indoubt" in {one[0] for one in home.outcomes()}
