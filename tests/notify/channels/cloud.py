"""A provider at home as a test plays it: recorded answers one after the other, and every request it got."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from core.clock import FixedClock
from core.settings import Settings, load
from notify.channels.aliyun_sms import AliyunSms
from notify.channels.base import Channel, Outgoing
from notify.channels.dingtalk_bot import DingtalkBot
from notify.channels.feishu_bot import FeishuBot
from notify.channels.tencent_sms import TencentSms
from notify.channels.webhook import Webhook
from notify.channels.wecom import Wecom
from notify.channels.wecom_bot import WecomBot
from tests.notify.channels.servers import ANSWERS, Server, read_request, serving

TIMEOUT = 0.6
SECRET = "cloud-key-of-tests"
GROUP = "示例联络群"
VARIABLES = {
    "office": "示例市外办", "kind": "安全提醒", "places": "示例国", "title": "示例：请留意安全", "advice": "12308",
    "ref": "7K2QFX",
}  # fmt: skip
TO = {
    "wecom": "wang.wei", "aliyun_sms": "+8613812345678", "tencent_sms": "+8613812345678", "gateway": "open-id-1",
}  # fmt: skip
HOOKS = {
    "wecom_bot": "/cgi-bin/webhook/send?key=hook-key-1", "dingtalk_bot": "/robot/send?access_token=hook-key-1",
    "feishu_bot": "/open-apis/bot/v2/hook/hook-key-1",
}  # fmt: skip


@dataclass(frozen=True)
class Said:
    """One answer: its status line, the recorded body, more headers, and how much of it is sent."""

    status: str = "200 OK"
    file: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    share: float = 1.0
    body: bytes = b""

    @property
    def raw(self) -> bytes:
        """Return the answer as it goes over the wire."""
        body = (ANSWERS / self.file).read_bytes() if self.file else self.body
        lines = [f"HTTP/1.1 {self.status}", f"Content-Length: {len(body)}"]
        lines += [f"{name}: {value}" for name, value in self.headers.items()]
        whole = "\r\n".join(lines).encode() + b"\r\n\r\n" + body
        return whole[: int(len(whole) * self.share)]


@dataclass(frozen=True)
class Got:
    """A request as a provider reads it."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes

    @property
    def fields(self) -> dict[str, Any]:
        """Return the JSON of the body."""
        value = json.loads(self.body)
        assert isinstance(value, dict)
        return value


@dataclass
class Cloud:
    """A provider at work: what it answers, in order (the last one for ever), and what it was asked."""

    answers: tuple[Said, ...]
    got: list[Got] = field(default_factory=list)

    def __call__(self, line: socket.socket, server: Server) -> None:
        """Treat one connection."""
        while raw := read_request(line):
            said = self.answers[min(len(self.got), len(self.answers) - 1)]
            self.got.append(_read(raw))
            server.taken += 1
            line.sendall(said.raw)
            if said.share < 1:
                return


@contextmanager
def cloud(*answers: Said) -> Iterator[tuple[Cloud, int]]:
    """Run a provider; give it and its port."""
    made = Cloud(answers)
    with serving(made) as server:
        yield made, server.port


def _read(raw: bytes) -> Got:
    head, _, body = raw.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    method, target, _ = first.split(" ")
    headers = {name.lower(): value for name, value in (one.split(": ", 1) for one in lines)}
    parts = urlsplit(target)
    return Got(method, parts.path, dict(parse_qsl(parts.query, keep_blank_values=True)), headers, body)


def settings_of(home: Path, **more: Any) -> Settings:
    """Return settings with an account everywhere."""
    groups = [
        {"name": f"{GROUP}-{kind}", "kind": kind, "url": f"https://provider.invalid{hook}",
         "secret": "" if kind == "wecom_bot" else SECRET}
        for kind, hook in HOOKS.items()
    ]  # fmt: skip
    given: dict[str, Any] = {
        "home": home, "send_timeout": TIMEOUT, "connect_timeout": TIMEOUT, "wecom_corp_id": "ww1", "wecom_agent_id": 7,
        "wecom_secret": SECRET, "sms_cn_key_id": "key-1", "sms_cn_key_secret": SECRET, "sms_cn_signature": "示例市外办",
        "sms_cn_templates": {"first": "SMS_100000001"}, "sms_cn_app_id": "1400000001", "gateway_secret": SECRET,
        "channels": ("sms", *HOOKS), "groups": groups,
    }  # fmt: skip
    return load(**(given | more))


def make(provider: str, home: Path, port: int, clock: FixedClock, **more: Any) -> Channel:
    """Return a channel that talks to a port of this machine."""
    base, settings = f"http://127.0.0.1:{port}", settings_of(home, **more)
    if provider == "gateway":
        return Webhook("wechat", settings, clock, f"{base}/messages")
    if provider == "aliyun_sms":
        return AliyunSms(settings, clock, base, lambda: "a-nonce")
    kinds: dict[str, Callable[[Settings, FixedClock, str], Channel]] = {
        "wecom": Wecom, "tencent_sms": TencentSms, "wecom_bot": WecomBot, "dingtalk_bot": DingtalkBot, "feishu_bot": FeishuBot,
    }  # fmt: skip
    return kinds[provider](settings, clock, base)


def notice(provider: str, body: str = "【示例市外办】示例：请留意安全。编号 7K2QFX") -> Outgoing:
    """Return a notice for a provider."""
    to = f"group:{GROUP}-{provider}" if provider in HOOKS else TO[provider]
    return Outgoing(17, 2, "7K2QFX", to, "zh", "示例", body, "", 3600, "5", "first", VARIABLES)
