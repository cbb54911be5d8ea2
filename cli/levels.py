"""`lingbao levels`: what each government says of a country, side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer
from sqlalchemy import Connection

from cli.context import Context
from cli.show import as_json, language, say, table
from core.database import reading
from core.errors import WrongUse
from core.i18n import t
from core.places.finder import resolve
from core.places.names import codes, display
from notify.levels import Direction, SideBySide, Stance, level_words
from notify.levels_told import first_words, in_a_line, side_json
from notify.office import Office
from notify.store.levels import beside, look
from sources.catalog import is_on
from sources.model import Card


def levels(
    context: typer.Context,
    country: Annotated[str, typer.Argument(help="国家或地区：代码或名称 Country: code or name.")],
    json: Annotated[bool, typer.Option("--json", help="输出 JSON Print JSON.")] = False,
) -> None:
    """各国对一国的评级并列：等级、原文、自何时起、谁先调整。What each government says of a country, and who moved first."""
    here: Context = context.obj
    here.keep_companies_out()
    code, office = one_country(country), here.office
    with reading(office.engine) as connection:
        found = look(connection, cards_on(office), code, office.clock.now())
    if json:
        as_json(side_json(found, language()))
    else:
        _show(found, ZoneInfo(here.settings.zone))


def one_country(text: str) -> str:
    """Return the code of a country that was given as code or name.

    Raises:
        WrongUse: it is none, or several.
    """
    code = text.strip().upper()
    found = (code,) if code in codes() else resolve(text.strip())
    if len(found) != 1:
        raise WrongUse(t("“{text}” is no country, or more than one: write its two-letter code.", text=text))
    return found[0]


def side_by_side(here: Context, connection: Connection, version_id: int) -> dict[str, Any]:
    """Return the field `levels` of a draft that another government's word brought; nothing for any other alert."""
    office = here.office
    found = beside(connection, version_id, cards_on(office), office.clock.now())
    zone = ZoneInfo(office.settings.zone)
    told = [side_json(one, language()) | {"text": in_a_line(one, zone, language())} for one in found]
    return {"levels": told} if told else {}


def tell_side_by_side(alerts: Sequence[Mapping[str, Any]]) -> None:
    """Say below a table of alerts what the others say of the countries of drafts."""
    for one in alerts:
        for side in one.get("levels", []):
            country = display(side["country"], language())
            say(t("Draft {number}, {country}: {text}", number=one["id"], country=country, text=side["text"]))


def cards_on(office: Office) -> list[Card]:
    """Return the cards of the sources that are read."""
    return [one.CARD for one in office.sources.values() if is_on(one.CARD, office.settings)]


def _show(found: SideBySide, zone: ZoneInfo) -> None:
    tongue = language()
    say(t("{country}: what is said of it", country=display(found.country, tongue)))
    titles = [t("Source"), t("Level"), t("In its own words"), t("Since"), t("Last read"), t("Link")]
    table(titles, [_row(one, zone) for one in found.stances])
    for move in found.moves:
        arrow = "↑" if move.direction is Direction.UP else "↓"
        before, after = level_words(move.before), level_words(move.after)
        day = f"{move.at.astimezone(zone):%Y-%m-%d %H:%M}"
        say(t("{arrow} {day} {source}: {before} → {after}", arrow=arrow, day=day, source=move.source, before=before,
              after=after))  # fmt: skip
    first = first_words(found, zone, tongue)
    say(t("Nobody moved in the last 90 days.") if first is None else first)
    if found.nothing:
        say(t("Read well, and nothing said of it: {names}.", names=", ".join(card.id for card in found.nothing)))
    for one in found.sick:
        say(t("Sick, so that its silence says nothing: {source} ({reason})", source=one.card.id, reason=one.reason))


def _row(one: Stance, zone: ZoneInfo) -> tuple[object, ...]:
    level: object = level_words(one.level)
    if one.regional != one.national and isinstance(one.regional, int):
        level = t("{national} (a part of it: {regional})", national=level_words(one.national), regional=one.regional)
    since: object = "" if one.since is None else f"{one.since.astimezone(zone):%Y-%m-%d}"
    if one.first_sight:
        since = t("{day} or before", day=since) if since else ""
    hours = None if one.age is None else int(one.age.total_seconds()) // 3600
    age = t("never") if hours is None else t("{hours} h ago", hours=hours)
    name = one.card.publisher_zh if language() == "zh" else one.card.publisher
    return name, level, one.words or one.title, since, age, one.url
