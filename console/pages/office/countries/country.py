"""`/office/countries/{code}`: one country or region: what is said of it, what we said, who of ours is there, whom to call."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from babel.dates import get_timezone_location
from fastapi import APIRouter
from markupsafe import Markup
from starlette.responses import Response

from console.pages.office.countries.board import HERE, cards_on, shown_level
from console.pages.office.countries.facts import MOST_COMPANIES, YEAR, Asked, Facts, facts
from console.pages.office.countries.sayings import Saying, saying, stance_lines
from console.pages.office.visit import Visit, Worker
from console.pictures.history import History, Mark, Step, Track, level_history
from console.pictures.levels import level_badge
from console.pictures.tiles import WHOSE, Whose
from core.errors import NotFound
from core.i18n import Language, Message, t
from core.places.names import codes
from notify.bulletin.continents import NAMES, Continent, continent_of
from notify.ledger.terms import channel_words
from notify.levels_board import summed, top
from notify.levels_told import first_words
from notify.quiet import Night
from notify.store.in_country import Said
from notify.texts.helplines import Helpline, Kind
from sources.model import Authority, Grade, Level

routes = APIRouter()
BEIJING = ZoneInfo("Asia/Shanghai")
MOST_ZONES, MOST_SAYINGS, MOST_ALERTS = 6, 30, 30
LINES = {
    Kind.POLICE: t("police"), Kind.AMBULANCE: t("ambulance"), Kind.FIRE: t("fire brigade"),
    Kind.EMBASSY: t("embassy, consular protection"), Kind.CONSULATE: t("consulate, consular protection"),
    Kind.SWITCHBOARD: t("embassy, switchboard"),
}  # fmt: skip


@dataclass(frozen=True)
class Clock:
    """What the clocks show in one time zone of a country. `night`: people there are not woken now; `stays`: of ours."""

    place: str
    local: datetime
    against: Message
    night: bool
    stays: int


@dataclass(frozen=True)
class AlertLine:
    """One of our alerts about the country."""

    said: Said
    title: str
    level: Markup


@routes.get("/countries/{code}")
def country_page(who: Worker, code: str) -> Response:
    """Show one country or region. Nobody is named: counts lead to the lists.

    Raises:
        NotFound: there is no such country or region, or it is where the office is.
    """
    wanted = code.upper()
    if wanted not in codes() - {HERE}:
        raise NotFound(t("There is no such country or region."))
    with who.reading() as connection:
        found = facts(connection, Asked(wanted, who.actor, who.now, who.day, cards_on(who)))
    zone_here = ZoneInfo(who.office.settings.zone)
    level, whose, peers = _levels(found)
    return who.render(
        "countries/country.html", code=wanted, badge=level_badge(level, who.language) if level is not None else "",
        whose=WHOSE.get(whose), peers=peers, continent=_continent(wanted), facts=found, ours=found.ours,
        clocks=_clocks(found, who), stances=stance_lines(found.side, who.language),
        first=first_words(found.side, zone_here, who.language), picture=_history(found, who, zone_here),
        alerts=[_alert(one, who.language) for one in found.said], most=MOST_ALERTS, companies=found.ours.companies[:MOST_COMPANIES],
        more_companies=max(found.ours.employers - MOST_COMPANIES, 0), channels=_channels(found),
        sayings=_sayings(found, who), more_sayings=max(len(found.entries) - MOST_SAYINGS, 0),
        lines=[(LINES[one.kind], one, one.cautions(who.day)) for one in _shown(found.lines)],
    )  # fmt: skip


def _levels(found: Facts) -> tuple[Level | None, Whose, int | None]:
    """Return what the tile of the country shows: the level, whose it is, and the highest of other governments."""
    ours = top(Grade.UNSTATED if one.level is None else one.level for one in found.said if one.in_force)
    words = {
        authority: [one.level for one in found.side.stances if one.card.authority is authority]
        for authority in Authority
    }
    said = summed(words[Authority.HOME], words[Authority.PEER])
    return (*shown_level(ours, said.home), said.peers)


def _continent(code: str) -> Message | None:
    place = continent_of([code])
    return None if place is Continent.NONE else NAMES[place]


def _clocks(found: Facts, who: Visit) -> list[Clock]:
    night, stays = who.office.policy.quiet.night, list(found.ours.zones.items())[:MOST_ZONES]
    return [_clock(name, who.now, count, night, who.language) for name, count in stays]


def _clock(name: str, now: datetime, stays: int, night: Night, language: Language) -> Clock:
    local = now.astimezone(ZoneInfo(name))
    place = get_timezone_location(name, locale="zh_CN" if language == "zh" else "en", return_city=True)
    return Clock(place, local, against_beijing(local), night.holds(local.time()), stays)


def against_beijing(local: datetime) -> Message:
    """Say how far the clocks of a place are from those of Beijing."""
    theirs, ours = local.utcoffset(), local.astimezone(BEIJING).utcoffset()
    assert theirs is not None
    assert ours is not None
    hours = (theirs - ours).total_seconds() / 3600
    if hours == 0:
        return t("the same time as Beijing")
    if hours > 0:
        return t("{hours} h ahead of Beijing", hours=f"{hours:g}")
    return t("{hours} h behind Beijing", hours=f"{-hours:g}")


def _history(found: Facts, who: Visit, here: ZoneInfo) -> Markup | None:
    """Return the picture of the last year; None if nobody stated a level, and we said nothing."""
    since, zh = who.now - YEAR, who.language == "zh"
    tracks = tuple(
        Track(one.card.publisher_zh if zh else one.card.publisher, tuple(Step(step.at, step.level) for step in one.stands),
              one.card.authority is Authority.HOME)
        for one in found.past
    )  # fmt: skip
    marks = tuple(
        Mark(one.first_at, one.level, one.title_zh if zh else one.title_en, f"/office/alerts/{one.alert_id}")
        for one in sorted(found.said, key=lambda one: one.first_at) if one.told and one.first_at >= since
    )  # fmt: skip
    if not tracks and not marks:
        return None
    return level_history("history", History(since, who.now, tracks, marks), here, who.language)


def _alert(one: Said, language: Language) -> AlertLine:
    level = Grade.UNSTATED if one.level is None else one.level
    return AlertLine(one, one.title_en if language == "en" else one.title_zh, level_badge(level, language))


def _channels(found: Facts) -> list[tuple[Message | str, int]]:
    return [(channel_words(name), count) for name, count in found.ours.channels.items()]


def _sayings(found: Facts, who: Visit) -> list[Saying]:
    cards = {card.id: card for card in cards_on(who)}
    return [saying(one, cards[one.advisory.source], who.language) for one in found.entries[:MOST_SAYINGS]]


def _shown(lines: tuple[Helpline, ...]) -> list[Helpline]:
    """Leave out the switchboard of an embassy of which a line for consular protection is known."""
    sure = any(one.kind is Kind.EMBASSY and one.sure for one in lines)
    return [one for one in lines if one.kind is not Kind.SWITCHBOARD or not sure]
