"""`lingbao rollup`: tell companies what came of the alerts for their people."""

from __future__ import annotations

from typing import Annotated

import typer

from cli.context import Context
from cli.show import language, lines, say, table
from core.database import reading
from core.i18n import Message, t
from notify.mailings.once import Fate
from notify.rollup.model import Round
from notify.rollup.send import RolledUp, send_rollups
from registry.actors import SYSTEM
from registry.employers import list_employers

app = typer.Typer(no_args_is_help=True)
ROUNDS = {
    Round.WAVE: t("who was told"), Round.MORNING: t("what changed since"), Round.CLOSED: t("the alert ended"),
}  # fmt: skip
FATES = {
    Fate.SENT: t("sent"), Fate.THERE: t("sent before"), Fate.FAILED: t("failed, tried again later"),
    Fate.WAITING: t("waits for its turn"), Fate.GIVEN_UP: t("given up"), Fate.WITHOUT: t("no mail address: call them"),
}  # fmt: skip


@app.callback()
def rollup() -> None:
    """预警送达汇总：告知派出单位其人员的通知情况。Tell companies what came of the alerts for their people."""


@app.command("send")
def send(
    context: typer.Context,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="只看不发 Show what is due, send nothing.")] = False,
    json: Annotated[bool, typer.Option("--json", help="输出 JSON Print JSON.")] = False,
) -> None:
    """发送到期的汇总，每单位每轮一次。Send the roll-ups that are due, each once for a company and a round."""
    here: Context = context.obj
    here.keep_companies_out()
    done = send_rollups(here.office, by=here.actor.name if here.user else SYSTEM.name, dry_run=dry_run)
    with reading(here.office.engine) as connection:
        codes = {f"employer/{one.employer_id}": one.code for one in list_employers(connection, SYSTEM)}
    rows = [(one.alert_id, one.what, codes.get(each.reader, each.reader), each.fate, each.code)
            for one in done for each in one.outcomes]  # fmt: skip
    if json:
        lines(
            {"alert": a, "round": w.value, "employer": e, "fate": "due" if dry_run else f.value, "code": c}
            for a, w, e, f, c in rows
        )
    elif rows:
        table([t("Alert"), t("Round"), t("Company"), t("State")],
              [(a, ROUNDS[w], e, t("due") if dry_run else _state(f, c)) for a, w, e, f, c in rows])  # fmt: skip
    else:
        say(t("No roll-up is due."))
    raise typer.Exit(1 if _has_findings(done) and not dry_run else 0)


def _state(fate: Fate, code: str) -> str:
    words: Message = FATES[fate]
    return words.render(language()) + (f" ({code})" if code else "")


def _has_findings(done: list[RolledUp]) -> bool:
    bad = {Fate.FAILED, Fate.GIVEN_UP, Fate.WITHOUT}
    return any(each.fate in bad for one in done for each in one.outcomes)
