"""`lingbao roster import`, `imports` and `undo`: a roster compared with the register, applied, and taken back."""

from __future__ import annotations

from collections.abc import Sequence
from json import loads
from typing import Annotated, Any

import typer

from cli.context import Context
from cli.register_words import word
from cli.rosters import File, Json, show
from cli.show import as_json, language, lines, say, table
from core.clock import iso
from core.database import reading, writing
from core.i18n import Message, t
from notify.store.references import NOTICES
from registry.employers import find_employer
from registry.enrol import index_key
from registry.roster.apply import ImportResult, import_roster, preview_roster
from registry.roster.check import check_roster
from registry.roster.doubts import DoubtKind
from registry.roster.merge import Plan
from registry.roster.notices import Settled
from registry.roster.report import RosterReport, to_json
from registry.roster.undo import ImportView, imports_of, undo_import

DOUBTS = {
    DoubtKind.NAME: t("this name is known with other addresses, or several of this name share a number"),
    DoubtKind.NUMBER: t("this number is known under another name"),
    DoubtKind.EMPLOYED: t("a company has registered somebody of this name and number already"),
}
Code = Annotated[str, typer.Option(metavar="CODE", help="派出单位代码 Code of the employer.")]


def import_(
    context: typer.Context,
    file: File,
    employer: Code,
    apply: Annotated[bool, typer.Option("--apply", help="写入 Write it; without, only a preview.")] = False,
    full: Annotated[
        bool,
        typer.Option(
            "--full", help="全员名单：未列出者将被询问 The list is of everybody: whoever is not on it is asked about."
        ),
    ] = False,
    any_company: Annotated[
        bool,
        typer.Option(
            "--any-company",
            help="名单写有其他单位，仍按此单位导入 The list names another company, and is of this one all the same.",
        ),
    ] = False,
    json: Json = False,
) -> None:
    """导入花名册；不加 --apply 只预览。Take a roster into the register; without --apply only a preview."""
    here: Context = context.obj
    actor = here.actor  # proven in a transaction of its own: not inside the one below
    now = here.office.clock.now()
    report = check_roster(file.read_bytes(), file.name, now.date())
    done = None
    with writing(here.office.engine) as connection:
        company = find_employer(connection, actor, employer)
        secret = index_key(connection, here.office.keys)
        if apply:
            done = import_roster(
                connection, actor, company, report, keys=here.office.keys, index_key=secret, now=now, full=full,
                any_company=any_company,
            )  # fmt: skip
            plan = done.plan
        else:
            plan = preview_roster(connection, actor, company, report, index_key=secret, full=full)
    tell_import(report, plan, done, json=json)
    raise typer.Exit(0 if report.clean else 1)


def tell_import(report: RosterReport, plan: Plan, done: ImportResult | None, *, json: bool) -> None:
    """Say what a file holds and what became of it; `done` None: nothing, it was a preview."""
    if json:
        extra = {} if done is None else {"import": done.import_id, "asked": done.asked, "refused_rows": done.refused}
        as_json(_plan_json(plan) | extra | {"applied": done is not None, "report": loads(to_json(report, language()))})
    else:
        show(report, json=False)
        say(_told(plan) if done is not None else t("Preview. {told} Write it with --apply.", told=_told(plan)))
        _show_doubts(plan)
        _show_cautions(plan)
        if done is not None:
            say(t("Import {number}. To take it back: lingbao roster undo {number}", number=done.import_id))


def imports(context: typer.Context, employer: Code, json: Json = False) -> None:
    """已导入且未撤销的花名册。Rosters that were applied and stand, newest first."""
    here: Context = context.obj
    with reading(here.office.engine) as connection:
        found = imports_of(connection, here.actor, find_employer(connection, here.actor, employer).employer_id)
    show_imports(found, json=json)


def show_imports(found: Sequence[ImportView], *, json: bool) -> None:
    """Print the files that were applied and stand."""
    if json:
        lines({"import": one.import_id, "file": one.file_name, "sha256": one.sha256, "rows": one.rows,
               "full": one.full, "at": iso(one.at), "by": one.by} for one in found)  # fmt: skip
        return
    titles = [t("Number"), t("File"), t("Rows"), t("List of"), t("When"), t("Who")]
    table(titles, [(one.import_id, one.file_name, one.rows, t("everybody") if one.full else t("some people"),
                    word("at", one.at, language()), one.by) for one in found])  # fmt: skip


def undo(
    context: typer.Context,
    number: Annotated[int, typer.Argument(help="导入编号 Number of the import.")],
    confirm: Annotated[
        str,
        typer.Option(
            metavar="CODE",
            help="仍有预警涉及其人员时，输入单位代码（居民为 RESIDENTS） "
            "Code of the company (RESIDENTS for residents): also if warnings still concern people it brought.",
        ),
    ] = "",
    json: Json = False,
) -> None:
    """撤销一次导入，恢复之前的状态。Take a roster back: the register is as it was before."""
    here: Context = context.obj
    actor = here.actor  # proven in a transaction of its own: not inside the one below
    with writing(here.office.engine) as connection:
        done = undo_import(connection, actor, number, notices=NOTICES, now=here.office.clock.now(), confirm=confirm)
    if json:
        as_json({"import": number, "erased": done.erased, "restored": done.restored, "taken_back": done.taken_back,
                 "kept": done.kept, "called_off": done.notices.called_off, "redirected": done.notices.redirected,
                 "lost": list(done.notices.lost)})  # fmt: skip
        return
    say(t("Import {number} is undone. People erased again: {erased}. Rows restored: {restored}. Rows taken away again: {gone}. "
          "Ended or stopped, because notices or questions name them: {kept}.",
          number=number, erased=done.erased, restored=done.restored, gone=done.taken_back, kept=done.kept))  # fmt: skip
    if done.notices != Settled():
        say(t("Notices called off: {off}. People who stay and are told at another address: {redirected}. People who stay and have no "
              "other address, call them: {lost}.", off=done.notices.called_off, redirected=done.notices.redirected,
              lost=_numbers(done.notices.lost) or "–"))  # fmt: skip


def _plan_json(plan: Plan) -> dict[str, Any]:
    return {
        **plan.counts(),
        "left_people": [one.registrant_id for one in plan.left],
        "unclear_people": [{"person": person, "rows": list(rows)} for person, rows in plan.unclear_rows.items()],
        "doubts": [
            {"kind": one.kind, "rows": list(one.rows), "people": list(one.registrant_ids)} for one in plan.doubts
        ],
        "own_no": list(plan.own_noes),
        "other_company": list(plan.cautions.other_company),
        "other_names": list(plan.cautions.other_names),
        "erased_on": [day.isoformat() for day in plan.cautions.erased_on],
    }


def _told(plan: Plan) -> Message:
    return t("Joined: {joined}. Left (asked): {left}. Moved: {moved}. Changed: {changed}. Unchanged: {unchanged}. "
             "Identity in doubt: {doubtful}. Back already, not taken up: {left_out}.",
             **{name: count for name, count in plan.counts().items() if name != "unclear"})  # fmt: skip


def _show_doubts(plan: Plan) -> None:
    if plan.doubts:
        rows = [(_numbers(one.rows), DOUBTS[one.kind], _numbers(one.registrant_ids)) for one in plan.doubts]
        table([t("Row"), t("Doubt"), t("Perhaps number")], rows)
    if plan.unclear:
        say(t("Missing from the list, but not asked about: refused or doubtful rows may be them."))
        table([t("Person"), t("Row")], [(person, _numbers(rows)) for person, rows in plan.unclear_rows.items()])
    if plan.own_noes:
        say(t("The list says yes to providers abroad; these people themselves said no, and that stands, number {people}.",
              people=_numbers(plan.own_noes)))  # fmt: skip


def _show_cautions(plan: Plan) -> None:
    told = plan.cautions
    if told.other_company:
        say(t("This list names another company: {named}. Is it the right file?", named=", ".join(told.other_company)))
        say(t("If it is: apply it with --any-company."))
    if told.other_names:
        say(t("The list writes the company otherwise than the register: {named}.", named=", ".join(told.other_names)))
    if told.erased_on:
        days = ", ".join(day.isoformat() for day in told.erased_on)
        say(t("People of this company were erased at their own wish on {days}. Who they were is not kept. If one of the new rows is "
              "one of them, ask them first: they are enrolled only on a new ground.", days=days))  # fmt: skip


def _numbers(values: Any) -> str:
    return ", ".join(str(one) for one in values)
