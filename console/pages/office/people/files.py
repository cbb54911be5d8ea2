"""`/office/people/export`: the list as it is narrowed, as a file. By POST: it leaves a line in the audit, before anybody has the file."""

from __future__ import annotations

import io
from collections.abc import Iterator

from fastapi import APIRouter
from starlette.responses import Response

from console.media import CSV, XLSX
from console.pages.forms import Posted
from console.pages.office.people.listing import narrowed, read_choice
from console.pages.office.visit import Worker
from core.errors import BadInput
from core.i18n import t
from registry.export import ExportPage, pages_of, record_export
from registry.export_files import Form, write_people
from registry.scope.listing import Show, all_of, count_of

routes = APIRouter()
MOST = 100_000
"""People in one file: it is made in memory, because a list of people must not lie in clear on a disk."""


@routes.post("/people/export")
def export(who: Worker, form: Posted) -> Response:
    """Return the people of the list as an .xlsx or a .csv. Nothing in a cell can act."""
    kind = Form.CSV if form.text("format") == Form.CSV else Form.XLSX
    choice = read_choice(form)
    handle, ids = io.BytesIO(), []

    def noted(pages: Iterator[ExportPage]) -> Iterator[ExportPage]:
        """Pass pages on, and note who is on them."""
        for page in pages:
            ids.append(page.ids)
            yield page

    with who.reading() as connection:
        wanted, _ = narrowed(who, connection, choice)
        if wanted is None:
            raise BadInput(t("No company has this code, or these words in its name."))
        if count_of(connection, who.actor, wanted) > MOST:
            raise BadInput(
                t("These are more than {most} people. Narrow the list, or use: lingbao people export", most=MOST)
            )
        # Who is back has no stay there that is not over: all of theirs are given then.
        country = None if wanted.show in {Show.RETURNED, Show.ALL} else wanted.country or None
        pages = pages_of(connection, who.actor, all_of(connection, who.actor, who.keys, wanted), country)
        write_people(handle, noted(pages), kind, who.language, who.day)
    with who.writing() as connection:
        record_export(connection, who.actor, ids, who.now)
    told = {"Content-Disposition": f'attachment; filename="people-{who.day:%Y%m%d}.{kind}"'}
    return Response(handle.getvalue(), media_type=CSV if kind is Form.CSV else XLSX, headers=told)
