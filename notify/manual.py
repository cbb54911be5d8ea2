"""Manual alerts: an officer's own words, for the countries and people the officer names. Pure."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Literal, get_args

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints, field_validator

from core.errors import BadInput
from core.i18n import t
from core.places.finder import resolve
from core.places.names import codes
from notify.model import AlertDraft, OfficeName, manner_of
from notify.own.model import Audience
from notify.routing import SMS_CN, by_level
from notify.tables import VersionKind

ChannelName = Literal["sms", "whatsapp", "voice", "email", "wecom", "wechat"]
"""What an officer may list: SMS at home goes with `sms`, and the robots of groups by themselves."""
Word = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]

LISTED: tuple[str, ...] = get_args(ChannelName)
MOST_COUNTRIES = 30
EVERYWHERE = frozenset({
    "全部", "全部国家", "所有国家", "各国", "世界各国", "全球", "全世界", "世界", "境外", "国外", "海外",
    "*", "all", "allcountries", "everywhere", "everybody", "world", "worldwide", "global",
})  # fmt: skip
"""Words that mean everybody: nobody is told by such a word (DESIGN promise 8)."""


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
        min_length=1, max_length=MOST_COUNTRIES, json_schema_extra={"position": 0},
    )  # fmt: skip
    level: Literal[1, 2, 3, 4] = Field(
        title="等级 Level", description="4 为暂勿前往 4 is do not travel", json_schema_extra={"position": 1}
    )
    # No default that a form would fill in and the server then refuse as too short; `write` asks for it where no template gives one.
    title_zh: str = Field(
        default_factory=str, title="标题（中文） Title in Chinese", description="不用模板时必填 Needed without a template",
        min_length=4, max_length=120, json_schema_extra={"position": 2},
    )  # fmt: skip
    body_zh: str = Field("", title="正文（中文） Text in Chinese", max_length=2000, json_schema_extra={"position": 3})
    title_en: str = Field("", title="标题（英文） Title in English", max_length=200, json_schema_extra={"position": 4})
    body_en: str = Field("", title="正文（英文） Text in English", max_length=4000, json_schema_extra={"position": 5})
    channels: list[ChannelName] = Field(
        default_factory=_both, title="渠道 Channels", min_length=1, json_schema_extra={"position": 6}
    )
    valid_hours: int = Field(24, title="有效小时 Valid for hours", ge=1, le=240, json_schema_extra={"position": 7})
    url: str = Field("", title="链接 Link", max_length=500, json_schema_extra={"position": 8})
    places: list[Word] = Field(
        default_factory=list, title="地区、城市 Regions, cities",
        description="登记在别处的人不通知；未填地点的人仍会通知 Who is registered elsewhere is left out; who told no place is not",
        max_length=50, json_schema_extra={"position": 9},
    )  # fmt: skip
    employers: list[Word] = Field(
        default_factory=list,
        title="派出单位代码 Codes of employers",
        max_length=500,
        json_schema_extra={"position": 10},
    )
    people: list[int] = Field(
        default_factory=list, title="人员编号 Numbers of people", max_length=5000, json_schema_extra={"position": 11}
    )
    groups: list[Word] = Field(
        default_factory=list, title="已存人群 Saved groups", max_length=50, json_schema_extra={"position": 12}
    )
    ask_safe: bool = Field(False, title="请对方报平安 Ask whether they are safe", json_schema_extra={"position": 13})
    template: str = Field("", title="模板 Template", max_length=40, json_schema_extra={"position": 14})
    values: dict[str, str] = Field(
        default_factory=dict, title="模板变量 Variables of the template", json_schema_extra={"position": 15}
    )
    send_at: AwareDatetime | None = Field(
        None, title="定时发送 Send at", description="批准后到时才发 Leaves then, if it is approved by then",
        json_schema_extra={"position": 16},
    )  # fmt: skip
    expire_hours: int = Field(
        6,
        title="定时过期小时 Hours after which it is not sent any more",
        ge=1,
        le=72,
        json_schema_extra={"position": 17},
    )
    drill: bool = Field(
        False, title="演练 Drill", description="只发演练名单，带【演练】标记 Goes to the allow-list only, with its marks",
        json_schema_extra={"position": 18},
    )  # fmt: skip

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
        BadInput: none is given, one means everybody, or is no country we know; the sentence names it. Nothing is guessed.
    """
    if not any(word.strip() for word in words):
        raise BadInput(t("Name at least one country: an alert without a country goes to nobody."))
    found: set[str] = set()
    for word in words:
        if _plain(word) in EVERYWHERE:
            raise BadInput(t("“{word}” is not taken: an alert never goes to everybody. Name each country, at most {most}.",
                             word=word.strip(), most=MOST_COUNTRIES))  # fmt: skip
        code = word.strip().upper()
        got = (code,) if code in codes() else resolve(word.strip())
        if not got:
            raise BadInput(
                t("“{word}” is no country or region we know. Write its name or its two-letter code.", word=word)
            )
        found.update(got)
    if len(found) > MOST_COUNTRIES:
        raise BadInput(t("{count} countries are too many for one alert: {most} at most. An alert never goes to everybody.",
                         count=len(found), most=MOST_COUNTRIES))  # fmt: skip
    return tuple(sorted(found))


def _plain(word: str) -> str:
    return "".join(unicodedata.normalize("NFKC", word).casefold().split())


def draft_manual(
    manual: ManualAlert, office: OfficeName, as_of: datetime, audience: Audience | None = None, *, broken_by: int = 4
) -> AlertDraft:
    """Write the draft of an officer's own alert.

    Args:
        audience: whom it is for within its countries; None: what the places of the form say, and everybody there.
        broken_by: the level from which it breaks quiet hours.

    Raises:
        BadInput: a country is not known.
    """
    countries = read_countries(manual.countries)
    manner = manner_of(manual.level, broken_by)
    return AlertDraft(
        kind=VersionKind.FIRST, level=manual.level, level_words="", title_zh=manual.title_zh,
        title_en=manual.title_en or f'"{manual.title_zh}"',
        body_zh=manual.body_zh, body_en=manual.body_en or manual.body_zh, origin_zh=office.zh, origin_en=office.en,
        url=manual.url, countries=countries, regions=tuple(manual.places), hazard="other", as_of=as_of, rule="officer",
        channels=tuple(manual.channels), every_channel=manner.every_channel, quiet=manner.quiet, ask_safe=manual.ask_safe,
        validity_minutes=manual.valid_hours * 60, include_doubtful=manner.include_doubtful, issued_at=as_of,
        audience=Audience(places=tuple(manual.places)) if audience is None else audience, drill=manual.drill,
    )  # fmt: skip
