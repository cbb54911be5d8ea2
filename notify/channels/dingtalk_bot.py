"""Posts to DingTalk groups by a custom robot (钉钉自定义机器人): signed with a time in milliseconds, 20 posts a minute.

Who posts more often is shut out for ten minutes. Source: open.dingtalk.com/document/group/custom-robot-access; the codes
besides 310000 and 130101 [belief].
"""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar
from urllib.parse import urlencode

from notify.channels import signing
from notify.channels.bots import Bots, Hook
from notify.channels.http_line import HEADERS, Call, as_json
from notify.channels.meanings import Meaning
from notify.channels.pace import Limit

SHUT_OUT = 600.0


class DingtalkBot(Bots):
    """The channel."""

    name = "dingtalk_bot"
    provider = "dingtalk_bot"
    limits = (Limit(20, 60.0),)
    most_bytes = 18_000
    code_field, words_field = "errcode", "errmsg"
    codes: ClassVar = {
        "-1": (Meaning.DOUBT, None),  # 系统繁忙
        "130101": (Meaning.WAIT, SHUT_OUT),  # send too fast
        "410100": (Meaning.WAIT, SHUT_OUT),  # 发送速度太快而限流
        "90018": (Meaning.WAIT, 60.0),  # 超过接口调用频率
        "90030": (Meaning.WAIT, SHUT_OUT),  # webhook over limit
    }

    def request(self, body: str, hook: Hook, now: datetime) -> Call:
        """Return the request that posts a text; signed, if the group's robot asks for it."""
        url, millis = hook.url, int(now.timestamp() * 1000)
        if hook.secret:
            url += ("&" if "?" in url else "?") + urlencode(
                {"timestamp": millis, "sign": signing.dingtalk(hook.secret, millis)}
            )
        return Call(url, as_json({"msgtype": "text", "text": {"content": body}}), HEADERS)
