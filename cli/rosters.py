"""`lingbao roster`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from cli.context import Context
from cli.show import as_json, language, remark, say, table
from core.database import writing
from core.i18n import Message, t
from registry.employers import find_employer
from registry.enrol import index_key
from registry.roster.apply import ImportResult, import_roster, preview_roster
from registry.roster.check import check_roster
from registry.roster.merge import Plan
from registry.roster.report import RosterReport, remarks, summary, to_record

app = typer.Typer(no_args_is_help=True)
File = Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="花名册 Roster: .xlsx, .xls, .csv.")]
Json = Annotated[bool, typer.Option("--json", help="输出 JSON Print JSON.")]


@app.command("check")
def check(
    context: typer.Context,
    file: File,
    marked: Annotated[
        Path | None, typer.Option("--annotated", help="写出标注过的表 Write an annotated workbook.")
    ] = None,
    json: Json = False,
) -> None:
    """检查花名册，逐行说明问题。Check a roster row by row; nothing is written."""
    here: Context = context.obj
    report = check_roster(file.read_bytes(), file.name, here.office.clock.now().date())
    if marked is not None:
        from registry.roster.annotate import annotated

        marked.write_bytes(annotated(report, language()))
    show(report, json=json)
    raise typer.Exit(0 if report.clean else 1)


@app.command("import")
def import_(
    context: typer.Context,
    file: File,
    employer: Annotated[str, typer.Option(metavar="CODE", help="派出单位代码 Code of the employer.")],
    apply: Annotated[bool, typer.Option("--apply", help="写入 Write it; without, only a preview.")] = False,
    json: Json = False,
) -> None:
    """导入花名册；不加 --apply 只预览。Take a roster into the register; without --apply only a preview."""
    here: Context = context.obj
    actor = here.actor  # proven in a transaction of its own: not inside the one below
    now = here.office.clock.now()
    report = check_roster(file.read_bytes(), file.name, now.date())
    with writing(here.office.engine) as connection:
        company = find_employer(connection, actor, employer)
        secret = index_key(connection, here.office.keys)
        if apply:
            done = import_roster(connection, actor, company, report, keys=here.office.keys, index_key=secret, now=now)
        else:
            plan = preview_roster(connection, actor, company, report, index_key=secret)
    outcome = _applied(done) if apply else _planned(plan)
    if json:
        as_json(outcome | {"applied": apply, "report": to_record(report)})
    else:
        show(report, json=False)
        say(_told(done) if apply else t("Would join: {joined}. Known: {known}. Back already, not taken up: {left_out}. "
                                        "Write it with --apply.", **outcome))  # fmt: skip
        if apply and done.possible_doubles:
            rows = ", ".join(str(row) for row in done.possible_doubles)
            say(t("Perhaps the same people with a new number: rows {rows}.", rows=rows))
    raise typer.Exit(0 if report.clean else 1)


def show(report: RosterReport, *, json: bool) -> None:
    """Print what a check found."""
    if json:
        as_json(to_record(report))
        return
    for one in remarks(report):
        remark(one)
    if report.findings:
        titles = [t("Row"), t("Column"), t("Read"), t("What is wrong, and what to do")]
        table(titles, [(f.row, f.column, f.read, f.message) for f in report.findings])
    say(summary(report))


def _planned(plan: Plan) -> dict[str, Any]:
    return {"joined": len(plan.joined), "known": len(plan.updates), "left_out": len(plan.left_out)}


def _applied(done: ImportResult) -> dict[str, Any]:
    return {"import": done.import_id, "joined": done.joined, "changed": done.changed, "unchanged": done.unchanged,
            "left_out": done.left_out, "refused_rows": done.refused, "possible_doubles": list(done.possible_doubles)}  # fmt: skip


def _told(done: ImportResult) -> Message:
    return t("Joined: {joined}. Changed: {changed}. Unchanged: {unchanged}. Back already, not taken up: {left}. Rows refused: {refused}.",
             joined=done.joined, changed=done.changed, unchanged=done.unchanged, left=done.left_out, refused=done.refused)  # fmt: skip
