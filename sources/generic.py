"""Sources added in the settings with a few lines and no code: any RSS or Atom feed, any HTML list; CAP is in `generic_cap.py`.

What such a source says is read as carefully as a hand-made one, but less is known about it: it is a stream, so that nothing
that scrolls off counts as withdrawn, and it is marked unproven.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import soupsieve
from bs4 import Tag

from core.errors import WrongSetting
from core.i18n import t
from core.places.names import codes
from core.settings_tables import ExtraSource
from sources.entries import Unreadable, moment_of, sort_out, web_address
from sources.formats import read_feed, read_whole_html, wrong_shape
from sources.generic_cap import parse_cap, read_messages
from sources.model import Advisory, Authority, Capture, Card, Get, Grade, Known, Publisher, Reading, Shape
from sources.reading.text import shown, to_text
from sources.reading.titles import read_title

_DATE = re.compile(r"(?<!\d)(\d{4})\s*[-./年]\s*(\d{1,2})\s*[-./月]\s*(\d{1,2})(?!\d)")


def card_of(extra: ExtraSource) -> Card:
    """Return the card of an added source. Its `change_limit` is the default of all sources.

    Raises:
        WrongSetting: one of its countries does not exist.
    """
    unknown = sorted(set(extra.countries) - codes())
    if unknown:
        raise WrongSetting(t("Source {name}: unknown country codes: {codes}", name=extra.id, codes=", ".join(unknown)))
    hosts = (urlsplit(extra.url).hostname or "", *extra.hosts)
    return Card(
        id=extra.id,
        publisher=extra.publisher,
        publisher_zh=extra.publisher_zh,
        authority=Authority(extra.authority),
        shape=Shape.STREAM,
        url=extra.url,
        hosts=tuple(dict.fromkeys(hosts)),
        language=extra.language,
        rhythm="not known",
        entries=extra.entries,
        stale_after=timedelta(days=extra.stale_days) if extra.stale_days else None,
        terms=extra.terms,
        unproven=not extra.trusted,
        proves_itself=False,
    )


def publisher_of(extra: ExtraSource) -> Publisher:
    """Return the publisher that an added source is.

    Raises:
        WrongSetting: its settings contradict what there is.
    """
    kinds: dict[str, type[_Feed] | type[_Page] | type[_Cap]] = {"rss": _Feed, "html": _Page, "cap": _Cap}
    return kinds[extra.kind](extra)


class _Feed:
    """Any RSS or Atom feed: the title of each entry says what it is about."""

    def __init__(self, extra: ExtraSource) -> None:
        """Take the address and what is fixed from the settings. Raises WrongSetting for a country there is not."""
        self.CARD, self.extra = card_of(extra), extra

    def parse(self, capture: Capture) -> Reading:
        """Read all entries. One without a title or a web address is quarantined. Pure.

        Raises:
            SourceBroken: this is no feed with entries.
        """
        feed = read_feed(capture)
        good, bad = sort_out(feed.entries, self._advisory, lambda entry: str(entry.get("title", ""))[:80])
        return Reading(_once(good), bad, built_at=moment_of(feed.feed.get("updated_parsed"), None))

    def read(self, get: Get, known: Known) -> Reading:
        """Fetch the one page there is, and parse it."""
        return self.parse(get(self.CARD.url))

    def _advisory(self, entry: Mapping[str, Any]) -> Advisory:
        when = moment_of(entry.get("published_parsed"), entry.get("published"))
        link = str(entry.get("link", "")).strip()
        title = " ".join(to_text(str(entry.get("title", ""))).split())
        key = str(entry.get("id", "")).strip() or link
        return advisory_of(self.extra, key, title, link, when=when, summary=to_text(str(entry.get("summary", ""))))


class _Page:
    """Any HTML list: the selectors in the settings say where an entry, its title, link and date are."""

    def __init__(self, extra: ExtraSource) -> None:
        """Take the address and the selectors from the settings. Raises WrongSetting for a selector that is none."""
        self.CARD, self.extra = card_of(extra), extra
        for selector in filter(None, (extra.item, extra.title, extra.link, extra.date)):
            try:
                soupsieve.compile(selector)
            except soupsieve.SelectorSyntaxError as error:
                raise WrongSetting(
                    t("Source {name}: no selector: {selector}", name=extra.id, selector=selector)
                ) from error

    def parse(self, capture: Capture) -> Reading:
        """Read all entries. One without a title or a web address, or with a date that is none, is quarantined. Pure.

        Raises:
            SourceBroken: this is no whole page, or nothing on it is what the selector says.
        """
        items = read_whole_html(capture).select(self.extra.item)
        if not items:
            raise wrong_shape(capture, t("entries for the selector {selector}", selector=self.extra.item))
        good, bad = sort_out(items, self._advisory, lambda item: " ".join(item.get_text().split())[:80])
        return Reading(_once(good), bad)

    def read(self, get: Get, known: Known) -> Reading:
        """Fetch the one page there is, and parse it."""
        return self.parse(get(self.CARD.url))

    def _advisory(self, item: Tag) -> Advisory:
        anchor = _pick(item, self.extra.link or "a[href]")
        named = _pick(item, self.extra.title) if self.extra.title else anchor
        link = str(anchor.get("href", "")) if anchor is not None else ""
        title = shown(named or item)
        dated = _pick(item, self.extra.date) if self.extra.date else item
        when = _date(dated.get_text(" ") if dated is not None else "", needed=bool(self.extra.date))
        return advisory_of(self.extra, web_address(self.CARD.url, link), title, link, when=when)


class _Cap:
    """Any CAP source: one message, or a feed whose entries link to messages."""

    def __init__(self, extra: ExtraSource) -> None:
        """Take the address and what is fixed from the settings. Raises WrongSetting for a country there is not."""
        self.CARD, self.extra = card_of(extra), extra

    def parse(self, capture: Capture) -> Reading:
        """Read one message. Pure.

        Raises:
            SourceBroken: this is no CAP message. (A feed of links has nothing to read without its messages.)
        """
        return parse_cap(self.extra, capture, Known())

    def read(self, get: Get, known: Known) -> Reading:
        """Fetch the message, or the feed and the messages it links to. One that cannot be had is a note."""
        return read_messages(self.extra, get, known)


def advisory_of(
    extra: ExtraSource, key: str, title: str, link: str, *, when: datetime | None, summary: str = ""
) -> Advisory:
    """Make the advisory of one entry from its title: level, places and hazards are what the title says.

    Countries in the settings go before those of the title. A hazard feed becomes a draft where the title names something
    as happening, else a line in the brief.

    Raises:
        Unreadable: no title, no key, or no web address.
    """
    if not title or not link or not key:
        raise Unreadable(t("a line without title or link"))
    said = read_title(title)
    fixed = tuple(sorted(extra.countries))
    nowhere = not (fixed or said.countries or said.worldwide or said.ambiguous or said.unresolved)
    return Advisory(
        source=extra.id,
        native_id=key,
        title=title,
        summary=summary,
        url=web_address(extra.url, link),
        language=extra.language,
        countries=fixed or said.countries,
        places=said.places,
        worldwide=said.worldwide and not fixed,
        level_national=Grade.UNSTATED if said.regional else said.level,
        level_regional_max=said.level if said.regional else Grade.UNSTATED,
        level_words=said.level_words,
        hazards=said.hazards,
        acute=said.acute,
        published_at=when,
        updated_at=when,
        unresolved=(title,) if nowhere else () if fixed else said.unresolved,
        ambiguous=() if fixed else said.ambiguous,
        tier=(2 if said.acute else 1) if Authority(extra.authority) is Authority.HAZARD else None,
    )


def _once(advisories: tuple[Advisory, ...]) -> tuple[Advisory, ...]:
    """Return each entry once, the first: lists pin an entry at the top and repeat it below."""
    first: dict[str, Advisory] = {}
    for one in advisories:
        first.setdefault(one.native_id, one)
    return tuple(first.values())


def _pick(item: Tag, selector: str) -> Tag | None:
    if selector == "a[href]" and item.name == "a":
        return item
    return item.select_one(selector)


def _date(text: str, *, needed: bool) -> datetime | None:
    """Read the first date of a text, as midnight UTC; None if none is expected and none is there."""
    match = _DATE.search(text)
    if match is None and not needed:
        return None
    try:
        if match is not None:
            return datetime(int(match[1]), int(match[2]), int(match[3]), tzinfo=UTC)
    except ValueError:
        pass
    raise Unreadable(t("unreadable date: {value}", value=text.strip()[:80]))
