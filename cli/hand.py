"""`lingbao hand`: write down what was told by hand, and take back what was written in error."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any

import typer

from cli.context import Context
from cli.show import as_json, lines, say, table
from core.clock import iso, parse_moment
from core.database import writing
from core.errors import WrongUse
from core.i18n import Message, t
from notify.byhand.record import Told, add, withdraw
from notify.byhand.tables import Way
from notify.ledger.collect import begin, hands
from notify.ledger.model import About, Hand, Look
from notify.ledger.terms import way_words
from registry.actors import require_office

app = typer.Typer(no_args_is_help=True)
Json = Annotated[bool, typer.Option("--json", help="输出 JSON Print JSON.")]


@app.command("add")
def add_word(
    context: typer.Context,
    alert: Annotated[int, typer.Option(help="预警编号 Alert.")],
    way: Annotated[Way, typer.Option(help="方式 How: wechat-group, phone, visit, other.")],
    person: Annotated[list[int] | None, typer.Option(help="人员编号，可重复 Person, repeatable.")] = None,
    employer: Annotated[str, typer.Option(metavar="CODE", help="派出单位代码 Company.")] = "",
    group: Annotated[str, typer.Option(metavar="NAME", help="群名 Name of a group.")] = "",
    confirmed: Annotated[
        bool, typer.Option("--confirmed", help="单位确认已逐一告知 The company says that its people were told.")
    ] = False,
    at: Annotated[str, typer.Option(metavar="ISO", help="何时告知；不写为现在 When it happened; none: now.")] = "",
    note: Annotated[str, typer.Option(help="备注 Note.")] = "",
    json: Json = False,
) -> None:
    """登记人工告知：谁、何时、告知了谁。Write down who told whom, when and how."""
    here: Context = context.obj
    require_office(here.actor)
    moment = _moment(at) if at else here.office.clock.now()
    whom_told: list[int] | list[None] = person or [None]
    with writing(here.office.engine) as connection:
        numbers = [
            add(
                connection,
                Told(alert, way, moment, one, employer, group, confirmed, note),
                here.acting,
                here.office.keys,
            )
            for one in whom_told
        ]
    if json:
        as_json({"records": numbers})
    else:
        say(t("Written down as record {numbers}. It is kept for good; what is wrong is withdrawn.",
              numbers=", ".join(map(str, numbers))))  # fmt: skip


@app.command("withdraw")
def withdraw_word(
    context: typer.Context,
    record: Annotated[int, typer.Argument(metavar="RECORD", help="登记编号 Number of the record.")],
    reason: Annotated[str, typer.Option(help="原因 Why.")],
) -> None:
    """撤回误登记（原记录保留）。Say that a record does not hold; it stays, with the reason beside it."""
    here: Context = context.obj
    require_office(here.actor)
    with writing(here.office.engine) as connection:
        number = withdraw(connection, record, reason, here.acting, here.office.keys)
    say(t("Record {record} is withdrawn by record {number}.", record=record, number=number))


@app.command("list")
def list_words(
    context: typer.Context,
    alert: Annotated[int | None, typer.Option(help="预警编号 Alert.")] = None,
    person: Annotated[int | None, typer.Option(help="人员编号 Person.")] = None,
    json: Json = False,
) -> None:
    """列出人工告知。List what was told by hand."""
    here: Context = context.obj
    require_office(here.actor)
    about, look = About(alert, person), Look(here.acting, here.office.keys)
    with writing(here.office.engine) as connection:
        begin(connection, about, look)
        found = hands(connection, about, look)
    if json:
        lines(_json(one) for one in found)
        return
    titles = [t("Number"), t("Alert"), t("To whom"), t("How"), t("When"), t("By whom"), t("Note")]
    table(titles, [
        (one.number, one.alert_id, whom(one), way_words(one.way), f"{one.at:%Y-%m-%d %H:%M}Z", one.by, _note(one)) for one in found
    ])  # fmt: skip


def whom(hand: Hand) -> Message | str:
    """Say who was told."""
    if hand.registrant_id is not None:
        return t("person {number}", number=hand.registrant_id)
    if hand.employer_id is not None:
        return t("company {number}", number=hand.employer_id)
    return hand.group


def _note(hand: Hand) -> Message | str:
    note = t("erased") if hand.note is None else hand.note
    if hand.withdraws is not None:
        return t("withdraws {number}: {note}", number=hand.withdraws, note=note)
    return t("withdrawn; {note}", note=note) if hand.withdrawn else note


def _json(hand: Hand) -> dict[str, Any]:
    return asdict(hand) | {"at": iso(hand.at), "written_at": iso(hand.written_at)}


def _moment(text: str) -> Any:
    try:
        return parse_moment(text)
    except ValueError as error:
        raise WrongUse(
            t("--at: {text} is no time with a zone, such as 2026-10-05T08:00:00+08:00.", text=text)
        ) from error
