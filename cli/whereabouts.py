"""`lingbao people whereabouts`: who is in these countries or places on a day, one row per person, however many there are."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date
from itertools import islice
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer
from sqlalchemy import Connection

from cli.context import Context
from cli.show import as_json, language, lines, remark, say, table
from core.audit import record
from core.database import reading, writing
from core.errors import WrongUse
from core.i18n import Message, t
from core.places.names import display
from notify.manual import read_countries
from registry import scope
from registry.places import match_places
from registry.scope.present import BATCH, Asked, Presence, tally, whereabouts, written_places

NAMED = 20
"""So many spellings of other places are shown."""


def show_whereabouts(
    context: typer.Context,
    country: Annotated[
        str,
        typer.Option("--country", metavar="XX,YY", help="国家（地区），逗号分隔 Countries or regions, with commas."),
    ],
    place: Annotated[
        list[str] | None, typer.Option(help="城市或地区，可多次 City or region; may be given several times.")
    ] = None,
    on: Annotated[str, typer.Option(metavar="DATE", help="哪一天 Which day, as 2026-11-22; without: today.")] = "",
    leaving_within: Annotated[
        int, typer.Option(min=0, max=365, help="含几天内启程的人 Also who leaves for it in so many days.")
    ] = 14,
    doubtful: Annotated[
        bool, typer.Option("--doubtful", help="含存疑和久未核实的 Also the doubtful, and who was long not confirmed.")
    ] = False,
    names: Annotated[
        bool, typer.Option("--names", help="显示姓名（有记录） Show names; written to the audit log.")
    ] = False,
    count: Annotated[bool, typer.Option("--count", help="只给人数 Only how many.")] = False,
    json: Annotated[bool, typer.Option("--json", help="输出 JSON Print JSON.")] = False,
) -> None:
    """谁在这些国家（地区）或城市（每次查看都有记录）。Who is in these countries or places; each look is written to the audit log."""
    here: Context = context.obj
    actor = here.actor  # proven in a transaction of its own: not inside the one below
    codes = tuple(read_countries([one for one in country.replace("，", ",").split(",") if one.strip()]))
    asked = Asked(codes, _day(here, on), None, doubtful, leaving_within)
    with writing(here.office.engine) as connection:
        record(
            connection, actor=actor.name, action="people.whereabouts", subject="registrant", now=here.office.clock.now(),
            detail=" ".join([",".join(codes), str(asked.day), *(["place"] if place else []), *(["names"] if names else [])]),
        )  # fmt: skip
    with reading(here.office.engine) as connection:
        if place:
            asked = _placed(connection, here, asked, place)
        if count:
            _show_counts(connection, here, asked, json=json)
            return
        rows = _rows(connection, here, asked, names=names)
        if json:
            lines(rows)
        else:
            _show(rows, names=names)
        _remark_unsure(connection, here, asked)


def _day(here: Context, on: str) -> date:
    if not on:
        return here.office.clock.now().astimezone(ZoneInfo(here.office.settings.zone)).date()
    try:
        return date.fromisoformat(on)
    except ValueError as error:
        raise WrongUse(t("{text} is no date. Write it as 2026-11-22.", text=on)) from error


def _placed(connection: Connection, here: Context, asked: Asked, places: list[str]) -> Asked:
    """Look up how the places are written in the register, and say what was taken for another place."""
    found = match_places(written_places(connection, here.actor, asked.countries), places)
    if found.elsewhere:
        words = ["/".join(filter(None, (one.region, one.city))) for one in found.elsewhere]
        shown, stays = ", ".join(dict.fromkeys(words[:NAMED])), sum(one.stays for one in found.elsewhere)
        remark(
            t(
                "Left out, because they are said to be elsewhere: {count} stays, such as {words}.",
                count=stays,
                words=shown,
            )
        )
    return replace(asked, places=found)


def _rows(connection: Connection, here: Context, asked: Asked, *, names: bool) -> Iterator[dict[str, Any]]:
    found = iter(whereabouts(connection, here.actor, asked))
    while batch := list(islice(found, BATCH)):
        known = (
            scope.names_of(connection, here.actor, [one.registrant_id for one in batch], here.office.keys)
            if names
            else {}
        )
        for one in batch:
            yield _row(one) | ({"name": known.get(one.registrant_id, "")} if names else {})


def _row(one: Presence) -> dict[str, Any]:
    return {
        "person": one.registrant_id, "employer": one.employer_id, "posting": one.posting_id, "country": one.country,
        "region": one.region, "city": one.city, "planned": bool(one.planned), "doubtful": bool(one.doubtful),
        "perhaps": bool(one.perhaps),
    }  # fmt: skip


def _show(rows: Iterable[dict[str, Any]], *, names: bool) -> None:
    """Print rows as they come: a table would hold a million of them in memory to find its widths."""
    titles = [t("Person"), t("Employer"), t("Country"), t("City"), t("Remark"), *([t("Name")] if names else [])]
    print("\t".join(one.render(language()) for one in titles))
    for one in rows:
        place = " ".join(filter(None, (one["region"], one["city"])))
        cells = [one["person"], one["employer"] or "–", display(one["country"], language()), place, _remarks(one)]
        print("\t".join(str(cell) for cell in [*cells, *([one["name"]] if names else [])]))


def _remarks(one: dict[str, Any]) -> str:
    words: list[Message] = []
    if one["planned"]:
        words.append(t("leaving for it"))
    if one["doubtful"]:
        words.append(t("doubtful"))
    if one["perhaps"]:
        words.append(t("perhaps there: no place told"))
    return ", ".join(word.render(language()) for word in words)


def _show_counts(connection: Connection, here: Context, asked: Asked, *, json: bool) -> None:
    found = tally(connection, here.actor, replace(asked, include_doubtful=True))
    if json:
        for one in found:
            as_json({"country": one.country, "there": one.there, "planned": one.planned, "perhaps": one.perhaps,
                     "doubtful": one.doubtful})  # fmt: skip
        return
    rows = [(display(one.country, language()), one.there, one.planned, one.perhaps, one.doubtful) for one in found]
    table([t("Country"), t("There"), t("Leaving for it"), t("Perhaps there"), t("Doubtful")], rows)
    if not found:
        say(t("Nobody is registered there on {day}.", day=asked.day))


def _remark_unsure(connection: Connection, here: Context, asked: Asked) -> None:
    """Say how many were not listed because they are doubtful: nobody must be forgotten unseen."""
    if not asked.include_doubtful:
        unsure = sum(one.doubtful for one in tally(connection, here.actor, replace(asked, include_doubtful=True)))
        if unsure:
            remark(t("Not listed: {count} people of whom it is not sure. See them with --doubtful.", count=unsure))
