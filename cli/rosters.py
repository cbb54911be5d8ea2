"""`lingbao roster`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cli.context import Context
from cli.show import language, remark, say, table
from core.i18n import t
from registry.roster.check import check_roster
from registry.roster.report import RosterReport, lines, remarks, summary, to_json

app = typer.Typer(no_args_is_help=True)
MOST_SHOWN = 200
File = Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="花名册 Roster: .xlsx, .xls, .csv, WPS.")]
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


def show(report: RosterReport, *, json: bool) -> None:
    """Print what a check found."""
    if json:
        print(to_json(report, language()))
        return
    for one in remarks(report):
        remark(one)
    found = lines(report, notes=True)
    if found:
        titles = [t("Row"), t("Column"), t("Read"), t("What is wrong, and what to do")]
        table(titles, found[:MOST_SHOWN])
    if len(found) > MOST_SHOWN:
        say(t("{more} more: write them into a workbook with --annotated.", more=len(found) - MOST_SHOWN))
    say(summary(report))
