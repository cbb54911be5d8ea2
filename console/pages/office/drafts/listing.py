"""`/office/alerts`: every alert, what waits for a person first. Each line opens its page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from fastapi import APIRouter
from starlette.responses import Response

from console.pages.office.sources.words import age
from console.pages.office.visit import Visit, Worker
from console.pictures.levels import level_badge, level_name
from core.errors import BadInput
from core.i18n import Message, t
from core.tables import Mode
from notify.ledger.terms import KINDS
from notify.manual import read_countries
from notify.model import BASELINE
from notify.own import store as own_store
from notify.own.audience import people_of
from notify.store import alerts as alert_store
from notify.store import listing
from notify.store.listing import PAGE, Group, Row, Wish
from notify.tables import AlertStatus, VersionKind
from notify.words import status_words
from sources.model import Grade

routes = APIRouter()
GROUPS: Mapping[Group, tuple[str, Message]] = {
    Group.WAITING: ("waiting", t("waiting for a person")), Group.SENDING: ("sending", t("being sent")),
    Group.FORCE: ("force", t("in force")), Group.NEWCOMERS: ("newcomers", t("for newcomers only")),
    Group.OVER: ("over", t("over")),
}  # fmt: skip
BY_WORD = {word: group for group, (word, _) in GROUPS.items()}
MOST_COUNTED = 20
"""Drafts on a page whose people are counted: each count is a question to the register."""


@dataclass(frozen=True)
class Line:
    """One alert. `people`: who were told, or of a draft, who would be; None: not counted."""

    row: Row
    state: Message
    tag: str
    kind: Message | None
    people: int | None
    title: str


@dataclass(frozen=True)
class Tab:
    """One group of the list, and how many it has."""

    label: Message
    href: str
    count: int
    current: bool


@routes.get("/alerts")
def alerts_page(
    who: Worker, state: str = "", country: str = "", level: str = "", drill: str = "", page: str = ""
) -> Response:
    """Show the alerts, by state, country and level; drills have a list of their own."""
    code, unknown = _code(country)
    number = int(page) if page.isdecimal() and len(page) < 6 else 0
    wish = Wish(code, _level(level), BY_WORD.get(state), drill == "1", number)
    with who.reading() as connection:
        drills = Mode(alert_store.instance(connection).mode) is not Mode.DRILL
        found = [] if unknown else listing.rows(connection, wish, who.now)
        counted = dict.fromkeys(Group, 0) if unknown else listing.counts(connection, wish, who.now)
    typed = {
        "country": country.strip()[:80],
        "level": level if wish.level is not None else "",
        "drill": "1" if wish.drills else "",
    }
    return who.render(
        "drafts/list.html", lines=_lines(who, found[:PAGE]), tabs=_tabs(typed, wish, counted), typed=typed,
        state=state if wish.group is not None else "", drills=drills, whole=sum(counted.values()),
        unknown=unknown, page=number, more=_next(typed, state, number) if len(found) > PAGE else "",
        back=_next(typed, state, number - 2) if number else "", level_options=_levels(who),
        badge=lambda one: level_badge(one or Grade.UNSTATED, who.language), age=lambda since: age(who.now - since),
    )  # fmt: skip


def _levels(who: Visit) -> list[tuple[str, Message | str]]:
    return [*((str(one), level_name(one, who.language)) for one in (4, 3, 2, 1)), ("0", t("unstated"))]


def _code(country: str) -> tuple[str, Message | None]:
    if not country.strip():
        return "", None
    try:
        return read_countries([country])[0], None
    except BadInput as error:
        return "", error.message


def _level(text: str) -> int | None:
    return int(text) if text in {"0", "1", "2", "3", "4"} else None


def _lines(who: Visit, found: list[Row]) -> list[Line]:
    unplanned = [one for one in found if one.people is None][:MOST_COUNTED]
    with who.reading() as connection:
        counted = {
            one.version_id: own_store.count(
                connection, people_of(connection, alert_store.version(connection, one.version_id))
            )
            for one in unplanned
            if one.countries and one.status != AlertStatus.CANCELED
        }
    return [_line(who, one, counted.get(one.version_id, one.people)) for one in found]


def _line(who: Visit, one: Row, people: int | None) -> Line:
    state, tag = _state(one)
    kind = None if one.kind == VersionKind.FIRST else KINDS[VersionKind(one.kind)]
    return Line(one, state, tag, kind, people, one.title_en if who.language == "en" else one.title_zh)


def _state(one: Row) -> tuple[Message, str]:
    if one.paused:
        return t("paused"), "warn"
    if one.held:
        return t("some notices are held: a budget or a country"), "warn"
    if one.group in (Group.WAITING, Group.SENDING):
        return status_words(one.status), "warn" if one.group is Group.WAITING else ""
    if one.rule == BASELINE and one.group is Group.NEWCOMERS:
        return t("stands, for newcomers"), ""
    if one.status == AlertStatus.CANCELED:
        return status_words(one.status), ""
    return (t("sent, in force"), "good") if one.group is Group.FORCE else (t("sent, over"), "")


def _tabs(typed: Mapping[str, str], wish: Wish, counted: Mapping[Group, int]) -> list[Tab]:
    given = {name: value for name, value in typed.items() if value}
    whole = Tab(t("all"), _href(given), sum(counted.values()), wish.group is None)
    return [whole] + [
        Tab(label, _href(given | {"state": word}), counted[group], wish.group is group)
        for group, (word, label) in GROUPS.items()
        if counted[group] or group is not Group.NEWCOMERS
    ]


def _next(typed: Mapping[str, str], state: str, page: int) -> str:
    given = {name: value for name, value in typed.items() if value}
    return _href(given | ({"state": state} if state in BY_WORD else {}) | {"page": str(page + 1)})


def _href(given: Mapping[str, str]) -> str:
    return "/office/alerts" + (f"?{urlencode(given)}" if given else "")
