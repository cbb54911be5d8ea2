"""Manual alerts: an officer's own words, for countries the officer names. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, field_validator

from core.errors import BadInput
from core.i18n import t
from core.places.finder import resolve
from core.places.names import codes
from notify.model import AlertDraft, OfficeName, manner_of
from notify.routing import SMS_CN, by_level
from notify.tables import VersionKind

ChannelName = Literal["sms", "whatsapp", "voice", "email", "wecom", "wechat"]
"""What an officer may list: SMS at home goes with `sms`, and the robots of groups by themselves."""


LISTED: tuple[str, ...] = get_args(ChannelName)


def usual_channels(channels: Sequence[str], level: int) -> list[str]:
    """Return what an alert of a level lists if its officer says nothing, by the channels of the settings: calls from level 4."""
    named = ["sms" if one == SMS_CN else one for one in by_level(channels, level)]
    return list(dict.fromkeys(one for one in named if one in LISTED))


def _both() -> list[ChannelName]:
    return ["sms", "email"]


class ManualAlert(BaseModel):
    """What an officer fills in, at the command line or in Prefect's form. The titles are what the form shows."""

    model_config = ConfigDict(extra="forbid", title="人工预警 Manual alert", str_strip_whitespace=True)

    countries: list[str] = Field(
        title="国家（地区） Countries", description="中文名、英文名或两位代码，每行一个 Names or ISO codes, one a line",
        min_length=1, max_length=30, json_schema_extra={"position": 0},
    )  # fmt: skip
    level: Literal[1, 2, 3, 4] = Field(
        title="等级 Level", description="4 为暂勿前往 4 is do not travel", json_schema_extra={"position": 1}
    )
    title_zh: str = Field(
        title="标题（中文） Title in Chinese", min_length=4, max_length=120, json_schema_extra={"position": 2}
    )
    body_zh: str = Field("", title="正文（中文） Text in Chinese", max_length=2000, json_schema_extra={"position": 3})
    title_en: str = Field("", title="标题（英文） Title in English", max_length=200, json_schema_extra={"position": 4})
    body_en: str = Field("", title="正文（英文） Text in English", max_length=4000, json_schema_extra={"position": 5})
    channels: list[ChannelName] = Field(
        default_factory=_both, title="渠道 Channels", min_length=1, json_schema_extra={"position": 6}
    )
    valid_hours: int = Field(24, title="有效小时 Valid for hours", ge=1, le=240, json_schema_extra={"position": 7})
    url: str = Field("", title="链接 Link", max_length=500, json_schema_extra={"position": 8})

    @field_validator("channels")
    @classmethod
    def _once_each(cls, value: list[ChannelName]) -> list[ChannelName]:
        return list(dict.fromkeys(value))

    @field_validator("url")
    @classmethod
    def _web_address(cls, value: str) -> str:
        if value and not value.startswith(("https://", "http://")):
            raise ValueError("a link begins with https://")
        if len(value.split()) > 1:
            raise ValueError("a link has no blanks")
        return value

    @field_validator("title_zh", "title_en")
    @classmethod
    def _one_line(cls, value: str) -> str:
        return " ".join(value.split())


def read_countries(words: list[str]) -> tuple[str, ...]:
    """Turn the words for countries into codes.

    Raises:
        BadInput: a word is no country we know; the sentence names it. Nothing is guessed.
    """
    found: set[str] = set()
    for word in words:
        code = word.strip().upper()
        got = (code,) if code in codes() else resolve(word.strip())
        if not got:
            raise BadInput(
                t("“{word}” is no country or region we know. Write its name or its two-letter code.", word=word)
            )
        found.update(got)
    return tuple(sorted(found))


def draft_manual(manual: ManualAlert, office: OfficeName, as_of: datetime) -> AlertDraft:
    """Write the draft of an officer's own alert.

    Raises:
        BadInput: a country is not known.
    """
    countries = read_countries(manual.countries)
    manner = manner_of(manual.level)
    return AlertDraft(
        kind=VersionKind.FIRST, level=manual.level, level_words="", title_zh=manual.title_zh,
        title_en=manual.title_en or f'"{manual.title_zh}"',
        body_zh=manual.body_zh, body_en=manual.body_en or manual.body_zh, origin_zh=office.zh, origin_en=office.en,
        url=manual.url, countries=countries, regions=(), hazard="other", as_of=as_of, rule="officer",
        channels=tuple(manual.channels), every_channel=manner.every_channel, quiet=manner.quiet,
        validity_minutes=manual.valid_hours * 60, include_doubtful=manner.include_doubtful, issued_at=as_of,
    )  # fmt: skip
