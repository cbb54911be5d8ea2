"""`lingbao dispatch`, `reconcile`, `prove` and `ledger`."""

from __future__ import annotations

import asyncio
import csv
import sys
from dataclasses import asdict
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from cli.context import Context
from cli.show import as_json, lines, say, table
from core.database import reading, writing
from core.errors import WrongUse
from core.i18n import t
from notify import engine, proof
from notify import ledger as books
from notify import reconcile as reconciling
from notify.engine import Sent
from registry.actors import require_office

ledger = typer.Typer(no_args_is_help=True)
Json = Annotated[bool, typer.Option("--json", help="输出 JSON Print JSON.")]


class Format(StrEnum):
    """Forms of an exported ledger."""

    JSONL = "jsonl"
    CSV = "csv"
    XLSX = "xlsx"


def dispatch(
    context: typer.Context,
    alert: Annotated[int | None, typer.Option(help="只发这个预警 Only this alert.")] = None,
    until_empty: Annotated[
        bool, typer.Option("--until-empty", help="直到没有可发的 Until nothing is left for a machine.")
    ] = False,
    json: Json = False,
) -> None:
    """发送待发通知，并核对结果不明的。Drain the outbox, and settle what is in doubt."""
    here: Context = context.obj
    here.keep_companies_out()
    within = timedelta(days=1) if until_empty else timedelta(0)
    done = send(here, within, alert)
    if json:
        as_json(asdict(done))
    else:
        tell(done)
    raise typer.Exit(1 if done.stopped or done.unresolved else 0)


def send(here: Context, within: timedelta, alert: int | None = None) -> Sent:
    """Run the engine from the command line."""
    tools = here.office.tools()
    return asyncio.run(engine.run(tools, moment=here.office.clock.now(), within=within, alert_id=alert))


def tell(done: Sent) -> None:
    """Say what a run of the engine did."""
    say(t("Accepted by providers: {accepted}. Refused: {rejected}. In doubt: {doubt}, of which found {found}, proven absent {absent}, "
          "unresolved {unresolved}. Expired: {expired}.", accepted=done.accepted, rejected=done.rejected, doubt=done.in_doubt,
          found=done.found, absent=done.absent, unresolved=done.unresolved, expired=done.expired))  # fmt: skip
    for channel in done.stopped:
        say(t("Channel {channel} was stopped by its provider: see the account and sender settings.", channel=channel))


def reconcile(context: typer.Context, json: Json = False) -> None:
    """核对结果不明的通知。Ask the providers about every notice in doubt, once."""
    here: Context = context.obj
    here.keep_companies_out()

    async def once() -> reconciling.Findings:
        """Make one pass, and close the channels."""
        tools = here.office.tools()
        try:
            return await reconciling.reconcile(tools)
        finally:
            for channel in tools.channels.values():
                await channel.close()

    found = asyncio.run(once())
    if json:
        as_json(asdict(found))
    else:
        say(t("Found at the provider: {found}. Proven absent: {absent}. To be sent again as severe: {resent}. Unresolved: {unresolved}. "
              "Could not be asked yet: {open}. Statuses fetched: {polled}.", found=found.found, absent=found.absent,
              resent=found.resent, unresolved=found.unresolved, open=found.still_open, polled=found.polled))  # fmt: skip


def prove(
    context: typer.Context,
    alert: Annotated[int | None, typer.Option(help="只核对这个预警 Only this alert.")] = None,
    json: Json = False,
) -> None:
    """核对：应通知的都通知了，或列出缺口。Account for every alert and recipient, and list the gaps."""
    here: Context = context.obj
    here.keep_companies_out()
    with writing(here.office.engine) as connection:
        sealed = proof.seal(connection, here.office.clock.now())
        found = proof.gaps(connection, alert_id=alert)
    if json:
        as_json(
            {"sealed": sealed, "gaps": [{"kind": g.kind, "subject": g.subject, "text": str(g.message)} for g in found]}
        )
    elif not found:
        say(t("Everything is accounted for."))
    else:
        table([t("Gap"), t("About"), t("What")], [(g.kind, g.subject, g.message) for g in found])
    raise typer.Exit(1 if found else 0)


@ledger.command("verify")
def verify(context: typer.Context, json: Json = False) -> None:
    """验证台账：逐批重算。Recompute the proof chain, batch by batch."""
    here: Context = context.obj
    here.keep_companies_out()
    with writing(here.office.engine) as connection:
        proof.seal(connection, here.office.clock.now())
    with reading(here.office.engine) as connection:
        faults = proof.verify(connection)
        seals = books.seals(connection)
    if json:
        as_json({"seals": seals, "faults": [asdict(fault) for fault in faults]})
    elif not faults:
        say(t("The ledger holds: {seals} seals.", seals=seals))
    else:
        rows = [(f.seal, f.table, f"{f.first_id}–{f.last_id}", f.kind) for f in faults]
        table([t("Seal"), t("Table"), t("Rows"), t("Fault")], rows)
    raise typer.Exit(1 if faults else 0)


@ledger.command("export")
def export(
    context: typer.Context,
    alert: Annotated[int | None, typer.Option(help="预警编号 Alert.")] = None,
    person: Annotated[int | None, typer.Option(help="人员编号 Person, by number.")] = None,
    form: Annotated[Format, typer.Option("--format", help="格式 Format.")] = Format.JSONL,
    output: Annotated[Path | None, typer.Option("--out", help="写到文件 Write to a file.")] = None,
) -> None:
    """导出台账：谁、何时、为何、经何途径、结果。Who was told, when, why, over what, with what result; by ids, without names."""
    here: Context = context.obj
    require_office(here.actor)
    with writing(here.office.engine) as connection:
        rows = books.rows(connection, here.acting, alert_id=alert, registrant_id=person)
    if form is Format.XLSX:
        if output is None:
            raise WrongUse(t("--out: an .xlsx needs a file to be written to."))
        books.write_xlsx(output, rows)
        return
    _write(output, rows, form)


def _write(output: Path | None, rows: list[dict[str, Any]], form: Format) -> None:
    if output is None and form is Format.JSONL:
        lines(rows)
        return
    handle = (
        output.open("w", encoding="utf-8-sig" if form is Format.CSV else "utf-8", newline="") if output else sys.stdout
    )
    try:
        if form is Format.CSV:
            writer = csv.DictWriter(handle, fieldnames=books.COLUMNS)
            writer.writeheader()
            writer.writerows(books.for_spreadsheet(rows))
        else:
            import orjson

            handle.writelines(orjson.dumps(row).decode() + "\n" for row in rows)
    finally:
        if output:
            handle.close()
