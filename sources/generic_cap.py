"""Any CAP source added in the settings: one message, or a feed whose entries link to messages. Pure but for `read_messages`.

Facts (knowledge: hazards-and-cap, sections 1.6, 2 and 4):
- One message may stand in a feed many times, once for each area: each link is read once.
- Updates have identifiers of their own and name earlier messages. The key is the first identifier we knew the event by;
  `list_mark` remembers all of them, so that a chain of updates that each name only the one before stays one event.
- An all-clear may come as an Update that still carries its old severity. It and a Cancel end every event they refer to, and
  a Cancel may have no text at all. What refers to messages we never saw ends nothing.
- `addresses`, scope Private and messages that are tests or drills are nobody's business here.
- Another office of ours names countries by code (`ISO3166-1-alpha-2`) and carries the publisher's own words for the level in the
  parameter `sourceLevel`.
- Weather warnings are for areas, and noise for a country: only Extreme ones become drafts.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from core.errors import SourceBroken
from core.i18n import Message, t
from core.places.finder import find
from core.places.names import codes
from core.settings_tables import ExtraSource
from sources.cap import Alert, Info, read_cap
from sources.entries import Unreadable, sort_out, web_address
from sources.formats import read_feed
from sources.model import Advisory, Authority, Capture, Get, Hazard, Known, Reading
from sources.reading.hazards import hazards_of, is_acute

MOST_MESSAGES = 40
"""Messages asked for in one run, the newest first as the feed has them."""
_CAP = b"urn:oasis:names:tc:emergency:cap:"
_HEAD = 1_000
_CATEGORIES = {
    "Geo": Hazard.NATURAL_DISASTER, "Fire": Hazard.NATURAL_DISASTER, "Met": Hazard.WEATHER, "Health": Hazard.EPIDEMIC,
    "Transport": Hazard.TRAFFIC, "Security": Hazard.CONFLICT,
}  # fmt: skip


def parse_cap(extra: ExtraSource, capture: Capture, known: Known) -> Reading:
    """Read a capture that is one CAP message. One that is not meant for the public gives no advisory, and a note. Pure.

    Raises:
        SourceBroken: this is no CAP message.
    """
    alert = read_cap(capture)
    if not alert.is_actual:
        words = f"{alert.identifier} ({alert.status}, {alert.scope})"
        return Reading((), notes=(t("Not meant for the public, left out: {identifier}", identifier=words),))
    if not alert.is_word:
        words = f"{alert.identifier} ({alert.kind})"
        return Reading(
            (), notes=(t("Answers another message and speaks of no danger, left out: {identifier}", identifier=words),)
        )
    keys = _keys(alert, known)
    one = _end if alert.is_withdrawn and not alert.infos else _advisory
    good, bad = sort_out(keys, lambda key: one(extra, alert, key), lambda key: alert.identifier)
    return Reading(good, bad)


def read_messages(extra: ExtraSource, get: Get, known: Known) -> Reading:
    """Fetch the message, or the feed and each message it links to, once and at most `MOST_MESSAGES` of them.

    A message that cannot be had is a note, and the reading then is not complete.

    Raises:
        SourceBroken: the first page is neither a message nor a feed with entries.
    """
    first = get(extra.url)
    if _is_message(first):
        return parse_cap(extra, first, known)
    links = list(dict.fromkeys(_links(extra, first)))
    readings: list[Reading] = []
    notes: list[Message] = []
    for link in links[:MOST_MESSAGES]:
        try:
            readings.append(parse_cap(extra, get(link), known))
        except SourceBroken as error:
            notes.append(t("One message could not be read: {reason}", reason=error.message))
    if len(links) > MOST_MESSAGES:
        later = len(links) - MOST_MESSAGES
        notes.append(t("{count} more messages than we ask for in one run were left for later.", count=later))
    return Reading(
        _newest([one for reading in readings for one in reading.advisories]),
        tuple(one for reading in readings for one in reading.quarantined),
        (*notes, *(note for reading in readings for note in reading.notes)),
        complete=not notes,
    )


def _is_message(capture: Capture) -> bool:
    """Say whether the outermost element is a CAP alert; a feed may name the namespace too, for elements of its own."""
    head = capture.body[:_HEAD]
    return _CAP in head and b"<feed" not in head and b"<rss" not in head and b":feed" not in head


def _links(extra: ExtraSource, capture: Capture) -> Iterator[str]:
    for entry in read_feed(capture).entries:
        typed = [one.get("href", "") for one in entry.get("links", ()) if one.get("type") == "application/cap+xml"]
        link = next(filter(None, typed), str(entry.get("link", "")))
        if not link:
            continue
        try:
            yield web_address(extra.url, link)
        except Unreadable:
            yield link  # asking for it is refused, and ends as a note


def _end(extra: ExtraSource, alert: Alert, key: str) -> Advisory:
    """Return the end of an event by a message without text."""
    return Advisory(
        source=extra.id,
        native_id=key,
        title=f"{alert.identifier} (all clear)",
        url=extra.url,
        language=extra.language,
        published_at=alert.sent,
        updated_at=alert.sent,
        tier=0 if Authority(extra.authority) is Authority.HAZARD else None,
        list_mark=" ".join((alert.identifier, *alert.references)),
        ended=True,
    )


def _advisory(extra: ExtraSource, alert: Alert, key: str) -> Advisory:
    info = alert.info(extra.language)
    fixed = tuple(sorted(extra.countries))
    areas = tuple(dict.fromkeys(area.description for area in info.areas if area.description))
    found = find(" ; ".join((info.headline, *areas)))
    countries = fixed or _coded(info) or tuple(sorted(found.countries))
    title = info.headline or info.event
    tier = _tier(alert, info) if Authority(extra.authority) is Authority.HAZARD else None
    return Advisory(
        source=extra.id,
        native_id=key,
        title=f"{title} (all clear)" if alert.is_over else title,
        summary="\n".join(text for text in (info.description, info.instruction) if text),
        url=web_address(extra.url, info.web),
        language=info.language,
        countries=countries,
        places=areas,
        level_words=dict(info.parameters).get("sourceLevel") or info.severity,
        hazards=hazards_of(f"{info.event} {title}") or _hazard(info),
        acute=not alert.is_over and (is_acute(title) or (tier or 0) >= 2),
        published_at=alert.sent,
        updated_at=alert.sent,
        expires_at=info.expires,
        unresolved=() if countries or found.ambiguous else (areas or (title,)),
        ambiguous=() if fixed else found.ambiguous,
        tier=tier,
        list_mark=" ".join((alert.identifier, *alert.references)),
        ended=alert.is_withdrawn,
    )


def _coded(info: Info) -> tuple[str, ...]:
    """Return the countries that every area names by code, as another office of ours does; none if one does not."""
    named = [[value for name, value in area.geocodes if name == "ISO3166-1-alpha-2"] for area in info.areas]
    found = {value for values in named for value in values}
    return tuple(sorted(found)) if all(named) and found <= codes() else ()


def _hazard(info: Info) -> tuple[Hazard, ...]:
    return (_CATEGORIES.get(info.category, Hazard.OTHER),)


def _keys(alert: Alert, known: Known) -> tuple[str, ...]:
    """Return the key of the event: the one under which any of its messages is known, else its first message.

    An end may be that of several events; an update of several goes on under the first. References are matched on the
    identifier alone: a real update names another sender than its own.
    """
    own = {alert.identifier, *alert.references}
    found = [key for key, mark in sorted(known.marks.items()) if key in own or own & set(mark.split())]
    return tuple(found if alert.is_withdrawn else found[:1]) or ((*alert.references, alert.identifier)[0],)


def _tier(alert: Alert, info: Info) -> int:
    """Return the relevance tier (knowledge: hazards-and-cap, section 5)."""
    if alert.is_over:
        return 0
    if info.severity == "Extreme":
        return 2
    return int(info.severity == "Severe" and info.category != "Met")


def _newest(advisories: list[Advisory]) -> tuple[Advisory, ...]:
    """Return the last word on each event, keeping the first key if messages of one chain came in one reading.

    An end is that of every chain it refers to; an update goes on with the first.
    """
    chains: list[tuple[set[str], Advisory]] = []
    for one in sorted(advisories, key=lambda one: str(one.updated_at)):
        ids = set(one.list_mark.split())
        same = [chain for chain in chains if chain[0] & ids or chain[1].native_id == one.native_id]
        for chain in same if one.ended else same[:1]:
            joined, key = chain[0] | ids, chain[1].native_id
            chains.remove(chain)
            chains.append((joined, replace(one, native_id=key, list_mark=" ".join(sorted(joined)))))
        if not same or (one.ended and all(chain[1].native_id != one.native_id for chain in chains)):
            chains.append((ids, one))
    return tuple(one for _, one in chains)
