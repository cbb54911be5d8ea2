"""`/company/rosters/{id}`: what is in a list, row by row; rows mended in the page and checked again; what applying it would do."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from fastapi import APIRouter
from starlette.responses import Response

from console.api.ids import Kind
from console.pages.company.lists import draft_of, report_of
from console.pages.company.visit import Visit, Visitor, go
from console.pages.company.words import DOUBTS, OUTCOMES
from console.pages.forms import FieldError, Form, Posted
from core.audit import record
from core.database import writing
from core.i18n import Message
from registry.accounts.drafts import Draft, drop_draft, mend_draft
from registry.employers import own_employer
from registry.roster.apply import import_roster, preview_roster
from registry.roster.check import Place
from registry.roster.merge import Plan
from registry.roster.model import Finding, Outcome, RowResult, Weight
from registry.roster.report import RosterReport, place, remarks
from registry.roster.table import RawTable
from registry.roster.whose import Cautions, OtherCompany
from registry.scope.people import names_of

routes = APIRouter()
ROWS = 15
"""Rows to mend on one page: a form of some 100 fields."""
MOST_NAMED = 60
MOST_NOTES = 200
LONGEST_CELL = 500
CELL = re.compile(r"cell\.([0-9]{1,4})\.([0-9]{1,7})\.([0-9]{1,4})")


@dataclass(frozen=True)
class CellView:
    """A cell that can be typed over. `id`: name of its field."""

    id: str
    heading: str
    text: str
    wrong: bool


@dataclass(frozen=True)
class RowView:
    """A row that is doubtful or left out, with what is to be done about it."""

    where: str
    name: str
    refused: bool
    findings: tuple[Finding, ...]
    cells: tuple[CellView, ...]


@dataclass(frozen=True)
class Preview:
    """What applying a list would do: how many people, and some of their names."""

    counts: Mapping[str, int]
    joined: tuple[str, ...]
    left: tuple[str, ...]
    moved: tuple[str, ...]
    doubts: tuple[tuple[str, Message, str], ...]
    own_noes: tuple[str, ...]
    cautions: Cautions


@routes.get("/rosters/{id}")
def report_page(who: Visitor, id: str, page: str = "1") -> Response:
    """Show what is in a list, and what applying it would do."""
    return _report(who, draft_of(who, id), page, [])


@routes.post("/rosters/{id}/apply")
def apply(who: Visitor, id: str, form: Posted) -> Response:
    """Write a list to the register. Of two presses at once the second finds the list gone, and writes nothing."""
    draft = draft_of(who, id)
    report = report_of(who, draft)
    try:
        with writing(who.office.engine) as connection:
            drop_draft(connection, who.actor, draft.draft_id)
            import_roster(
                connection, who.actor, own_employer(connection, who.actor), report, keys=who.keys, index_key=who.index_key,
                now=who.now, full=draft.full, any_company=form.text("any_company") == "yes",
            )  # fmt: skip
    except OtherCompany as error:
        return _report(who, draft, "1", [FieldError("any_company", error.message)])
    return go("/rosters", "applied")


def _report(who: Visit, draft: Draft, page: str, errors: list[FieldError]) -> Response:
    report = report_of(who, draft)
    number = int(page) if page.isdecimal() and len(page) < 7 else 1
    wanted = [one for one in report.rows if one.outcome in {Outcome.REFUSED, Outcome.DOUBTFUL}]
    wanted.sort(key=lambda one: one.outcome != Outcome.REFUSED)
    pages = max(1, -(-len(wanted) // ROWS))
    number = min(max(number, 1), pages)
    shown = [_row_view(report, one) for one in wanted[(number - 1) * ROWS : number * ROWS]]
    notes = [(place(_sheet(report, one), one.row), one) for one in report.findings if one.weight == Weight.NOTE]
    return who.render(
        "report.html", 422 if errors else 200, draft=draft, id=who.ids.show(Kind.DRAFT, draft.draft_id), report=report,
        rows=shown, page=number, pages=pages, notes=notes[:MOST_NOTES],
        more_notes=max(0, len(notes) - MOST_NOTES), remarks=list(remarks(report)), preview=_preview(who, draft, report),
        outcomes={one: (OUTCOMES[one], report.count(one)) for one in OUTCOMES}, mended=len(_rows_of(draft.mended)),
        errors=errors,
    )  # fmt: skip


@routes.post("/rosters/{id}/mend")
def mend(who: Visitor, id: str, form: Posted) -> Response:
    """Keep what was typed over cells, and check the list again."""
    draft = draft_of(who, id)
    typed = dict(_typed(form, report_of(who, draft)))
    if typed:
        with writing(who.office.engine) as connection:
            mend_draft(connection, who.actor, draft, typed, keys=who.keys)
    page = form.text("page", 6)
    return go(f"/rosters/{who.ids.show(Kind.DRAFT, draft.draft_id)}?page={page if page.isdecimal() else 1}", "mended")


def _typed(form: Form, report: RosterReport) -> Iterator[tuple[Place, str]]:
    """Give the cells that were changed: of columns that are read, and of no other."""
    rows = [{row.number: row.cells for row in table.rows} for table in report.tables]
    for name, values in form.fields.items():
        found = CELL.fullmatch(name)
        if found is None:
            continue
        sheet, row, at = (int(one) for one in found.groups())
        if sheet >= len(rows) or at not in _positions(report.tables[sheet]) or row not in rows[sheet]:
            continue
        text = " ".join(values[0].split())[:LONGEST_CELL]
        if text != " ".join(rows[sheet][row][at].split()):
            yield (report.tables[sheet].sheet, row, at), text


def _positions(table: RawTable) -> dict[int, str]:
    """Return the columns that are read, in their order, with their headings."""
    return {at: name for _, at, name in sorted(table.header.places, key=lambda one: one[1])}


def _row_view(report: RosterReport, row: RowResult) -> RowView:
    at = next(number for number, table in enumerate(report.tables) if table.sheet == row.sheet)
    table = report.tables[at]
    cells = next(raw.cells for raw in table.rows if raw.number == row.row)
    wrong = {one.column for one in row.findings if one.weight != Weight.NOTE}
    return RowView(
        place(_sheet(report, row), row.row), row.name, row.outcome == Outcome.REFUSED, row.findings,
        tuple(
            CellView(f"cell.{at}.{row.row}.{column}", heading, cells[column], heading in wrong)
            for column, heading in _positions(table).items()
        ),
    )  # fmt: skip


def _sheet(report: RosterReport, one: RowResult | Finding) -> str:
    return one.sheet if len(report.tables) > 1 else ""


def _rows_of(mended: Mapping[Place, str]) -> set[tuple[str, int]]:
    return {(sheet, row) for sheet, row, _ in mended}


def _preview(who: Visit, draft: Draft, report: RosterReport) -> Preview:
    with writing(who.office.engine) as connection:  # names are looked at, which leaves a line in the audit
        employer = own_employer(connection, who.actor)
        plan = preview_roster(connection, who.actor, employer, report, index_key=who.index_key, full=draft.full)
        left = [one.registrant_id for one in plan.left[:MOST_NAMED]]
        moved = [one.registrant_id for one in plan.updates if one.moved][:MOST_NAMED]
        noes = plan.own_noes[:MOST_NAMED]
        named = sorted({*left, *moved, *noes, *_doubted(plan)})
        names = names_of(connection, who.actor, named, who.keys)
        if named:
            shown = ",".join(str(one) for one in named)
            record(
                connection, actor=who.actor.name, action="people.view", subject="registrant", now=who.now, detail=shown
            )
    doubts = tuple(
        (", ".join(str(row) for row in one.rows[:20]), DOUBTS[one.kind],
         "、".join(names.get(number, "") for number in one.registrant_ids[:5]))
        for one in plan.doubts[:MOST_NAMED]
    )  # fmt: skip
    return Preview(
        plan.counts(), tuple(one.name for one in plan.joined[:MOST_NAMED]), tuple(names.get(one, "") for one in left),
        tuple(names.get(one, "") for one in moved), doubts, tuple(names.get(one, "") for one in noes), plan.cautions,
    )  # fmt: skip


def _doubted(plan: Plan) -> set[int]:
    return {number for one in plan.doubts[:MOST_NAMED] for number in one.registrant_ids[:5]}
