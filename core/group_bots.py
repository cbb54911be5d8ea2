"""Groups in which a robot of ours posts, as the settings name them. Pure."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator


class GroupBot(BaseModel):
    """A group in which a robot of ours posts what concerns a country: the group of liaison officers, of a company abroad.

    Attributes:
        name: how we call the group; notices are recorded as “posted to” it, and a drill allows it as `group:NAME`.
        kind: whose robot it is, which is the name of the channel.
        url: the robot's webhook with its key: whoever has it can post.
        secret: key of the signature, for DingTalk and Feishu, where it is switched on.
        countries: ISO codes of the countries it hears of; empty: all.
        min_level: it hears of alerts of this level and above; 0: also of those without one.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(pattern=r"^\S(.{0,58}\S)?$")
    kind: Literal["wecom_bot", "dingtalk_bot", "feishu_bot"]
    url: SecretStr
    secret: SecretStr = SecretStr("")
    countries: tuple[Annotated[str, Field(pattern="^[A-Z]{2}$")], ...] = ()
    min_level: int = Field(3, ge=0, le=4)

    @field_validator("url")
    @classmethod
    def _safe(cls, value: SecretStr) -> SecretStr:
        return SecretStr(safe_url(value.get_secret_value()))


def safe_url(value: str) -> str:
    """Return an address over https, or over plain http on this machine.

    Raises:
        ValueError: it is another one.
    """
    if not re.match(r"https://[^/\s]+|http://(127\.0\.0\.1|localhost)(:\d+)?(/|$)", value):
        raise ValueError("an address over https is needed, or http://127.0.0.1")
    return value.rstrip("/")
