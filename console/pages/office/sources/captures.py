"""`/office/sources/{id}/captures`: the bytes a publisher sent, to be kept and compared, never shown as a page of ours."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import Response

from console.pages.office.feeds import change_line, publisher
from console.pages.office.sources.card import publisher_of
from console.pages.office.visit import Visit, Worker
from core.errors import NotFound, SourceBroken
from core.i18n import Message, t
from sources import capture_store
from sources.between import between, read_list
from sources.capture_store import Kept
from sources.change import Comparison
from sources.model import Capture, Publisher

routes = APIRouter()
MOST = 100
"""Changes on one page."""
LARGEST = 2**63 - 1
"""No row has a larger number, and no database takes one."""


@routes.get("/sources/{id}/captures/{number}")
def download(who: Worker, id: str, number: int) -> Response:
    """Return a capture as a file of plain text: a browser must not take a stranger's page for one of ours."""
    kept = _kept(who, publisher_of(who, id).CARD.id, number)
    told = {"Content-Disposition": f'attachment; filename="{id}-{kept.id}.txt"'}
    return Response(_body(who, kept), media_type="text/plain; charset=utf-8", headers=told)


@routes.get("/sources/{id}/captures/{number}/difference")
def difference(who: Worker, id: str, number: int) -> Response:
    """Show what a capture says differently from the one before it: as a comparison of two lists, which has no memory."""
    source = publisher_of(who, id)
    new = _kept(who, source.CARD.id, number)
    with who.reading() as connection:
        old = capture_store.one_before(connection, id, new)
    found, problem = (None, t("There is no earlier capture of this address with other bytes.")) if old is None else _compared(
        who, source, old, new)  # fmt: skip
    cards = {id: source.CARD}
    lines = [] if found is None else [change_line(one, cards, who.language) for one in found.changes[:MOST]]
    return who.render(
        "sources/difference.html", id=id, called=publisher(source.CARD, id, who.language), old=old, new=new, lines=lines,
        more=0 if found is None else max(0, len(found.changes) - MOST), problem=problem,
        notes=() if found is None else found.notes,
    )  # fmt: skip


def _compared(who: Visit, source: Publisher, old: Kept, new: Kept) -> tuple[Comparison | None, Message | None]:
    try:
        before, after = (read_list(source, _capture(who, source, one)) for one in (old, new))
    except SourceBroken as error:
        return None, error.message
    return between(source.CARD, before, after, who.now), None


def _capture(who: Visit, source: Publisher, kept: Kept) -> Capture:
    return Capture(source.CARD.id, kept.url, kept.fetched_at, _body(who, kept), kept.content_type)


def _kept(who: Visit, id: str, number: int) -> Kept:
    found = None
    if number <= LARGEST:
        with who.reading() as connection:
            found = capture_store.capture(connection, id, number)
    if found is None:
        raise NotFound(t("There is no capture {number} of {source}.", number=number, source=id))
    return found


def _body(who: Visit, kept: Kept) -> bytes:
    try:
        return who.office.archive.get(kept.sha256)
    except FileNotFoundError as error:
        raise NotFound(t("The bytes of this capture are not in the archive of this machine.")) from error
