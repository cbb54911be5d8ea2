"""From the versions of an alert to its chain of messages: Alert, Update, Cancel, each naming those before it. Pure.

What an officer wrote is never published. Where an officer's version follows a published one, the public is told with a Cancel,
without the officer's words, that what was published does not hold any more.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID, uuid5

from core.i18n import Language, t
from core.places.names import display
from notify.cap.message import Area, Info, Message
from notify.cap.words import (
    BRIEF,
    CATEGORIES,
    LONG,
    LONGEST,
    RESPONSE,
    SEVERITY,
    STATUS,
    SUDDEN,
    UNKNOWN,
    URGENCY,
    event_of,
    hazard_of,
)
from notify.model import OfficeName
from notify.numbers import HOTLINE
from notify.tables import VersionKind

TAGS: dict[Language, str] = {"zh": "zh-CN", "en": "en"}
LONGEST_HEADLINE = 140


@dataclass(frozen=True)
class Version:
    """A released version, with what a message needs of its alert.

    Attributes:
        by_rule: a rule released the words of a home authority: they may be public.
        ends: when the source itself says that it ends. `canceled_at`: an officer called the sending off.
        contacts: as pairs of label and number, as the source prints them.
    """

    alert_id: int
    no: int
    kind: str
    mode: str
    instance_uid: str
    hazard: str
    level: int | None
    level_words: str
    title_zh: str
    title_en: str
    body_zh: str
    body_en: str
    source_id: str
    origin: str
    url: str
    countries: tuple[str, ...]
    regions: str
    contacts: tuple[tuple[str, str], ...]
    released_at: datetime
    by_rule: bool
    ends: datetime | None = None
    canceled_at: datetime | None = None


@dataclass(frozen=True)
class Publisher:
    """Who publishes: the office, and the address that is the sender of its messages."""

    office: OfficeName
    sender: str


def chain_of(versions: Sequence[Version], publisher: Publisher, *, public: bool) -> tuple[Message, ...]:
    """Return the messages of one alert, oldest first. With `public` only what may be public is in them."""
    made: list[Message] = []
    for version in versions:
        running = _running(made)
        if public and not version.by_rule:
            made += [_end(version, publisher, running, version.released_at, public)] if running else []
            continue
        if version.kind == VersionKind.ALL_CLEAR and not running:
            continue  # Of what was never published there is no end.
        made.append(_message(version, publisher, running, public=public))
        if version.canceled_at is not None and made[-1].kind != "Cancel":
            made.append(_end(version, publisher, _running(made), version.canceled_at, public))
    return tuple(made)


def _running(made: Sequence[Message]) -> tuple[Message, ...]:
    """Return the messages since the last Cancel: those that a later one must name."""
    ended = max((place for place, one in enumerate(made, 1) if one.kind == "Cancel"), default=0)
    return tuple(made[ended:])


def _message(version: Version, publisher: Publisher, running: tuple[Message, ...], *, public: bool) -> Message:
    over = version.kind == VersionKind.ALL_CLEAR
    kind = "Alert" if not running else "Cancel" if over else "Update"
    expires = _expires(version) if kind != "Cancel" else max(one.expires for one in running)
    infos = tuple(_info(version, publisher, language, expires, over=over) for language in TAGS)
    return _made(version, publisher, kind, running, public=public, infos=infos)


def _end(version: Version, publisher: Publisher, running: tuple[Message, ...], at: datetime, public: bool) -> Message:
    """Return a Cancel in our own words, with nothing of the version in it."""
    last = running[-1]
    said = t("What was published here before does not hold any more. See the source.")
    infos = tuple(
        replace(info, headline=said.render(language), description="", response="AllClear", parameters=())
        for info, language in zip(last.infos, TAGS, strict=True)
    )
    made = _made(version, publisher, "Cancel", running, public=public, infos=infos)
    name = f"cap/end/{version.alert_id}/{version.no}/{public}"
    return replace(made, uuid=str(uuid5(UUID(version.instance_uid), name)), sent=_whole(at))


def _made(
    version: Version,
    publisher: Publisher,
    kind: str,
    running: tuple[Message, ...],
    *,
    public: bool,
    infos: tuple[Info, ...],
) -> Message:
    name = f"cap/{version.alert_id}/{version.no}/{public}"
    status = STATUS[version.mode]
    note = "" if status == "Actual" else t("[DRILL] This is no real alert.").render("zh")
    return Message(
        uuid=str(uuid5(UUID(version.instance_uid), name)), sender=publisher.sender, sent=_whole(version.released_at),
        status=status, kind=kind, scope="Public" if public else "Restricted",
        restriction="" if public else t("For the office, and those it hands this to.").render("zh"), note=note,
        references=running, incidents=str(uuid5(UUID(version.instance_uid), f"cap/alert/{version.alert_id}")), infos=infos,
    )  # fmt: skip


def _info(version: Version, publisher: Publisher, language: Language, expires: datetime, *, over: bool) -> Info:
    hazard, level, zh = hazard_of(version.hazard), version.level or 0, language == "zh"
    office = publisher.office
    return Info(
        language=TAGS[language], category=CATEGORIES[hazard], event=event_of(hazard).render(language),
        event_code=hazard.value, response="AllClear" if over else RESPONSE.get(level, "Monitor"),
        urgency="Past" if over else URGENCY.get(level, UNKNOWN), severity="Minor" if over else SEVERITY.get(level, UNKNOWN),
        certainty="Likely" if level and not over else UNKNOWN, expires=expires, sender_name=office.zh if zh else office.en,
        headline=_headline(version, language), description=_description(version, language),
        instruction=_numbers(version, language), web=version.url if version.url.startswith(("https://", "http://")) else "",
        contact=" / ".join(filter(None, (office.phone, HOTLINE))),
        parameters=_parameters(version), areas=tuple(_area(version, code, language) for code in version.countries),
    )  # fmt: skip


def _headline(version: Version, language: Language) -> str:
    title = version.title_zh if language == "zh" else version.title_en
    if language == "en" and title.strip() in {"", version.title_zh.strip()}:
        # The same text must not stand under two languages.
        names = ", ".join(display(code, "en") for code in version.countries)
        title = t("Safety notice: {places}", places=names).render("en")
    if STATUS[version.mode] != "Actual":
        title = t("[DRILL] ").render(language) + title
    return title if len(title) <= LONGEST_HEADLINE else title[: LONGEST_HEADLINE - 1] + "…"


def _description(version: Version, language: Language) -> str:
    if language == "zh" or version.body_en.strip() != version.body_zh.strip():
        return version.body_zh if language == "zh" else version.body_en
    return t("The text is in Chinese: see the part zh-CN, or the link.").render("en") if version.body_zh else ""


def _numbers(version: Version, language: Language) -> str:
    """Return the lines that help, as the source prints them, and 12308; never advice of ours."""
    hotline = t("12308, consular protection, day and night: {number}", number=HOTLINE).render(language)
    lines = [f"{label}：{number}" for label, number in version.contacts if "12308" not in number]
    return "\n".join([*(lines if language == "zh" else ()), hotline])


def _parameters(version: Version) -> tuple[tuple[str, str], ...]:
    origin = version.origin.split("|")[-1]
    return tuple(
        (name, value)
        for name, value in (
            ("sourceId", version.source_id), ("sourceName", origin), ("sourceUrl", version.url),
            ("sourceLevel", version.level_words), ("level", str(version.level or "")), ("version", str(version.no)),
        )
        if value
    )  # fmt: skip


def _area(version: Version, code: str, language: Language) -> Area:
    name = display(code, language)
    # With several countries nobody has said which region is in which.
    parts = f"：{version.regions}" if language == "zh" and version.regions and len(version.countries) == 1 else ""
    return Area(f"{name}{parts}", code)


def _expires(version: Version) -> datetime:
    sent = _whole(version.released_at)
    usual = sent + (BRIEF if hazard_of(version.hazard) in SUDDEN else LONG)
    if version.ends is None or version.ends <= sent:
        return usual
    return min(_whole(version.ends), sent + LONGEST)


def _whole(moment: datetime) -> datetime:
    return moment.replace(microsecond=0)
