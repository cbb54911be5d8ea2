"""`lingbao safe`: the roll call after an alert. Its board, what officers say of people, the ministry's form, and a trial of the reading."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import asdict
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from cli.context import Context
from cli.show import as_json, language, lines, say, table
from core import audit
from core.clock import iso
from core.database import reading, writing
from core.errors import WrongUse
from core.i18n import Message, t
from notify.safety.board import Board, board
from notify.safety.export import country_name, people_of, way, write_xlsx
from notify.safety.model import Answer
from notify.safety.reading import read
from notify.safety.take import Mark, mark
from notify.safety.tally import STATE_WORDS, Entry, Tally
from registry import scope
from registry.actors import require_office
from registry.employers import list_employers

app = typer.Typer(no_args_is_help=True)
Json = Annotated[bool, typer.Option("--json", help="输出 JSON Print JSON.")]


class By(StrEnum):
    """How a board is counted."""

    COUNTRY = "country"
    COMPANY = "company"
    PERSON = "person"


@app.command("board")
def show_board(
    context: typer.Context,
    alert: Annotated[int, typer.Argument(metavar="ALERT", help="预警编号 Alert.")],
    by: Annotated[By, typer.Option(help="按国家、单位或人员 Count by country, company or person.")] = By.COUNTRY,
    country: Annotated[str, typer.Option(metavar="ISO", help="只看一国 One country only.")] = "",
    json: Json = False,
) -> None:
    """平安确认看板：谁平安、谁求助、谁未答复。Who is safe, who needs help, who is silent."""
    here: Context = context.obj
    with reading(here.office.engine) as connection:
        found = board(connection, alert, here.actor, country=country.upper() or None)
        codes = {one.employer_id: one.code for one in list_employers(connection, here.actor)}
    if by is By.PERSON:
        _people(here, found, codes, json=json)
        return
    groups = _groups(found, codes, by)
    if json:
        as_json(
            _json(found)
            | {"total": asdict(found.total), f"by_{by}": {name: asdict(one) for name, one in groups.items()}}
        )
        return
    if found.drill:
        say(t("This is a drill."))
    first = t("Country or region") if by is By.COUNTRY else t("Company")
    titles = [
        first,
        t("asked"),
        t("safe"),
        t("needs help"),
        t("unclear"),
        t("no answer"),
        t("of these late"),
        t("not asked, answered"),
    ]
    shown = [*groups.items(), (t("All together").render(language()), found.total)]
    table(titles, [(_shown(name, by), *_figures(one)) for name, one in shown])


@app.command("mark")
def mark_people(
    context: typer.Context,
    alert: Annotated[int, typer.Argument(metavar="ALERT", help="预警编号 Alert.")],
    person: Annotated[list[int], typer.Option(help="人员编号，可重复 Person, repeatable.")],
    answer: Annotated[Answer, typer.Option(help="平安、需要帮助或不明 safe, help, or unclear.")],
    note: Annotated[str, typer.Option(help="备注 Note, kept sealed.")] = "",
    phoned: Annotated[bool, typer.Option("--phoned", help="电话中本人所说 They said so on the telephone.")] = False,
    json: Json = False,
) -> None:
    """代为登记平安或求助；谁登记的会记下。Say it of others; it is kept who did."""
    here: Context = context.obj
    made = Mark(alert, person, answer, note, phoned)
    acting = here.acting  # proven in a transaction of its own: not inside the one below
    with writing(here.office.engine) as connection:
        counted = mark(connection, made, acting, here.office.keys)
    if json:
        as_json(asdict(counted))
    else:
        say(t("Written down for {count} people.", count=counted.written))


@app.command("export")
def export(
    context: typer.Context,
    alert: Annotated[int, typer.Argument(metavar="ALERT", help="预警编号 Alert.")],
    out: Annotated[Path, typer.Option(metavar="FILE.xlsx", help="写到哪个文件 Where to write it.")],
) -> None:
    """导出上报表格（xlsx）。Write the form for the ministry, as a workbook."""
    here: Context = context.obj
    require_office(here.actor)
    if out.suffix.lower() != ".xlsx":
        raise WrongUse(t("--out: {path} must end in .xlsx.", path=out))
    with writing(here.office.engine) as connection:
        found = board(connection, alert, here.actor)
        people = people_of(connection, found, here.acting, here.office.keys)
    out.touch(0o600)  # before anything is in it
    out.chmod(0o600)
    write_xlsx(out, found, people, zone=here.settings.zone, language=language(), now=here.acting.now)
    say(
        t(
            "{count} people are in {path}. It holds names and what people wrote: keep it as such.",
            count=len(found.entries),
            path=out,
        )
    )


@app.command("read")
def read_lines() -> None:
    """试读答复：每行一条，输出 JSON。Try the reading: one answer a line on stdin, one JSON object each."""
    lines({"text": line.rstrip("\n"), "answer": read(line)} for line in sys.stdin)


def _people(here: Context, found: Board, codes: Mapping[int, str], *, json: bool) -> None:
    """Show everybody by name; the look is written to the audit."""
    with writing(here.office.engine) as connection:
        numbers = [one.place.registrant_id for one in found.entries]
        names = scope.names_of(connection, here.actor, numbers, here.office.keys)
        audit.record(connection, actor=here.actor.name, action="safe.board", subject=f"alert/{found.alert_id}",
                     now=here.acting.now, detail=f"{len(names)} registrants")  # fmt: skip
    if json:
        lines(_entry_json(one, codes) for one in found.entries)
        return
    titles = [t("Number"), t("Name"), t("Country or region"), t("Company"), t("State"), t("Said at"), t("By which way"),
              t("Who said it"), t("Late")]  # fmt: skip
    table(titles, [_row(one, names, codes) for one in found.entries])


def _row(one: Entry, names: Mapping[int, str], codes: Mapping[int, str]) -> tuple[Message | str | int | None, ...]:
    place, said = one.place, one.stands
    state = t("{state}, wrote since", state=STATE_WORDS[one.state]) if one.said_since else STATE_WORDS[one.state]
    return (
        place.registrant_id, names.get(place.registrant_id, t("erased")), country_name(place.country, language()),
        codes.get(place.employer_id or 0, ""), state, f"{said.at:%Y-%m-%d %H:%M}Z" if said else "", way(said),
        said.by if said else "", t("late") if said and said.late else "",
    )  # fmt: skip


def _entry_json(one: Entry, codes: Mapping[int, str]) -> dict[str, Any]:
    place, said = one.place, one.stands
    return {
        "person": place.registrant_id, "employer": codes.get(place.employer_id or 0), "country": place.country or None,
        "asked": place.asked, "state": one.state, "at": iso(said.at) if said else None, "means": said.means if said else None,
        "by": said.by if said else None, "shared": bool(said and said.shared), "late": bool(said and said.late),
        "said_since": iso(one.said_since.at) if one.said_since else None,
        "beside": {voice: {"answer": word.answer, "by": word.by, "at": iso(word.at)} for voice, word in one.beside.items()},
    }  # fmt: skip


def _json(found: Board) -> dict[str, Any]:
    return {"alert": found.alert_id, "title": found.title_zh, "drill": found.drill, "ended_at": iso(found.ended_at)}


def _groups(found: Board, codes: Mapping[int, str], by: By) -> dict[str, Tally]:
    if by is By.COUNTRY:
        return found.by_country
    return {
        codes.get(number, "") or t("of no company").render(language()): one for number, one in found.by_employer.items()
    }


def _shown(name: str, by: By) -> str:
    return country_name(name, language()) if by is By.COUNTRY else name


def _figures(one: Tally) -> tuple[int, ...]:
    return one.asked, one.safe, one.help, one.unclear, one.silent, one.late, one.unasked
