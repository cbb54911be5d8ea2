"""`lingbao duty`: the duty table, who is on duty, what somebody is wanted for, and who knows."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer

from cli.context import Context
from cli.show import as_json, language, lines, say, table
from core.clock import iso, parse_moment
from core.database import reading, writing
from core.errors import NotAllowed, NotFound, WrongUse
from core.i18n import t
from notify.duty import answers, store
from notify.duty.fallback import fallback_phone
from notify.duty.keeping import add_shifts, remove_shift, view_shifts
from notify.duty.roster import read_shift, read_table
from notify.duty.shifts import Shift, on_duty, uncovered
from notify.duty.tables import DutyPage
from registry.masks import mask_address, mask_name
from sources.wire import load_message

app = typer.Typer(no_args_is_help=True)
Json = Annotated[bool, typer.Option("--json", help="输出 JSON Print JSON.")]
AHEAD = timedelta(days=14)
MOMENT = timedelta(microseconds=1)


@app.command("add")
def add(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="值班人 Who is on duty.")],
    phone: Annotated[str, typer.Option(help="手机号 Mobile number.")],
    begins: Annotated[
        str, typer.Option("--from", metavar="MOMENT", help="开始：2026-11-22 18:00 Begin, by the clock of the office.")
    ],
    ends: Annotated[
        str, typer.Option("--until", metavar="MOMENT", help="结束：08:00 为次日 End; an hour alone is the next one.")
    ],
    json: Json = False,
) -> None:
    """登记一个班次。Write one shift into the duty table."""
    here = _office(context)
    shift = read_shift(name, phone, begins, ends, here.settings.zone)
    [number] = _write(here, [shift])
    if json:
        as_json({"shift": number, "from": iso(shift.begins), "until": iso(shift.ends)})
    else:
        say(
            t(
                "Shift {number}: from {begin} until {end}.",
                number=number,
                begin=_local(here, shift.begins),
                end=_local(here, shift.ends),
            )
        )


@app.command("import")
def import_(
    context: typer.Context,
    file: Annotated[
        Path, typer.Argument(exists=True, dir_okay=False, help="CSV：姓名、电话、开始、结束 name, phone, from, until.")
    ],
    json: Json = False,
) -> None:
    """导入排班表；有一行错误则全部不导入。Import a duty table; one wrong line and nothing is written."""
    here = _office(context)
    found, wrong = read_table(file.read_bytes(), here.settings.zone)
    numbers = [] if wrong else _write(here, found)
    if json:
        as_json({"shifts": numbers, "wrong": [{"line": one.line, "text": one.why.render(language())} for one in wrong]})
    else:
        for one in wrong:
            say(t("Line {line}: {why}", line=one.line, why=one.why))
        say(t("Shifts written: {count}.", count=len(numbers)))
    raise typer.Exit(1 if wrong else 0)


@app.command("remove")
def remove(
    context: typer.Context, number: Annotated[int, typer.Argument(help="班次编号 Number of the shift.")]
) -> None:
    """删除一个班次。Take a shift out of the table."""
    here = _office(context)
    actor = here.actor
    with writing(here.office.engine) as connection:
        remove_shift(connection, actor, number, here.office.clock.now())
    say(t("Shift {number} was taken out of the table.", number=number))


@app.command("list")
def list_(context: typer.Context, json: Json = False) -> None:
    """今后两周的班次和空档。The shifts of the next two weeks, and when nobody is on duty. Exit 1 if there is a hole."""
    here = _office(context)
    now = here.office.clock.now()
    shifts = _look(here, now, now + AHEAD)
    holes = uncovered(shifts, now, max((one.ends for one in shifts), default=now + AHEAD))
    if json:
        lines(
            [
                *(_json(here, one) for one in shifts),
                *({"hole": True, "from": iso(a), "until": iso(b)} for a, b in holes),
            ]
        )
    else:
        _table(here, shifts)
        for begin, end in holes:
            say(t("Nobody is on duty from {begin} until {end}.", begin=_local(here, begin), end=_local(here, end)))
    raise typer.Exit(1 if holes else 0)


@app.command("now")
def now_(
    context: typer.Context,
    at: Annotated[str, typer.Option(metavar="ISO", help="某一时刻 At this moment instead.")] = "",
    json: Json = False,
) -> None:
    """现在谁值班；无人时呼叫谁。Who is on duty now; and who is called if nobody is (then exit 1)."""
    here = _office(context)
    try:
        now = parse_moment(at) if at else here.office.clock.now()
    except ValueError as error:
        raise WrongUse(t("--at: {error}", error=str(error))) from error
    shifts = on_duty(_look(here, now, now + MOMENT), now)
    last = fallback_phone(here.settings)
    if json:
        as_json({"on_duty": [_json(here, one) for one in shifts], "fallback": bool(last)})
    elif shifts:
        _table(here, shifts)
    else:
        say(t("Nobody is on duty. The number of the settings is called.") if last
            else t("Nobody is on duty, and nobody can be called: set `duty_phone`."))  # fmt: skip
    raise typer.Exit(0 if shifts else 1)


@app.command("pages")
def pages(context: typer.Context, json: Json = False) -> None:
    """未了结的呼叫：为何、谁已知悉。What somebody is wanted for, and who knows. Exit 1 if nobody knows of one."""
    here = _office(context)
    with reading(here.office.engine) as connection:
        found = store.open_pages(connection)
    if json:
        lines(_page_json(one) for one in found)
    elif not found:
        say(t("Nobody is wanted for anything."))
    else:
        table([t("Page"), t("Since"), t("What"), t("Known to")],
              [(one.id, _local(here, one.opened_at), load_message(one.words), one.acked_by) for one in found])  # fmt: skip
    raise typer.Exit(1 if any(one.acked_at is None for one in found) else 0)


@app.command("ack")
def ack(context: typer.Context, number: Annotated[int, typer.Argument(help="呼叫编号 Number of the page.")]) -> None:
    """已知悉：不再为此呼叫任何人。Say that you know: nobody else is called for it."""
    here = _office(context)
    actor = here.actor
    with writing(here.office.engine) as connection:
        if not answers.acknowledge(connection, [number], by=actor.name, now=here.office.clock.now()):
            raise NotFound(t("There is no page {number} that waits for an answer.", number=number))
    say(t("Page {number} is known to you. It is closed when its cause is over.", number=number))


def _office(context: typer.Context) -> Context:
    here: Context = context.obj
    if not here.actor.is_office:
        raise NotAllowed(t("Only the office may do this, not {actor}.", actor=here.actor.name))
    return here


def _look(here: Context, since: datetime, until: datetime) -> list[Shift]:
    actor, office = here.actor, here.office
    with writing(office.engine) as connection:
        return view_shifts(connection, actor, (since, until), keys=office.keys, now=office.clock.now())


def _write(here: Context, shifts: list[Shift]) -> list[int]:
    actor, office = here.actor, here.office
    with writing(office.engine) as connection:
        return add_shifts(connection, actor, shifts, keys=office.keys, now=office.clock.now())


def _table(here: Context, shifts: list[Shift]) -> None:
    rows = [(one.shift_id, *_who(here, one), _local(here, one.begins), _local(here, one.ends)) for one in shifts]
    table([t("Shift"), t("Name"), t("Phone"), t("Begin"), t("End")], rows)


def _who(here: Context, one: Shift) -> tuple[str, str]:
    plain = here.actor.sees_plain
    return (one.name, one.phone) if plain else (mask_name(one.name), mask_address(one.phone))


def _local(here: Context, moment: datetime) -> str:
    return f"{moment.astimezone(ZoneInfo(here.settings.zone)):%Y-%m-%d %H:%M}"


def _json(here: Context, one: Shift) -> dict[str, Any]:
    name, phone = _who(here, one)
    return {"shift": one.shift_id, "name": name, "phone": phone, "from": iso(one.begins), "until": iso(one.ends)}


def _page_json(one: DutyPage) -> dict[str, Any]:
    return {
        "page": one.id, "cause": one.cause, "text": load_message(one.words).render(language()), "opened_at": iso(one.opened_at),
        "acked_at": iso(one.acked_at), "acked_by": one.acked_by,
    }  # fmt: skip
