"""`lingbao prove` and `lingbao ledger`: is everybody accounted for, what exactly was said, and do the books hold?"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import IO, Annotated

import typer

from cli.context import Context
from cli.show import as_json, language, say, table
from core.database import reading, writing
from core.errors import WrongUse
from core.i18n import t
from notify import proof
from notify.account import Account, account_json, in_words, of_alert
from notify.canary.watch import silent
from notify.holding import budget_gaps
from notify.ledger.check import Checked, check
from notify.ledger.collect import begin
from notify.ledger.model import About, Look
from notify.ledger.proof_file import Format, proof_page, proof_rows, write_table, write_workbook
from notify.safety.links import Links
from registry.employers import find_employer, own_employer
from registry.enrol import index_key
from registry.tables import Role

app = typer.Typer(no_args_is_help=True)
Json = Annotated[bool, typer.Option("--json", help="输出 JSON Print JSON.")]
FAULTS = {
    "digest": t("a byte was changed"), "rows": t("a row was put in or taken out"), "link": t("a seal was changed"),
    "table": t("a table that is not known"),
}  # fmt: skip


def prove(
    context: typer.Context,
    alert: Annotated[int | None, typer.Option(help="只核对这个预警 Only this alert.")] = None,
    json: Json = False,
) -> None:
    """核对：应通知 = 已计划 = 有结果或列为缺口。Account for every alert and person as an equation, and list the gaps."""
    here: Context = context.obj
    here.keep_companies_out()
    now = here.office.clock.now()
    with writing(here.office.engine) as connection:
        sealed = proof.seal(connection, now)
        told = of_alert(connection, alert)
        found = proof.gaps(connection, alert_id=alert)
        found += [*budget_gaps(connection, here.settings, now), *proof.clock_gaps(connection, now)]
        found += [] if alert is not None else silent(connection, here.settings, now)
    if json:
        as_json({
            "sealed": sealed, "accounts": [account_json(one) for one in told],
            "gaps": [{"kind": g.kind, "subject": g.subject, "text": g.message.render(language())} for g in found],
        })  # fmt: skip
    else:
        _tell(told)
        if not found:
            say(t("Everything is accounted for."))
        else:
            table([t("Gap"), t("About"), t("What")], [(g.kind, g.subject, g.message) for g in found])
    raise typer.Exit(1 if found or not all(one.holds for one in told) else 0)


def _tell(told: Iterable[Account]) -> None:
    for one in told:
        say(in_words(one))
        if one.moved:
            say(t("  {count} of the planned are no longer in the place by today's register.", count=one.moved))
        if not one.holds:
            say(
                t(
                    "  This sum is wrong: somebody is in no group or in two. Nothing else may be believed before that is mended."
                )
            )


@app.command("verify")
def verify(
    context: typer.Context,
    all_captures: Annotated[
        bool, typer.Option("--all-captures", help="核对全部抓取快照 Every capture, not only those behind alerts.")
    ] = False,
    json: Json = False,
) -> None:
    """验证台账：封条、每次发送的正文、抓取快照。Recompute the seals, the hash of every text sent, and the captures."""
    here: Context = context.obj
    here.keep_companies_out()
    with writing(here.office.engine) as connection:
        proof.seal(connection, here.office.clock.now())
    with reading(here.office.engine) as connection:
        links = Links.under(index_key(connection, here.office.keys))
        found = check(connection, here.office.archive, links=links, all_captures=all_captures)
    if json:
        as_json(asdict(found) | {"holds": found.holds})
    else:
        _tell_checked(found)
    raise typer.Exit(0 if found.holds else 1)


def _tell_checked(found: Checked) -> None:
    say(t("Checked: {seals} seals over {rows} rows, {texts} texts as sent, {captures} captures.", seals=found.seals,
          rows=sum(found.rows.values()), texts=found.texts, captures=found.captures))  # fmt: skip
    if found.holds:
        say(t("The ledger holds: {seals} seals.", seals=found.seals))
        return
    rows: list[tuple[object, ...]] = [
        (t("seal {number}", number=one.seal), f"{one.table} {one.first_id}–{one.last_id}", FAULTS.get(one.kind, one.kind))
        for one in found.faults
    ]  # fmt: skip
    rows += [
        (t("call {number}", number=one.attempt_id), t("notice {number}", number=one.delivery_id),
         t("its text is gone") if one.missing else t("the hash is not that of its text"))
        for one in found.wrong_texts
    ]  # fmt: skip
    rows += [
        (t("capture {number}", number=one.capture_id), one.source_id,
         t("its bytes are gone") if one.missing else t("the bytes are not those of its hash"))
        for one in found.wrong_captures
    ]  # fmt: skip
    table([t("Where"), t("About"), t("Fault")], rows)


@app.command("export")
def export(
    context: typer.Context,
    alert: Annotated[int | None, typer.Option(help="预警编号 Alert.")] = None,
    person: Annotated[int | None, typer.Option(help="人员编号 Person, by number.")] = None,
    employer: Annotated[str, typer.Option(metavar="CODE", help="派出单位代码 Company.")] = "",
    form: Annotated[Format, typer.Option("--format", help="格式 Format.")] = Format.JSONL,
    output: Annotated[
        Path | None, typer.Option("--out", help="写到文件（仅本人可读） Write to a file only its owner can read.")
    ] = None,
    plain: Annotated[bool, typer.Option("--plain", help="姓名号码不遮盖 Names and addresses in full.")] = False,
    raw: Annotated[
        bool, typer.Option("--raw", help="回执原文（仅外办） Receipts word for word; the office only.")
    ] = False,
) -> None:
    """导出证明：谁、何时、为何、经何途径、原文、结果。Who was told what, when, why, over what, with what result."""
    here: Context = context.obj
    actor = here.actor  # proven in a transaction of its own
    if form is Format.XLSX and output is None:
        raise WrongUse(t("--out: an .xlsx needs a file to be written to."))
    look = Look(here.acting, here.office.keys, plain, raw)
    with writing(here.office.engine) as connection:
        company = find_employer(connection, actor, employer).employer_id if employer else None
        if company is None and actor.role == Role.COMPANY and person is not None:
            company = own_employer(connection, actor).employer_id
        about = About(alert, person, company)
        begin(connection, about, look)
        proof.seal(connection, here.office.clock.now())  # so that every call on the page has its seal
    with reading(here.office.engine) as connection:  # an export takes its time: it must not hold up the sending
        if form is Format.HTML:
            text = proof_page(connection, about, look, here.office.name, language())
            with _opened(output) as handle:
                handle.write(text)
        elif form is Format.XLSX and output is not None:
            write_workbook(output, proof_rows(connection, about, look))
        else:
            with _opened(output, "utf-8-sig" if form is Format.CSV else "utf-8") as handle:
                write_table(handle, proof_rows(connection, about, look), form)


@contextmanager
def _opened(output: Path | None, encoding: str = "utf-8") -> Iterator[IO[str]]:
    """Open a file for its owner's eyes only; without one, the result goes to stdout."""
    if output is None:
        yield sys.stdout
        return
    number = os.open(output, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(number, "w", encoding=encoding, newline="") as handle:
        yield handle
