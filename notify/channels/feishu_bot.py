"""Posts to Feishu groups by a custom bot (飞书自定义机器人): signed with a time in seconds, 100 posts a minute and 5 a second.

Source: open.larkoffice.com, "custom bot guide" (limits, 11232, 19021, 19022, 19024, 9499).
"""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from notify.channels import signing
from notify.channels.bots import Bots, Hook
from notify.channels.http_line import HEADERS, Call, as_json
from notify.channels.meanings import Meaning
from notify.channels.pace import Limit


class FeishuBot(Bots):
    """The channel."""

    name = "feishu_bot"
    provider = "feishu_bot"
    limits = (Limit(100, 60.0), Limit(5, 1.0))
    most_bytes = 18_000
    code_field, words_field = "code", "msg"
    codes: ClassVar = {"11232": (Meaning.WAIT, 60.0)}  # frequency limited, common at full and half hours

    def request(self, body: str, hook: Hook, now: datetime) -> Call:
        """Return the request that posts a text; signed in the body, if the group's bot asks for it."""
        value: dict[str, object] = {"msg_type": "text", "content": {"text": body}}
        if hook.secret:
            seconds = int(now.timestamp())
            value |= {"timestamp": str(seconds), "sign": signing.feishu(hook.secret, seconds)}
        return Call(hook.url, as_json(value), HEADERS)

    def meaning(self, code: str, words: str) -> tuple[Meaning, float | None]:
        """Return what a code means: 9499 is both “bad request” and “too many requests” [belief]."""
        if code == "9499" and "too many" in words.lower():
            return Meaning.WAIT, 60.0
        return super().meaning(code, words)
