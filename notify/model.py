"""The nouns of an alert on its way: drafts, texts and what the office is called. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from core.i18n import Language
from notify.own.model import Audience
from notify.tables import VersionKind
from sources.model import Contact

LANGUAGES: tuple[Language, ...] = ("zh", "en")
BASELINE = "baseline"
"""The rule of a version that stood already when its source was first read: nobody was told, and whoever comes later is (promise 6)."""
OFFICER = "officer"
"""The rule of a version that an officer wrote."""

LATER = "later-joiner"
"""The rule under which somebody who came when an alert was in force already is a recipient."""


@dataclass(frozen=True)
class OfficeName:
    """How the office calls itself in notices, and the zone in which its day begins."""

    zh: str
    en: str
    phone: str = ""
    zone: str = "Asia/Shanghai"

    @property
    def signature(self) -> str:
        """Return the signature that opens every notice; carriers count it in the length."""
        return f"【{self.zh}】"


@dataclass(frozen=True)
class Manner:
    """How a notice goes out: over all channels at once or the preferred one, kept back at night, to the doubtful too."""

    every_channel: bool
    quiet: bool
    include_doubtful: bool


def manner_of(level: int | None, broken_by: int = 4) -> Manner:
    """Return how an officer's notice of a level goes out: as the default policy says for that level (DESIGN section 6).

    Args:
        broken_by: the level from which quiet hours are broken.
    """
    severe, high = level == 4, (level or 0) >= 3
    return Manner(every_channel=severe, quiet=(level or 0) < broken_by, include_doubtful=high)


@dataclass(frozen=True)
class AlertDraft:
    """Everything an alert version says and to whom, before it is a row.

    Attributes:
        level: 1 to 4; None if the source states none: it is never made up.
        level_words: the publisher's own words.
        origin_zh, origin_en: who said it, as readers know them.
        countries: ISO codes; empty means that an officer must place it before it can go anywhere.
        follows: for a later version, the alert it belongs to.
        told_only: it goes to exactly those who were told before: a danger that is less is no news to anybody else.
        origin_key: unique name of what it came from; None for an officer's own.
        template: the office's own set of wordings it is worded by; empty: the usual one.
        audience: whom in these countries it is for; by default everybody.
        since: it goes to people who came later: when what it says was issued, and that it still stands, is said first.
        drill: nothing has happened: it carries the marks of a drill and goes to the allow-list only, in whatever mode we are.
    """

    kind: VersionKind
    level: int | None
    level_words: str
    title_zh: str
    title_en: str
    body_zh: str
    body_en: str
    origin_zh: str
    origin_en: str
    url: str
    countries: tuple[str, ...]
    regions: tuple[str, ...]
    hazard: str
    as_of: datetime
    rule: str
    channels: tuple[str, ...]
    every_channel: bool
    quiet: bool
    validity_minutes: int
    policy: str = ""
    template: str = ""
    contacts: tuple[Contact, ...] = ()
    ask_safe: bool = False
    include_doubtful: bool = False
    source_id: str | None = None
    native_id: str | None = None
    change_id: int | None = None
    advisory_id: int | None = None
    origin_key: str | None = None
    follows: int | None = None
    told_only: bool = False
    issued_at: datetime | None = None
    audience: Audience = field(default_factory=Audience)
    drill: bool = False
    since: datetime | None = None


@dataclass(frozen=True)
class NoticeText:
    """One text: of a version, in a language, for a channel and a variant of readers. `body` keeps the gap `{ref}`.

    Attributes:
        template: for a provider that sends approved templates only, which of ours; empty: the body is sent as it is.
        variables: what fills that template, each with the gap too; `body` is what the reader then sees.
        wording: which wording made it: a shipped file with the hash of its text, or a version of the office's own.
    """

    language: str
    channel: str
    variant: str
    subject: str
    body: str
    html: str
    parts: int
    template: str = ""
    variables: Mapping[str, str] = field(default_factory=dict)
    wording: str = ""
