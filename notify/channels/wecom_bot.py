"""Posts to WeCom groups by a group robot (企业微信群机器人): the key is in the webhook, 20 posts a minute, 2,048 bytes.

Source: developer.work.weixin.qq.com/document/path/91770. The codes are from its list of global error codes [belief].
"""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from notify.channels.bots import Bots, Hook
from notify.channels.http_line import HEADERS, Call, as_json
from notify.channels.meanings import Meaning
from notify.channels.pace import Limit


class WecomBot(Bots):
    """The channel."""

    name = "wecom_bot"
    provider = "wecom_bot"
    limits = (Limit(20, 60.0),)
    most_bytes = 2_048
    code_field, words_field = "errcode", "errmsg"
    codes: ClassVar = {
        "-1": (Meaning.DOUBT, None),  # 系统繁忙: nothing is said of what became of the post
        "45009": (Meaning.WAIT, 60.0),  # 接口调用超过限制
        "45033": (Meaning.WAIT, 10.0),  # 接口并发调用超过限制
    }

    def request(self, body: str, hook: Hook, now: datetime) -> Call:
        """Return the request that posts a text."""
        return Call(hook.url, as_json({"msgtype": "text", "text": {"content": body}}), HEADERS)
