"""`/company/rosters`: a list uploaded, kept sealed while it is looked at, then applied or put aside; and the last one undone."""

from __future__ import annotations

from urllib.parse import quote

from fastapi import APIRouter
from sqlalchemy import Connection
from starlette.responses import Response

from console.api.ids import Kind
from console.media import XLSX
from console.pages.company.visit import Visit, Visitor, go, namer
from console.pages.forms import FieldError, Posted, Uploaded
from core.database import reading, writing
from core.errors import BadInput, NotAllowed, NotFound
from core.i18n import t
from notify.store.references import NOTICES
from registry.accounts.drafts import Draft, drafts_of, drop_draft, keep_draft, open_draft
from registry.accounts.store import roster_import
from registry.roster.check import check_roster
from registry.roster.notices import Settled
from registry.roster.report import RosterReport
from registry.roster.undo import ImportView, imports_of, undo_import

routes = APIRouter()
MOST_IMPORTS = 12


@routes.get("/rosters")
def upload_page(who: Visitor) -> Response:
    """Show the field for a file, lists that wait, and those applied before."""
    return _page(who)


@routes.post("/rosters")
def upload(who: Visitor, form: Uploaded) -> Response:
    """Take a file, and show what is in it. Nothing is written to the register yet."""
    kind, errors = form.text("kind"), []
    if form.file is None or not form.file.data:
        errors.append(FieldError("file", t("Choose a file: .xlsx, .xls or .csv.")))
    if kind not in {"full", "part"}:
        errors.append(FieldError("kind", t("Say whether everybody is on this list.")))
    if errors or form.file is None:
        return _page(who, errors, kind)
    file = (form.file.name, form.file.data)
    try:
        check_roster(file[1], file[0], who.day)
    except BadInput as error:
        return _page(who, [FieldError("file", error.message)], kind)
    with writing(who.office.engine) as connection:
        number = keep_draft(
            connection, who.actor, who.employer.employer_id, file, full=kind == "full", keys=who.keys, now=who.now
        )
    return go(f"/rosters/{who.ids.show(Kind.DRAFT, number)}")


@routes.get("/rosters/{id}/annotated")
def annotated_file(who: Visitor, id: str) -> Response:
    """Return the list as a workbook in which every finding is marked."""
    from registry.roster.annotate import annotated  # pandas: 0.7 s to import

    draft = draft_of(who, id)
    data = annotated(report_of(who, draft), who.call.language)
    name = quote(draft.name.rpartition(".")[0][:80] + "-检查结果.xlsx")
    told = {"Content-Disposition": f"attachment; filename=\"roster-checked.xlsx\"; filename*=UTF-8''{name}"}
    return Response(data, media_type=XLSX, headers=told)


@routes.post("/rosters/{id}/discard")
def discard(who: Visitor, id: str, form: Posted) -> Response:
    """Put a list aside."""
    with writing(who.office.engine) as connection:
        drop_draft(connection, who.actor, who.ids.read(Kind.DRAFT, id))
    return go("/rosters", "discarded")


@routes.post("/imports/{id}/undo")
def undo(who: Visitor, id: str, form: Posted) -> Response:
    """Restore the register as it was before the last list."""
    number = who.ids.read(Kind.ROSTER, id)
    try:
        with writing(who.office.engine) as connection:
            _own(connection, who, number)
            done = undo_import(connection, who.actor, number, notices=NOTICES, now=who.now)
    except NotAllowed:
        told = t("The office imported this list, or its people were sent notices: ask the office to undo it.")
        return _page(who, [FieldError("", told)])
    except BadInput:  # its sentence names numbers of rows, which a company does not know
        told = t("People of this list were changed since, or a newer list stands. It cannot be undone.")
        return _page(who, [FieldError("", told)])
    return go("/rosters", "undone" if done.notices == Settled() else "undone-notices")


def draft_of(who: Visit, id: str) -> Draft:
    """Return a list that waits, by its public id.

    Raises:
        DraftGone: there is none of this company.
    """
    with reading(who.office.engine) as connection:
        return open_draft(connection, who.actor, who.ids.read(Kind.DRAFT, id), keys=who.keys, now=who.now)


def report_of(who: Visit, draft: Draft) -> RosterReport:
    """Return what is in a list, with what was mended in the page. Read outside any transaction: it may take seconds."""
    return check_roster(draft.data, draft.name, who.day, mended=draft.mended)


def _own(connection: Connection, who: Visit, number: int) -> None:
    row = roster_import(connection, number)
    if row is None or row.employer_id != who.employer.employer_id:
        raise NotFound(t("There is no such list."))


def _page(who: Visit, errors: list[FieldError] | None = None, kind: str = "") -> Response:
    with reading(who.office.engine) as connection:
        imports: tuple[ImportView, ...] = imports_of(connection, who.actor, who.employer.employer_id)
        named = namer(who, connection)
        drafts = drafts_of(connection, who.actor, keys=who.keys, now=who.now)
    return who.render(
        "lists.html", 422 if errors else 200, imports=imports[:MOST_IMPORTS], drafts=drafts, kind=kind,
        errors=errors or [], named=named,
    )  # fmt: skip
