"""US embassies: the alert feeds of the posts in `data/us_embassies.csv` and in the settings. Off unless switched on. Pure but for `read`.

Facts (no feed was ever captured; WordPress RSS 2.0; knowledge: sources-western, section 3):
- The sites often refuse clients in data centres (403): each post fails alone, as a note.
- Titles begin with the kind ("Security Alert: …"), bodies have "Location:", "Event:", "Actions to Take:". No level.
- An alert names no end: it is taken to hold for 14 days.
- The post's country is the alert's, unless its title names another one only: then an officer must place it.
- "U.S." in a title is who speaks, not a place.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from core.i18n import t
from core.places.finder import find
from core.places.tables import rows
from core.settings_tables import PostSite
from sources.entries import Unreadable, moment_of, sort_out, web_address
from sources.formats import read_feed, wrong_shape
from sources.model import Advisory, Authority, Capture, Card, Get, Known, Reading, Shape
from sources.reading.hazards import hazards_of, is_acute
from sources.reading.text import to_text
from sources.sites import check_post, check_posts, read_sites

_ID, _LANGUAGE = "us-embassy", "en"
_FEED = "https://{post}.usembassy.gov/category/alert/feed/"
HOLDS = timedelta(days=14)
"""How long an alert without an end is taken to hold: an assumption of ours, not the embassies' word."""
_LOCATION = re.compile(r"^Locations?:\s*(?P<where>.{2,120})$", re.MULTILINE | re.IGNORECASE)
_EVENT = re.compile(r"^Events?:\s*(?P<what>.{2,2000})$", re.MULTILINE | re.IGNORECASE)
_WORLDWIDE = re.compile(r"\bworld-?wide\b", re.IGNORECASE)
_SPEAKER = frozenset({"US"})
Feeds = Mapping[str, tuple[str, ...]]
"""The countries (ISO codes) each feed speaks for, by its address, in the order in which they are asked."""


@cache
def feeds() -> Mapping[str, tuple[str, tuple[str, ...]]]:
    """Return the feeds that are read unless the settings say otherwise: address and countries, by post."""
    table = rows(Path(__file__).parent / "data" / "us_embassies.csv")
    return {row["post"]: (_FEED.format(post=row["post"]), tuple(row["country"].split())) for row in table}


class Posts:
    """The publisher: the alert feeds of some embassies, of which at least one."""

    def __init__(self, feeds: Feeds) -> None:
        """Take the feeds, by address."""
        self.feeds = feeds
        self._hosts = {urlsplit(url).hostname or "": own for url, own in feeds.items()}
        self.CARD = _card(tuple(feeds), tuple(self._hosts))

    def parse(self, capture: Capture) -> Reading:
        """Read one post's feed. An alert without a title, a date or a web address is quarantined. Pure.

        Raises:
            SourceBroken: no known post, or no feed.
        """
        own = self._hosts.get(urlsplit(capture.url).hostname or "")
        if own is None:
            raise wrong_shape(capture, t("a site of the table"))
        feed = read_feed(capture)
        good, bad = sort_out(
            feed.entries, lambda entry: _advisory(entry, own, capture.url), lambda entry: str(entry.get("title", ""))
        )
        return Reading(good, bad, built_at=moment_of(feed.feed.get("updated_parsed"), None))

    def read(self, get: Get, known: Known) -> Reading:
        """Fetch the feed of each post. One that cannot be had is named.

        Raises:
            SourceBroken: no feed could be read.
        """
        return read_sites(get, known, self.feeds, self.parse)


def with_posts(posts: Sequence[PostSite]) -> Posts:
    """Return the publisher with posts of the settings: added to ours, or in their place.

    Raises:
        WrongSetting: a country does not exist, two posts are on one host, or no post is left.
    """
    own = dict(feeds())
    for post in posts:
        own.pop(post.post, None)
        if post.read:
            check_post(post)
            own[post.post] = (post.url, post.countries)
    check_posts(_ID, [urlsplit(url).hostname or "" for url, _ in own.values()])
    return Posts(dict(own.values()))


def _card(urls: Sequence[str], hosts: tuple[str, ...]) -> Card:
    return Card(
        id=_ID,
        publisher="Embassies of the United States",
        publisher_zh="美国驻外使馆",
        authority=Authority.PEER,
        shape=Shape.STREAM,
        url=urls[0],
        hosts=hosts,
        language=_LANGUAGE,
        rhythm="a few alerts a month at each post, many a day in a crisis",
        entries=(1, 400),  # believed: WordPress feeds hold the last 10 posts
        stale_after=timedelta(days=30),  # a longer silence of all posts means drawn-down embassies or a dead address
        change_limit=30,  # believed: several posts at once warn of the same event
        terms="Public domain (US government)",
        enabled=False,
        unproven=True,
    )


def _advisory(entry: Mapping[str, Any], own: tuple[str, ...], page: str) -> Advisory:
    title = " ".join(to_text(str(entry.get("title", ""))).split())
    when = moment_of(entry.get("published_parsed"), entry.get("published"))
    link = str(entry.get("link", "")).strip()
    if not title or not link or when is None:
        raise Unreadable(t("a line without title or link") if when else t("unreadable date: {value}", value=""))
    text = _text(entry)
    event, location = _EVENT.search(text), _LOCATION.search(text)
    countries, unresolved = _places(title, own)
    worldwide = _WORLDWIDE.search(title) is not None
    return Advisory(
        source=_ID,
        native_id=_key(entry, link),
        title=title,
        summary=text,
        url=web_address(page, link),
        language=_LANGUAGE,
        countries=() if worldwide else countries,
        places=(location["where"].strip(),) if location else (),
        worldwide=worldwide,
        hazards=hazards_of(f"{title}\n{event['what']}" if event else title),
        acute=is_acute(title),
        published_at=when,
        updated_at=when,
        expires_at=when + HOLDS,
        unresolved=() if worldwide else unresolved,
    )


def _text(entry: Mapping[str, Any]) -> str:
    """Return the whole text of a post, or its beginning where the feed has no more."""
    contents = entry.get("content") or ()
    whole = str(contents[0].get("value", "")) if contents else ""
    return to_text(whole or str(entry.get("summary", "")))


def _places(title: str, own: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the countries of an alert, and what is unresolved if its title names others than the post's only."""
    found = find(title)
    named = set(found.countries) - _SPEAKER
    if named and not named & set(own):
        return (), tuple(sorted(named))
    return tuple(sorted({*own, *named})), ()


def _key(entry: Mapping[str, Any], link: str) -> str:
    """Return the host and number of a post: WordPress writes the guid `https://<host>/?p=<number>`; else its address."""
    guid = str(entry.get("id", ""))
    number = re.search(r"[?&]p=(\d+)", guid)
    host = urlsplit(guid if number else link).hostname or ""
    return f"{host}/{number[1]}" if number else f"{host}{urlsplit(link).path}"


_SHIPPED = Posts(dict(feeds().values()))
CARD, parse, read = _SHIPPED.CARD, _SHIPPED.parse, _SHIPPED.read
