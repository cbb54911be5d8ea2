"""Reading a list entry by entry: what cannot be understood is set aside and named, the rest goes on. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import UTC, datetime
from time import struct_time
from typing import TypeVar
from urllib.parse import urljoin, urlsplit

from pydantic import ValidationError

from core.errors import LingbaoError
from core.i18n import t
from sources.model import Advisory, Contact, Quarantined
from sources.reading.text import without_tags

Entry = TypeVar("Entry")
MILLISECONDS_FROM = 10**11
"""Epoch numbers from here on are milliseconds: as seconds they would lie after the year 5138."""
LATEST = 253_402_300_799
"""31 December 9999 in epoch seconds: the last moment a `datetime` can hold."""


class Unreadable(LingbaoError):
    """One entry of a list cannot be understood. It is quarantined; the list goes on."""


def sort_out(
    entries: Iterable[Entry], read: Callable[[Entry], Advisory], name: Callable[[Entry], str]
) -> tuple[tuple[Advisory, ...], tuple[Quarantined, ...]]:
    """Read each entry with `read`; put aside, under its `name`, each one that raises `Unreadable` or breaks its schema.

    Returns:
        What was understood and what was not, each in the order of the list.
    """
    good: list[Advisory] = []
    bad: list[Quarantined] = []
    for entry in entries:
        try:
            good.append(cleaned(read(entry)))
        except Unreadable as error:
            bad.append(Quarantined(name(entry), error.message))
        except ValidationError as error:
            fields = ", ".join(".".join(str(part) for part in fault["loc"]) or "entry" for fault in error.errors())
            bad.append(Quarantined(name(entry), t("fields missing or of another kind: {fields}", fields=fields)))
    return tuple(good), tuple(bad)


def cleaned(advisory: Advisory) -> Advisory:
    """Return the advisory without a tag in any text a person reads, whatever the publisher put into a plain field."""
    return replace(
        advisory,
        title=without_tags(advisory.title),
        summary=without_tags(advisory.summary),
        level_words=without_tags(advisory.level_words),
        places=tuple(without_tags(one) for one in advisory.places),
        unresolved=tuple(without_tags(one) for one in advisory.unresolved),
        ambiguous=tuple(without_tags(one) for one in advisory.ambiguous),
        contacts=tuple(Contact(without_tags(one.label), without_tags(one.number)) for one in advisory.contacts),
    )


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
    """Return the full address of `link` on `page`; without a link, that of the page.

    Raises:
        Unreadable: it is no web address. Notices quote it, so nothing else may pass.
    """
    try:
        address = urljoin(page, link.strip())
        parts = urlsplit(address)
    except ValueError as error:
        raise Unreadable(t("no web address: {value}", value=link)) from error
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise Unreadable(t("no web address: {value}", value=link))
    return address


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
