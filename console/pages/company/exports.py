"""`/company/export`: the company's people as a file. By POST: it leaves a line in the audit, before anybody has the file."""

from __future__ import annotations

import io
from collections.abc import Iterator

from fastapi import APIRouter
from starlette.responses import Response

from console.media import CSV, XLSX
from console.pages.company.visit import Visitor
from console.pages.forms import Posted
from core.database import reading, writing
from registry.export import ExportPage, export_pages, record_export
from registry.export_files import Form, write_people
from registry.scope.people import Chosen

routes = APIRouter()


@routes.post("/export")
def export(who: Visitor, form: Posted) -> Response:
    """Return all people of the company as an .xlsx or a .csv. Nothing in a cell can act."""
    kind = Form.CSV if form.text("format") == Form.CSV else Form.XLSX
    handle, ids = io.BytesIO(), []

    def noted(pages: Iterator[ExportPage]) -> Iterator[ExportPage]:
        """Pass pages on, and note who is on them."""
        for page in pages:
            ids.append(page.ids)
            yield page

    with reading(who.office.engine) as connection:
        chosen = Chosen(employer=who.employer.employer_id)
        pages = noted(export_pages(connection, who.actor, who.keys, chosen))
        write_people(handle, pages, kind, who.call.language, who.day)
    with writing(who.office.engine) as connection:
        record_export(connection, who.actor, ids, who.now)
    media = CSV if kind is Form.CSV else XLSX
    told = {"Content-Disposition": f'attachment; filename="people-{who.day:%Y%m%d}.{kind}"'}
    return Response(handle.getvalue(), media_type=media, headers=told)
