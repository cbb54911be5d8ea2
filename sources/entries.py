"""Reading a list entry by entry: what cannot be understood is set aside and named, the rest goes on. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import UTC, datetime
from time import struct_time
from typing import TypeVar
from urllib.parse import quote, urljoin, urlsplit

from pydantic import ValidationError

from core.errors import LingbaoError, SourceBroken
from core.i18n import Message, t
from sources.model import Advisory, Contact, Quarantined, Reading
from sources.reading.text import without_tags

Entry = TypeVar("Entry")
MILLISECONDS_FROM = 10**11
"""Epoch numbers from here on are milliseconds: as seconds they would lie after the year 5138."""
LATEST = 253_402_300_799
"""31 December 9999 in epoch seconds: the last moment a `datetime` can hold."""

MOST_ENTRIES = 5_000
"""Entries read of one list. The longest real one has 400; millions of empty ones fit into a page of the largest size."""
LONGEST_NAME = 4_000
"""Characters of a publisher's words that are shown beside a fault: enough for the names of all countries."""
_GARBLED = re.compile(r"\ufffd|\?{3,}")
"""What a program writes for characters that its encoding does not have. (Single ones stand in names of GVP every week.)"""
_UNSAFE_IN_ADDRESS = re.compile(
    r"[\s<>\"`\\^{|}\u0000-\u001f\u007f-\u009f\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]"
)


class Unreadable(LingbaoError):
    """One entry of a list cannot be understood. It is quarantined; the list goes on."""


def sort_out(
    entries: Iterable[Entry], read: Callable[[Entry], Advisory], name: Callable[[Entry], str]
) -> tuple[tuple[Advisory, ...], tuple[Quarantined, ...]]:
    """Read each entry with `read`; put aside, under its `name`, each one that raises `Unreadable` or breaks its schema.

    Returns:
        What was understood and what was not, each in the order of the list. No text in it holds a tag.

    Raises:
        SourceBroken: there are more than `MOST_ENTRIES`.
    """
    good: list[Advisory] = []
    bad: list[Quarantined] = []
    for number, entry in enumerate(entries):
        if number == MOST_ENTRIES:
            raise SourceBroken(t("The list has more than {most} entries; it was not read.", most=MOST_ENTRIES))
        try:
            good.append(_titled(cleaned(read(entry))))
        except Unreadable as error:
            bad.append(Quarantined(name(entry), error.message))
        except ValidationError as error:
            fields = ", ".join(".".join(str(part) for part in fault["loc"]) or "entry" for fault in error.errors())
            bad.append(Quarantined(name(entry), t("fields missing or of another kind: {fields}", fields=fields)))
    return tuple(good), tuple(_quarantined(one) for one in bad)


def clean(reading: Reading) -> Reading:
    """Return a reading without a tag or an invisible character in any text a person reads, whatever page it came from."""
    return replace(
        reading,
        advisories=tuple(cleaned(one) for one in reading.advisories),
        quarantined=tuple(_quarantined(one) for one in reading.quarantined),
        notes=tuple(plain_words(one) for one in reading.notes),
        unread=tuple(plain_words(one) for one in reading.unread),
    )


def cleaned(advisory: Advisory) -> Advisory:
    """Return the advisory without a tag in any text a person reads, whatever the publisher put into a plain field."""
    return replace(
        advisory,
        title=" ".join(without_tags(advisory.title).split()),
        url=harmless(advisory.url),
        summary=without_tags(advisory.summary),
        level_words=without_tags(advisory.level_words),
        places=tuple(without_tags(one) for one in advisory.places),
        unresolved=tuple(without_tags(one) for one in advisory.unresolved),
        ambiguous=tuple(without_tags(one) for one in advisory.ambiguous),
        contacts=tuple(Contact(without_tags(one.label), without_tags(one.number)) for one in advisory.contacts),
    )


def without_twins(
    good: tuple[Advisory, ...], bad: tuple[Quarantined, ...], places: Callable[[str], tuple[str, ...]]
) -> tuple[Advisory, ...]:
    """Leave out entries whose countries are those of an entry that could not be read, for lists that may name one twice.

    The unreadable one may be the newer: its older twin must not stand for it. What is left out stays as it was last read.

    Args:
        places: the countries that the name of a quarantined entry says.
    """
    lost = [set(places(one.entry)) for one in bad]
    return tuple(one for one in good if not one.countries or set(one.countries) not in lost)


def _titled(advisory: Advisory) -> Advisory:
    if not advisory.title:
        raise Unreadable(t("a line without title or link"))
    if _GARBLED.search(advisory.title):
        raise Unreadable(t("a title that was garbled on its way: {title}", title=advisory.title))
    return advisory


def _quarantined(one: Quarantined) -> Quarantined:
    return Quarantined(_short(one.entry), plain_words(one.reason))


def plain_words(message: Message) -> Message:
    """Return a sentence whose gaps, which hold the publisher's own words, are as clean and as short as an entry's name."""
    plain = {name: _value(value) for name, value in message.values.items()}
    return replace(message, values=plain)


def _value(value: object) -> object:
    if isinstance(value, Message):
        return plain_words(value)
    return _short(value) if isinstance(value, str) else value


def _short(text: str) -> str:
    line = " ".join(without_tags(text[: 4 * LONGEST_NAME]).split())
    return line if len(line) <= LONGEST_NAME else f"{line[:LONGEST_NAME]}…"


def moment_of(parsed: struct_time | None, text: str | None) -> datetime | None:
    """Return a feed's date as UTC; None if the feed gives none.

    Args:
        parsed: what feedparser made of `text`, in UTC.

    Raises:
        Unreadable: there is a date, and it is no date.
    """
    if parsed is None:
        if text and text.strip():
            raise Unreadable(t("unreadable date: {value}", value=text))
        return None
    try:
        return datetime(*parsed[:6], tzinfo=UTC)
    except ValueError as error:
        raise Unreadable(t("unreadable date: {value}", value=text or "")) from error


def moment_of_epoch(number: int) -> datetime:
    """Return an epoch number as UTC: seconds or milliseconds, told apart by magnitude.

    Raises:
        Unreadable: the number is no moment of this age.
    """
    seconds = number // 1000 if number >= MILLISECONDS_FROM else number
    if not 0 < seconds < LATEST:
        raise Unreadable(t("unreadable date: {value}", value=str(number)))
    return datetime.fromtimestamp(seconds, UTC)


def web_address(page: str, link: str) -> str:
    """Return the full address of `link` on `page`; without a link, that of the page. Written so that it stays one word.

    Raises:
        Unreadable: it is no web address, or one with a login, which looks like another host. Notices quote it, so nothing
            else may pass.
    """
    try:
        address = urljoin(page, link.strip())
        parts = urlsplit(address)
    except ValueError as error:
        raise Unreadable(t("no web address: {value}", value=link)) from error
    if parts.scheme not in {"http", "https"} or not parts.hostname or "@" in parts.netloc:
        raise Unreadable(t("no web address: {value}", value=link))
    return harmless(address)


def harmless(address: str) -> str:
    """Return an address whose blanks, quotes, brackets of tags and invisible characters are written as percent signs."""
    return _UNSAFE_IN_ADDRESS.sub(lambda match: quote(match[0], safe=""), address)


def agree(name: str, by_name: tuple[str, ...], *by_code: str | None) -> tuple[str, ...]:
    """Return the countries an entry is about, if its name and its codes do not contradict each other.

    A code that says nothing (None) is passed over; a name nobody knows gives way to the code, a name alone is enough.

    Args:
        by_name: the countries of the name, several for a joint name, none if it is unknown.
        by_code: ISO codes derived from the entry's own codes.

    Raises:
        Unreadable: neither says a country, or two of them say different ones: the place is never guessed.
    """
    codes = {code for code in by_code if code is not None}
    if by_name and codes <= set(by_name):
        return by_name
    if not by_name and len(codes) == 1:
        return tuple(codes)
    if not by_name and not codes:
        raise Unreadable(t("no known place: {name}", name=name))
    raise Unreadable(
        t(
            "the name {name} and the country code disagree ({by_name} against {by_code})",
            name=name,
            by_name=" ".join(by_name) or "–",
            by_code=" ".join(sorted(codes)),
        )
    )
