"""Messages of our WeCom application to members of the company (企业微信应用消息).

Sources: developer.work.weixin.qq.com/document/path/90236 (message/send, `enable_duplicate_check`), 90313 (error codes),
90454 (limits). The same text to the same member within half an hour reaches them once: that is how a doubt is resolved, for
nothing can be asked. That a message was read is told to nobody.
"""

from __future__ import annotations

import asyncio
import re
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

from core.clock import Clock
from core.settings import Settings
from notify.channels.base import (
    Accepted,
    Answer,
    CannotTell,
    InDoubt,
    NoLookup,
    NotSent,
    Outgoing,
    ProviderStatus,
    Rejected,
    Repeatable,
    Result,
)
from notify.channels.http_line import HEADERS, Call, HttpLine, Reply, as_json, by_status, host_of, redacted, word
from notify.channels.meanings import Meaning, told

REAL = "https://qyapi.weixin.qq.com"
MOST_BYTES = 2_048
"""Longer texts would be cut by WeCom, without a word."""

MEMBER = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.@-]{0,63}")
"""A member's id. `@all` and lists with | would reach everybody: they are no address."""

REPEAT_WINDOW = 1_800
SAFE_WINDOW = timedelta(seconds=REPEAT_WINDOW - 600)
"""A repeat is begun within this time only: it may wait for its turn for a while."""

DROPS_REPEATS_FOR = timedelta(seconds=REPEAT_WINDOW - 120)
"""A repeat whose turn comes later is not made: the call takes its time, and the clocks may differ."""

EARLY = timedelta(minutes=5)
STALE = frozenset({"40014", "41001", "42001"})
"""The token is wrong or over: nothing was done, and with a new one the same call may be made again."""

CODES: dict[str, tuple[Meaning, float | None]] = {
    "-1": (Meaning.DOUBT, None),  # 系统繁忙
    "45009": (Meaning.SLOW, 60.0),  # 接口调用超过限制
    "45033": (Meaning.SLOW, 10.0),  # 接口并发调用超过限制
    "40003": (Meaning.BAD_ADDRESS, None),  # 无效的UserID
    "60111": (Meaning.BAD_ADDRESS, None),  # UserID不存在
    "81013": (Meaning.BAD_ADDRESS, None),  # UserID全部非法或无权限
    "40001": (Meaning.STOPS, None),  # 不合法的secret参数
    "40013": (Meaning.STOPS, None),  # 不合法的CorpID
    "40056": (Meaning.STOPS, None),  # 不合法的agentid
    "40091": (Meaning.STOPS, None),  # secret不合法
    "48002": (Meaning.STOPS, None),  # API接口无权限调用
    "60011": (Meaning.STOPS, None),  # 指定的成员/部门/标签参数无权限
    "60020": (Meaning.STOPS, None),  # 访问ip不在白名单之中
    "301002": (Meaning.STOPS, None),  # 无权限操作指定的应用
}


class Wecom:
    """The channel. One instance per process; safe for many calls at once in one event loop."""

    name = "wecom"
    provider = "wecom"
    drops_repeats_for = DROPS_REPEATS_FOR

    def __init__(self, settings: Settings, clock: Clock, base_url: str = "") -> None:
        """Talk to `base_url` (empty: WeCom itself) as the application of the settings."""
        self._base, self._clock, self._line = base_url or REAL, clock, HttpLine(settings)
        self._corp, self._agent = settings.wecom_corp_id, settings.wecom_agent_id
        self._secret = settings.wecom_secret.get_secret_value()
        self._token, self._until = "", clock.now()
        self._lock = asyncio.Lock()

    @property
    def endpoint(self) -> str:
        """Return the host that is called."""
        return host_of(self._base)

    async def send(self, notice: Outgoing) -> Result:
        """Send one message; a token that has run out is fetched once more, for then nothing was done."""
        if not MEMBER.fullmatch(notice.address):
            return Rejected("address", "not the id of one member", address_bad=True)
        if len(notice.body.encode()) > MOST_BYTES:
            return Rejected("too-long", f"more than {MOST_BYTES} bytes")
        result: Result = NotSent("token", "no token that holds")
        for _ in range(2):
            token = await self._fetch_token()
            if not isinstance(token, str):
                return token
            reply = await self._line.call(self._message(notice, token))
            if not isinstance(reply, Reply):
                return reply
            if word(reply.fields.get("errcode")) not in STALE:
                return self._read(reply)
            self._forget(token)
        return result

    async def lookup(self, notice: Outgoing, since: datetime) -> Answer:
        """Say whether the same call may be made again: within the window WeCom drops a repeat; after it nothing is known."""
        return Repeatable() if self._clock.now() - since < SAFE_WINDOW else NoLookup()

    async def status(self, provider_id: str) -> ProviderStatus | CannotTell:
        """WeCom does not tell who has read what."""
        return CannotTell("wecom has no status")

    async def close(self) -> None:
        """Close the connections. The lock goes with the loop in which it was used."""
        self._lock = asyncio.Lock()
        await self._line.close()

    def _message(self, notice: Outgoing, token: str) -> Call:
        value = {
            "touser": notice.address, "msgtype": "text", "agentid": self._agent, "text": {"content": notice.body},
            "safe": 0, "enable_duplicate_check": 1, "duplicate_check_interval": REPEAT_WINDOW,
        }  # fmt: skip
        return Call(f"{self._base}/cgi-bin/message/send?access_token={quote(token, safe='')}", as_json(value), HEADERS)

    def _read(self, reply: Reply) -> Result:
        fields, code = reply.fields, word(reply.fields.get("errcode"))
        words = redacted(word(fields.get("errmsg")), self._secret, self._token)
        if not 200 <= reply.status < 300:
            return by_status(reply.status, reply.retry_after)
        if not code:
            return InDoubt("answer", "no code in the answer", reply.status)
        if code != "0":
            meaning, wait = CODES.get(code, (Meaning.REFUSED, None))
            return told(meaning, code, words, http=reply.status, wait=wait)
        if word(fields.get("invaliduser")):
            return Rejected("invaliduser", "not among the members who see our application", 200, address_bad=True)
        if word(fields.get("unlicenseduser")):
            return Rejected("unlicenseduser", "this member has no licence for messages", 200)
        return _accepted(fields)

    async def _fetch_token(self) -> str | NotSent | Rejected:
        """Return the token, fetched when there is none. Whatever fails here: the notice itself was not sent."""
        async with self._lock:
            if self._token and self._clock.now() < self._until:
                return self._token
            query = f"corpid={quote(self._corp, safe='')}&corpsecret={quote(self._secret, safe='')}"
            reply = await self._line.call(Call(f"{self._base}/cgi-bin/gettoken?{query}", method="GET"))
            if not isinstance(reply, Reply):
                return reply if isinstance(reply, NotSent | Rejected) else NotSent("token", reply.detail, 5.0)
            token, seconds = word(reply.fields.get("access_token")), word(reply.fields.get("expires_in"))
            if not token:
                return self._no_token(reply)
            lasts = timedelta(seconds=float(seconds) if seconds.isdecimal() else 7_200)
            self._token, self._until = token, self._clock.now() + max(lasts - EARLY, lasts / 2)
            return token

    def _no_token(self, reply: Reply) -> NotSent | Rejected:
        code = word(reply.fields.get("errcode")) or str(reply.status)
        meaning, wait = CODES.get(code, (Meaning.WAIT, None))
        detail = redacted(word(reply.fields.get("errmsg")), self._secret)
        if meaning is Meaning.STOPS:
            return Rejected(code, detail, reply.status, stops_channel=True)
        return NotSent(code, detail, wait or 5.0, throttled=meaning is Meaning.SLOW, http_status=reply.status)

    def _forget(self, token: str) -> None:
        if self._token == token:
            self._token = ""


def _accepted(fields: Any) -> Result:
    number = word(fields.get("msgid"))
    return Accepted(number, "sent", 200) if number else InDoubt("answer", "no msgid in the answer", 200)
