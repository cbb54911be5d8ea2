"""WeCom, DingTalk and Feishu as the sandbox plays them: HTTP 200 with a code in the body, limits, signatures, tokens. Pure.

Members whose id begins with `gone-` do not exist, and `unlicensed-` have no licence. Groups are named by the end of the
webhook's address.
"""

from __future__ import annotations

import hmac
from collections import deque
from dataclasses import dataclass, field
from datetime import timedelta

from notify.channels import signing
from notify.sandbox import home_keys as keys
from notify.sandbox.asked import Asked, Taken, text_of
from notify.sandbox.wire import Answer, as_json

TOKEN_LASTS = timedelta(hours=2)
MINUTE, HOUR = timedelta(minutes=1), 3_600
MOST_BYTES, BIG = 2_048, 20_000
FEISHU = "/open-apis/bot/v2/hook/"
PATHS = ("/cgi-bin/", "/robot/send", FEISHU)

Reply = Taken | Answer


@dataclass
class Chats:
    """The three chat services. It remembers tokens and how often each robot posted."""

    tokens: dict[str, float] = field(default_factory=dict)
    posted: dict[str, deque[float]] = field(default_factory=dict)

    def answer(self, asked: Asked) -> Reply:
        """Answer one request."""
        if asked.path == "/cgi-bin/gettoken":
            return self._token(asked)
        if asked.path == "/cgi-bin/message/send":
            return self._message(asked)
        if asked.path == "/cgi-bin/webhook/send":
            return self._wecom_bot(asked)
        if asked.path == "/robot/send":
            return self._dingtalk(asked)
        return self._feishu(asked)

    def expire(self) -> None:
        """Let every token run out now."""
        self.tokens.clear()

    def _token(self, asked: Asked) -> Answer:
        if asked.query.get("corpid") != keys.CORP_ID or not _same(asked.query.get("corpsecret", ""), keys.SECRET):
            return _error(40001, "invalid credential")
        token = f"token-{len(self.tokens) + 1}-{int(asked.now.timestamp() * 1_000_000)}"
        self.tokens[token] = (asked.now + TOKEN_LASTS).timestamp()
        return as_json(200, {"errcode": 0, "errmsg": "ok", "access_token": token, "expires_in": 7_200})

    def _message(self, asked: Asked) -> Reply:
        if self.tokens.get(asked.query.get("access_token", ""), 0.0) <= asked.now.timestamp():
            return _error(42001, "access_token expired")
        fields = asked.fields
        to, inner = text_of(fields.get("touser")), fields.get("text")
        words = text_of(inner.get("content")) if isinstance(inner, dict) else ""
        if fields.get("agentid") != keys.AGENT_ID:
            return _error(40056, "invalid agentid")
        if not words or fields.get("msgtype") != "text":
            return _error(44004, "content is empty")
        if to.startswith("gone-") or not to:
            return _error(81013, "user & party & tag all invalid")
        if to.startswith("unlicensed-"):
            return as_json(200, {"errcode": 0, "errmsg": "ok", "unlicenseduser": to, "msgid": "wecom-none"})
        once = "-once" if fields.get("enable_duplicate_check") == 1 else ""
        return Taken(
            f"wecom{once}", to, "WeCom", words.encode()[:MOST_BYTES].decode("utf-8", "ignore"), lambda seq: f"wecom-{seq}",
            lambda sid: as_json(200, {"errcode": 0, "errmsg": "ok", "invaliduser": "", "msgid": sid}), final=True,
        )  # fmt: skip

    def _wecom_bot(self, asked: Asked) -> Reply:
        key, inner = asked.query.get("key", ""), asked.fields.get("text")
        words = text_of(inner.get("content")) if isinstance(inner, dict) else ""
        if not key or key.startswith("gone"):
            return _error(93000, "invalid webhook url")
        if self._too_often(f"wecom/{key}", asked, 20):
            return _error(45009, "api freq out of limit")
        if not words or len(words.encode()) > MOST_BYTES:
            return _error(40058, "content exceed max length")
        return _post("wecom_bot", key, words, {"errcode": 0, "errmsg": "ok"})

    def _dingtalk(self, asked: Asked) -> Reply:
        token, inner = asked.query.get("access_token", ""), asked.fields.get("text")
        words = text_of(inner.get("content")) if isinstance(inner, dict) else ""
        millis, sign = asked.query.get("timestamp", ""), asked.query.get("sign", "")
        if not token or token.startswith("gone"):
            return _error(300001, "token is not exist")
        # A group without a secret is not signed; what is signed must be right.
        if (millis or sign) and not _signed_well(millis, sign, asked, 1_000):
            return _error(310000, "sign not match")
        if self._too_often(f"dingtalk/{token}", asked, 20):
            return _error(130101, "send too fast, exceed 20 times per minute")
        if not words or len(asked.body) > BIG:
            return _error(400106, "text is empty or too long")
        return _post("dingtalk_bot", token, words, {"errcode": 0, "errmsg": "ok"})

    def _feishu(self, asked: Asked) -> Reply:
        token, fields = asked.path.removeprefix(FEISHU), asked.fields
        inner = fields.get("content")
        words = text_of(inner.get("text")) if isinstance(inner, dict) else ""
        seconds, sign = text_of(fields.get("timestamp")), text_of(fields.get("sign"))
        if not token or token.startswith("gone"):
            return as_json(200, {"code": 19001, "msg": "param invalid: incoming webhook access token invalid"})
        if (seconds or sign) and not _signed_well(seconds, sign, asked, 1):
            return as_json(
                200, {"code": 19021, "msg": "sign match fail or timestamp is not within one hour from current time"}
            )
        if self._too_often(f"feishu/{token}", asked, 100):
            return as_json(
                200, {"code": 11232, "msg": "frequency limited psm[lark.oapi.app_platform_runtime]appID[1500]"}
            )
        if not words or len(asked.body) > BIG:
            return as_json(400, {"code": 9499, "msg": "Bad Request", "data": {}})
        return _post("feishu_bot", token, words, {"code": 0, "msg": "success", "data": {}, "StatusCode": 0})

    def _too_often(self, name: str, asked: Asked, most: int) -> bool:
        made, now = self.posted.setdefault(name, deque()), asked.now.timestamp()
        while made and made[0] <= now - MINUTE.total_seconds():
            made.popleft()
        made.append(now)
        return len(made) > most


def throttled(path: str) -> Answer:
    """Return what a chat service answers to whom it finds too fast."""
    if path.startswith(FEISHU):
        return as_json(200, {"code": 11232, "msg": "frequency limited"})
    return _error(130101 if path == "/robot/send" else 45009, "api freq out of limit")


def _post(provider: str, group: str, words: str, fields: dict[str, object]) -> Taken:
    return Taken(
        provider, group, provider, words, lambda seq: f"{provider}-{seq}", lambda sid: as_json(200, fields), final=True
    )


def _signed_well(at: str, sign: str, asked: Asked, per_second: int) -> bool:
    if not at.isdecimal() or abs(int(at) / per_second - asked.now.timestamp()) > HOUR:
        return False
    made = signing.dingtalk(keys.SECRET, int(at)) if per_second > 1 else signing.feishu(keys.SECRET, int(at))
    return _same(made, sign)


def _same(one: str, other: str) -> bool:
    return hmac.compare_digest(one.encode(), other.encode())


def _error(code: int, words: str) -> Answer:
    return as_json(200, {"errcode": code, "errmsg": f"{words}, hint: [sandbox]"})
