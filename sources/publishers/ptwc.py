"""US tsunami warning centres: the current message of PTWC (Pacific, PHEB) and of NTWC (US and Canada, PAAQ). Pure but for `read`.

Facts (two real NTWC messages, 2011 and 2022; no PHEB message was ever captured; knowledge: hazards-and-cap, section 1.7):
- Each address holds one CAP message, the newest, which may be months old. The event is in `incidents`; an update has
  another identifier, and lists all earlier messages.
- The level is the word in `event` (Warning, Watch, Threat, Advisory, Information), never the magnitude, which may say 1.0.
- `expires` is an hour or two away although the text says "until further notice": it ends nothing. A message is taken to
  hold for a day, and every update prolongs that.
- NTWC names coasts by zone codes whose first two letters are the state or province (AKZ185, BCZ110).
- A Cancel, or nothing but all-clears, is the centre's own word that the event is over.
- A centre that cannot be read is a note: no answer is never "no tsunami".
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from core.i18n import t
from core.places.finder import find
from sources.cap import Alert, Info, read_cap
from sources.entries import Unreadable, sort_out, web_address
from sources.model import Advisory, Authority, Capture, Card, Get, Hazard, Known, Reading, Shape
from sources.reading.us_regions import by_post
from sources.sites import read_sites

_URL = "https://www.tsunami.gov/events/xml/{centre}CAP.xml"
CARD = Card(
    id="ptwc",
    publisher="US Tsunami Warning System (PTWC and NTWC)",
    publisher_zh="美国海啸预警系统",
    authority=Authority.HAZARD,
    shape=Shape.STREAM,
    url=_URL.format(centre="PHEB"),
    hosts=("www.tsunami.gov",),
    language="en",
    rhythm="a message a week, every half hour during a tsunami",
    entries=(1, 2),  # one message for each centre
    change_limit=5,
    terms="Public domain (US government)",
    unproven=True,
)
CENTRES = ("PHEB", "PAAQ")
HOLDS = timedelta(hours=24)
"""How long a message is taken to hold after it was sent: an assumption of ours, far above the half hour between updates."""
_TIERS = (("information", 1), ("advisory", 2), ("watch", 3), ("warning", 3), ("threat", 3))


def parse(capture: Capture) -> Reading:
    """Read one centre's message. Pure.

    Raises:
        SourceBroken: this is no CAP message.
    """
    alert = read_cap(capture)
    good, bad = sort_out([alert], _advisory, lambda one: one.identifier)
    return Reading(good, bad)


def read(get: Get, known: Known) -> Reading:
    """Fetch the message of each centre. One that cannot be had is named.

    Raises:
        SourceBroken: neither could be read.
    """
    found = read_sites(get, known, (_URL.format(centre=centre) for centre in CENTRES), parse)
    # A centre has one message, the latest: of one that could not be read until now it is news, not a list of old ones.
    return replace(found, parts=(), first_sights=frozenset())


def _advisory(alert: Alert) -> Advisory:
    if alert.kind == "Cancel" and not alert.infos:
        return _end(alert)
    info = alert.info("en")
    parts = [one for one in alert.infos if one.language.casefold().startswith("en")] or [info]
    tiers = [_tier(alert, one) for one in parts]
    tier = max(tiers)
    # One message may warn one coast and advise another: the highest word counts, all coasts from tier 2 up are named.
    meant = [one for one, own in zip(parts, tiers, strict=True) if own >= min(tier, 2)]
    countries, unresolved = _places(meant)
    words = "; ".join(dict.fromkeys(one.event for one in meant))
    what = f"{words} ({alert.kind})" if alert.is_over else words
    return Advisory(
        source=CARD.id,
        native_id=_key(alert),
        title=what if alert.is_actual else f"{alert.status}: {what}",
        summary=" ".join(" ".join(one.headline for one in meant).split()),
        url=web_address("https://www.tsunami.gov/", info.web),
        language=CARD.language,
        countries=countries,
        places=tuple(area.description for one in meant for area in one.areas if area.description),
        level_words=words,
        hazards=(Hazard.NATURAL_DISASTER,),
        acute=tier >= 2,
        published_at=alert.sent,
        updated_at=alert.sent,
        expires_at=alert.sent + HOLDS,
        unresolved=unresolved,
        tier=tier,
        ended=alert.is_actual and tier == 0,
    )


def _end(alert: Alert) -> Advisory:
    """Return the end of an event by a message without text."""
    return Advisory(
        source=CARD.id,
        native_id=_key(alert),
        title=f"{alert.identifier} ({alert.kind})",
        url="https://www.tsunami.gov/",
        language=CARD.language,
        published_at=alert.sent,
        updated_at=alert.sent,
        tier=0,
        ended=alert.is_actual,
    )


def _key(alert: Alert) -> str:
    """Return centre and event. Tests have a key of their own, so that they never change a real event."""
    centre = alert.identifier.partition("-")[0]
    event = alert.incidents.split()[0] if alert.incidents.split() else ""
    if not alert.is_actual or not event:
        return alert.identifier
    return f"{centre}-{event}"


def _tier(alert: Alert, info: Info) -> int:
    """Return the relevance tier (knowledge: hazards-and-cap, section 5). An unknown word is for an officer to read."""
    if not alert.is_actual or alert.kind == "Cancel" or "AllClear" in info.response_types:
        return 0
    word = info.event.casefold()
    if not word:
        raise Unreadable(t("unknown level: {words}", words=alert.identifier))
    return max((tier for said, tier in _TIERS if said in word), default=2)


def _places(infos: Sequence[Info]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the countries of the areas, by zone codes, else by name, and the areas in which neither says one.

    Where the quake was stands in the description, which is not looked at.
    """
    countries: set[str] = set()
    unresolved: list[str] = []
    for area in (area for info in infos for area in info.areas):
        coded = {by_post()[value[:2]] for system, value in area.geocodes if system == "UGC" and value[:2] in by_post()}
        named = coded or set(find(area.description).countries)
        countries |= named
        if not named:
            unresolved.append(area.description)
    if not countries and not unresolved:
        unresolved.append(" ".join(infos[0].headline.split()) or infos[0].event)
    return tuple(sorted(countries)), tuple(unresolved)
