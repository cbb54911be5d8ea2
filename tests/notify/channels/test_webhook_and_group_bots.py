"""The city's gateway and the group robots: what goes over the wire, how it is signed, how often, and what may be asked."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar

import pytest

from core.clock import FixedClock
from notify.channels import signing
from notify.channels.base import (
    Absent,
    Accepted,
    Answer,
    CannotTell,
    Channel,
    Found,
    NoLookup,
    NotSent,
    Rejected,
    Repeatable,
)
from notify.channels.feishu_bot import FeishuBot
from notify.channels.pace import Limit, Pace
from notify.channels.webhook import signature_holds
from tests.notify.channels.cloud import HOOKS, SECRET, Cloud, Said, cloud, make, notice, settings_of
from tests.notify.channels.servers import nobody

T = TypeVar("T")


def with_channel(
    provider: str, home: Path, clock: FixedClock, said: Said, act: Callable[[Channel], Awaitable[T]], **more: Any
) -> tuple[T, Cloud]:
    """Do something with a channel against a provider that answers `said`."""

    async def play(port: int) -> T:
        channel = make(provider, home, port, clock, **more)
        try:
            return await act(channel)
        finally:
            await channel.close()

    with cloud(said) as (server, port):
        return asyncio.run(play(port)), server


def test_the_gateway_gets_what_the_contract_says(tmp_path: Path, clock: FixedClock) -> None:
    """Every field of the contract, the reference as the key of repeats, and a signature over the very bytes of the body."""
    said = Said("202 Accepted", "gateway/taken.json")
    _, server = with_channel("gateway", tmp_path, clock, said, lambda one: one.send(notice("gateway")))
    got = server.got[0]
    given = notice("gateway")
    assert got.fields == {
        "id": "17", "attempt": 2, "channel": "wechat", "to": "open-id-1", "template": "first",
        "variables": dict(given.variables), "subject": "示例", "body": given.body, "ref": "7K2QFX", "language": "zh",
        "alert": "5", "valid_seconds": 3600,
    }  # fmt: skip
    stamp = got.headers["x-lingbao-timestamp"]
    assert stamp == str(int(clock.now().timestamp()))
    assert got.headers["idempotency-key"] == "7K2QFX"
    assert got.headers["x-lingbao-signature"] == signing.gateway(SECRET, stamp, got.body)


@pytest.mark.parametrize("said, answer", [
    (Said(body=b'{"id": "gw-1", "status": "delivered"}'), Found("gw-1", "delivered")),
    (Said("404 Not Found", "gateway/absent.json"), Absent()),
    (Said("404 Not Found", "gateway/other.json"), CannotTell("answer 404")),
    (Said(body=b'{"id": "gw-1", "status": "who knows"}'), CannotTell("answer 200")),
])  # fmt: skip
def test_the_gateway_is_asked(said: Said, answer: Answer, tmp_path: Path, clock: FixedClock) -> None:
    """A 404 proves absence only if the gateway says the word: a wrong address answers 404, too."""
    found, server = with_channel(
        "gateway", tmp_path, clock, said, lambda one: one.lookup(notice("gateway"), clock.now()), gateway_lookup=True
    )
    assert found == answer
    got = server.got[0]
    assert (got.method, got.path, got.body) == ("GET", "/messages/7K2QFX", b"")
    assert got.headers["x-lingbao-signature"] == signing.gateway(SECRET, got.headers["x-lingbao-timestamp"], b"7K2QFX")


def test_a_gateway_that_cannot_be_asked_is_not(tmp_path: Path, clock: FixedClock) -> None:
    """Unless the settings say so, no question is put, and severity decides; a page of a proxy tells nothing."""
    page = Said("404 Not Found", "gateway/page.html")
    found, server = with_channel(
        "gateway", tmp_path, clock, page, lambda one: one.lookup(notice("gateway"), clock.now())
    )
    assert (found, server.got) == (NoLookup(), [])
    found, _ = with_channel(
        "gateway", tmp_path, clock, page, lambda one: one.lookup(notice("gateway"), clock.now()), gateway_lookup=True
    )
    assert isinstance(found, CannotTell)


def test_who_signs_a_push(clock: FixedClock) -> None:
    """A push is believed with the common secret and within five minutes; without a secret in the settings none is."""
    now, body = clock.now(), b'{"id": "1"}'
    stamp = str(int(now.timestamp()))
    right = signing.gateway(SECRET, stamp, body)
    assert signature_holds(SECRET, stamp, right, body, now)
    assert signature_holds(SECRET, stamp, right, body, now + timedelta(minutes=5))
    for secret, at, signature, raw, moment in [
        (SECRET, stamp, right, b"{}", now), ("other", stamp, right, body, now), (SECRET, stamp, "", body, now),
        (SECRET, stamp, "示例", body, now), (SECRET, stamp, right, body, now + timedelta(minutes=6)),
        (SECRET, stamp, right, body, now - timedelta(minutes=6)), (SECRET, f"{int(stamp) + 1}", right, body, now),
        (SECRET, "soon", right, body, now), (SECRET, "9" * 400, right, body, now), ("", stamp, signing.gateway("", stamp, body), body, now),
    ]:  # fmt: skip
        assert not signature_holds(secret, at, signature, raw, moment)


def test_the_example_of_the_contract() -> None:
    """The signature that the page for the city's IT shows is the one we make."""
    page = (Path(__file__).parents[3] / "docs/how-to/send-in-china.md").read_text(encoding="utf-8")
    assert signing.gateway("示例密钥", "1700000000", b'{"id":"1"}') in page


def test_each_robot_gets_its_own_form(tmp_path: Path, clock: FixedClock) -> None:
    """WeCom has its key in the address; DingTalk is signed in the query in milliseconds, Feishu in the body in seconds."""
    got = {}
    for kind in HOOKS:
        said = Said(file=f"{kind}/posted.json")
        result, server = with_channel(kind, tmp_path, clock, said, lambda one, kind=kind: one.send(notice(kind)))  # type: ignore[misc]
        assert result == Accepted("17.2", "sent", 200)
        got[kind] = server.got[0]
    words, seconds = notice("wecom_bot").body, int(clock.now().timestamp())
    assert got["wecom_bot"].query == {"key": "hook-key-1"}
    assert got["wecom_bot"].fields == {"msgtype": "text", "text": {"content": words}}
    sign = signing.dingtalk(SECRET, seconds * 1000)
    assert got["dingtalk_bot"].query == {"access_token": "hook-key-1", "timestamp": f"{seconds}000", "sign": sign}
    assert got["dingtalk_bot"].fields == {"msgtype": "text", "text": {"content": words}}
    assert got["feishu_bot"].path == "/open-apis/bot/v2/hook/hook-key-1"
    assert got["feishu_bot"].fields == {
        "msg_type": "text", "content": {"text": words}, "timestamp": str(seconds), "sign": signing.feishu(SECRET, seconds),
    }  # fmt: skip


def test_a_group_gets_no_more_than_it_takes(tmp_path: Path, clock: FixedClock) -> None:
    """The twenty-first post within a minute waits, without a call, and slows nobody else down; a minute later it goes."""

    async def play(channel: Channel) -> list[object]:
        results: list[object] = [await channel.send(notice("wecom_bot")) for _ in range(21)]
        clock.advance(timedelta(seconds=60))
        return [*results, await channel.send(notice("wecom_bot"))]

    results, server = with_channel("wecom_bot", tmp_path, clock, Said(file="wecom_bot/posted.json"), play)
    held = results[20]
    assert isinstance(held, NotSent)
    assert (held.code, held.retry_after, held.throttled) == ("pace", 60.0, False)
    assert len(server.got) == 21
    assert isinstance(results[21], Accepted)


def test_all_limits_hold_at_once() -> None:
    """With two limits the longer wait counts; what was refused takes no turn."""
    pace = Pace((Limit(3, 60.0), Limit(2, 1.0)))
    assert [pace.take(0.0), pace.take(0.0), pace.take(0.5)] == [0.0, 0.0, 0.5]
    assert [pace.take(1.0), pace.take(2.0), pace.take(60.0)] == [0.0, 58.0, 0.0]


def test_an_unknown_group_is_refused(tmp_path: Path, clock: FixedClock) -> None:
    """A group that is no longer in the settings gets nothing, and neither does an address that is no group."""
    for address in ("group:gone", "示例", "", "https://provider.invalid/x"):
        given = notice("wecom_bot")
        changed = type(given)(**{**vars(given), "address": address})
        result, server = with_channel("wecom_bot", tmp_path, clock, Said(), lambda one, to=changed: one.send(to))  # type: ignore[misc]
        assert isinstance(result, Rejected)
        assert (result.stops_channel, server.got) == (False, [])


@pytest.mark.parametrize("kind", HOOKS)
def test_a_robot_cannot_be_asked(kind: str, tmp_path: Path, clock: FixedClock) -> None:
    """Nothing can be asked of a group chat; the host that the gate sees is that of its webhook."""
    with nobody() as server:
        channel = make(kind, tmp_path, server.port, clock)
        assert asyncio.run(channel.lookup(notice(kind), clock.now())) == NoLookup()
        assert isinstance(asyncio.run(channel.status("x")), CannotTell)
        assert channel.endpoint == "127.0.0.1"


def test_the_gate_sees_the_worst_host(tmp_path: Path, clock: FixedClock) -> None:
    """Of several webhooks one that leads elsewhere is what the gate sees, whatever the order."""
    groups = [
        {"name": "a", "kind": "feishu_bot", "url": "http://127.0.0.1:1/x"},
        {"name": "b", "kind": "feishu_bot", "url": "https://open.provider.invalid/x"},
    ]
    assert FeishuBot(settings_of(tmp_path, groups=groups), clock).endpoint == "open.provider.invalid"


@pytest.mark.parametrize("minutes, answer", [(0, Repeatable()), (19, Repeatable()), (21, NoLookup())])
def test_wecom_drops_a_repeat(minutes: int, answer: Answer, tmp_path: Path, clock: FixedClock) -> None:
    """Within the window in which WeCom drops a repeat a doubt may be sent again; after it severity decides."""
    since = clock.now() - timedelta(minutes=minutes)
    found, _ = with_channel("wecom", tmp_path, clock, Said(), lambda one: one.lookup(notice("wecom"), since))
    assert found == answer


def test_wecom_gets_what_it_wants(tmp_path: Path, clock: FixedClock) -> None:
    """One member, the whole text, and the check for repeats over half an hour; one token serves many messages."""

    async def play(channel: Channel) -> None:
        for _ in range(3):
            await channel.send(notice("wecom"))
        clock.advance(timedelta(hours=2))
        await channel.send(notice("wecom"))

    both = json.dumps(
        {"errcode": 0, "errmsg": "ok", "access_token": "t o/k", "expires_in": 7200, "msgid": "m"}
    ).encode()
    _, server = with_channel("wecom", tmp_path, clock, Said(body=both), play)
    assert [one.path.rpartition("/")[2] for one in server.got] == [
        "gettoken",
        "send",
        "send",
        "send",
        "gettoken",
        "send",
    ]
    assert server.got[0].query == {"corpid": "ww1", "corpsecret": SECRET}
    assert server.got[1].query == {"access_token": "t o/k"}
    assert server.got[1].fields == {
        "touser": "wang.wei", "msgtype": "text", "agentid": 7, "text": {"content": notice("wecom").body}, "safe": 0,
        "enable_duplicate_check": 1, "duplicate_check_interval": 1800,
    }  # fmt: skip
