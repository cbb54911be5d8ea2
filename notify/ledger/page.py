"""A proof as one page to print: A4, black on white, everything in the file, nothing from another host. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from core.errors import BadInput
from core.i18n import Language, Message, t
from core.places.names import codes, display
from core.tables import Mode
from notify.ledger.model import Hand, Line, Notice, Post, Said
from notify.ledger.terms import GROUNDS, KINDS, channel_words, outcome_words, way_words
from notify.model import OfficeName
from notify.tables import DeliveryState, VersionKind
from notify.words import reason_words, state_words, status_words

MOST_LINES = 3000
"""More than this nobody prints; the tables hold everything."""
REFERENCE = "······"
"""Stands in a text where each notice has its own reference."""


@dataclass(frozen=True)
class Printed:
    """Who printed it, when, for whom to read, and what it is about in words.

    Attributes:
        last_seal: number and hash of the newest seal of the chain; 0 before the first.
        accounts: the equations of the versions, in words.
    """

    office: OfficeName
    about: Message
    by: str
    at: datetime
    language: Language
    shortened: bool
    last_seal: tuple[int, str] = (0, "")
    accounts: tuple[Message, ...] = ()


@dataclass
class Chapter:
    """One version: what it says, its texts by number, its lines, and its posts to groups."""

    said: Said
    texts: dict[tuple[str, str, str], int] = field(default_factory=dict)
    lines: list[tuple[Line, int]] = field(default_factory=list)
    posts: list[tuple[Post, int]] = field(default_factory=list)

    def add(self, line: Line) -> None:
        """Take up a line; number 0 stands for no text."""
        self.lines.append((line, 0 if line.notice is None else self._number(line.notice)))

    def add_post(self, post: Post) -> None:
        """Take up a post to a group."""
        self.posts.append((post, self._number(post.notice)))

    def _number(self, notice: Notice) -> int:
        plain = (
            notice.channel,
            notice.subject.replace(notice.ref, REFERENCE),
            notice.body.replace(notice.ref, REFERENCE),
        )
        return self.texts.setdefault(plain, len(self.texts) + 1)


def chapters(lines: Sequence[Line], posts: Sequence[Post] = ()) -> list[Chapter]:
    """Put lines and posts together by version.

    Raises:
        BadInput: there are more than anybody prints.
    """
    if len(lines) + len(posts) > MOST_LINES:
        raise BadInput(t("More than {most} lines are too many for a page: choose xlsx, csv or jsonl.", most=MOST_LINES))
    found: dict[int, Chapter] = {}
    for line in lines:
        found.setdefault(line.said.version_id, Chapter(line.said)).add(line)
    for post in posts:
        found.setdefault(post.said.version_id, Chapter(post.said)).add_post(post)
    return [found[number] for number in sorted(found)]


def page(lines: Sequence[Line], hands: Sequence[Hand], printed: Printed, posts: Sequence[Post] = ()) -> str:
    """Return the page as HTML.

    Raises:
        BadInput: there are more lines than anybody prints.
    """
    made = chapters(lines, posts)
    marks = sorted({one.said.mode for one in made} - {Mode.LIVE.value})
    template = _environment(printed.language, printed.office.zone).get_template("page.html")
    return template.render(printed=printed, chapters=made, hands=hands, marks=marks, reference=REFERENCE)


def state_of(notice: Notice) -> Message:
    """Say how a notice stands: the provider's word where there is one, else our own state, with the reason."""
    word = notice.provider_status
    if notice.state == "accepted" and word:
        plain: Message = state_words(f"provider_{word}")
    else:
        plain = state_words(notice.state)
    why = notice.error_code or notice.reason
    return t("{state}: {reason}", state=plain, reason=reason_words(why)) if why else plain


def state_of_post(post: Post) -> Message:
    """Say how a post to a group stands: "posted to", and never a word of "delivered"."""
    notice = post.notice
    if notice.state == DeliveryState.ACCEPTED:
        return t("posted to group {group}", group=post.group)
    plain, why = state_words(notice.state), notice.error_code or notice.reason
    return t("{state}: {reason}", state=plain, reason=reason_words(why)) if why else plain


@cache
def _environment(language: Language, zone: str) -> Environment:
    def said(value: object) -> object:
        return value.render(language) if isinstance(value, Message) else value

    def sentence(text: str, /, **values: object) -> str:
        return Message(text, values).render(language)

    def when(moment: datetime | None) -> str:
        return "" if moment is None else f"{moment.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M:%S}"

    made = Environment(
        loader=FileSystemLoader(Path(__file__).parent), autoescape=True, undefined=StrictUndefined, finalize=said,
        trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    made.globals |= {
        "t": sentence, "state_of": state_of, "state_of_post": state_of_post, "status": status_words, "channel": channel_words,
        "way": way_words, "outcome": outcome_words, "kind": lambda one: KINDS[VersionKind(one)], "language": language, "zone": zone,
        "ground": lambda one: GROUNDS.get(one, one), "word": _provider_word,
    }  # fmt: skip
    made.filters |= {
        "when": when,
        "css": _css_string,
        "country": lambda code: display(code, language) if code in codes() else code,
    }
    return made


def _css_string(text: str) -> Markup:
    """Write a text as a string of CSS: what is no letter or digit goes in as its number (CSS Syntax 3, section 4.3.7)."""
    safe = "".join(one if one.isalnum() else f"\\{ord(one):x} " for one in text)
    return Markup(f'"{safe}"')  # noqa: S704 - nothing but letters, digits and escapes is left


def _provider_word(status: str) -> Any:
    """Return what people read for a provider's word; one that is not known is shown as it is."""
    try:
        return state_words(f"provider_{status}")
    except KeyError:
        return status
