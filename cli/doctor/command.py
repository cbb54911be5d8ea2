"""The command itself: what was asked for, the table, and the exit status."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Annotated, Any

import typer

from cli.context import Context
from cli.doctor import prefect_server, store, trial
from cli.doctor.examination import examine
from cli.doctor.model import STATUS_WORDS, Finding, Patient, Status, Wish
from cli.doctor.reach import TOOLS
from cli.show import language, lines, say, table
from core.clock import SystemClock
from core.database import open_engine
from core.i18n import t
from registry.actors import require_office

Tests = Annotated[
    list[str] | None,
    typer.Option("--test", metavar="CHANNEL=ADDRESS", help="向本人真实试发，如 sms=+86… Send a real test to yourself."),
]


def doctor(
    context: typer.Context,
    fix: Annotated[bool, typer.Option("--fix", help="修复可安全修复的 Mend what can be mended safely.")] = False,
    test: Tests = None,
    offline: Annotated[bool, typer.Option("--offline", help="不连接其他机器 Open no line to another machine.")] = False,
    patience: Annotated[
        float, typer.Option(min=0.0, metavar="SECONDS", help="等待调度和回执的秒数 Wait for a run and for receipts.")
    ] = 60.0,
    json: Annotated[bool, typer.Option("--json", help="输出 JSON Print JSON.")] = False,
) -> None:
    """体检：设置、版本、数据库、密钥、信息源、渠道、调度、时钟、磁盘；逐项说明怎么办。Is everything as it must be, and what to do?
    Exit 0: all is well or was not looked at. 1: there is something to do. 2: the settings cannot be read."""
    here: Context = context.obj
    wanted = trial.read_wish(test or ())
    found = _look(here, Wish(fix, offline, _server(here), patience), wanted)
    if json:
        lines(_json(one) for one in found)
    else:
        _show(found)
    raise typer.Exit(1 if any(one.status in {Status.WARNING, Status.FAULT} for one in found) else 0)


def _server(here: Context) -> str:
    return os.environ.get("PREFECT_API_URL", "") or prefect_server.address_here(here.settings.home)


def _look(here: Context, wish: Wish, wanted: dict[str, str]) -> list[Finding]:
    engine = open_engine(here.settings.database)
    patient = Patient(here.settings, engine, SystemClock(), TOOLS, wish)
    try:
        found = list(examine(patient))
    finally:
        engine.dispose()
    opened = any(one.name == store.SCHEMA and one.status is Status.OK for one in found)
    if opened:
        here.keep_companies_out()
    if wanted and opened:
        require_office(here.actor)
        trial.allow(here.office, wanted.values())
        found += trial.check(here.office, wanted, by=here.actor.name, patience=wish.patience)
    return found


def _json(one: Finding) -> dict[str, Any]:
    told = language()
    todo = "" if one.todo is None else one.todo.render(told)
    return {"name": one.name, "status": one.status, "words": one.words.render(told), "todo": todo, "mended": one.mended}


def _show(found: Sequence[Finding]) -> None:
    rows = [(one.name, t("mended") if one.mended else STATUS_WORDS[one.status], one.words) for one in found]
    table([t("Part"), t("State"), t("What was seen")], rows)
    todo = [one for one in found if one.todo is not None]
    if any(one.status in {Status.WARNING, Status.FAULT} for one in todo):
        say(t("What to do:"))
    for one in todo:
        if one.status is not Status.SKIPPED:
            say(t("{name}: {words} → {todo}", name=one.name, words=one.words, todo=one.todo))
    counts = {one: sum(each.status is one for each in found) for one in Status}
    say(t("All right {ok}, to look at {warnings}, broken {faults}, not looked at {skipped}.", ok=counts[Status.OK],
          warnings=counts[Status.WARNING], faults=counts[Status.FAULT], skipped=counts[Status.SKIPPED]))  # fmt: skip
