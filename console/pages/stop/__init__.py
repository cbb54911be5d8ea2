"""The page on which the owner of a mail address stops mail to it, and takes that back. Opening it changes nothing.

A mail program may send the POST by itself when its reader presses “unsubscribe” (RFC 8058): without a cookie, from its maker's
machines. The ticket in the address is all the proof there is, so these routes take no form token.
"""

from __future__ import annotations

from fastapi import APIRouter, FastAPI, Request
from starlette.responses import Response

from console.pages.application import application
from console.pages.frame import Frame, frame_of
from core.database import reading, writing
from core.errors import NotFound
from core.i18n import t
from notify import stops, unsubscribe
from notify.channels.base import Consequence
from notify.ledger.terms import channel_words
from notify.office import Office
from registry import scope
from registry.actors import SYSTEM
from registry.enrol import index_key
from registry.masks import mask_address

routes = APIRouter()


def mount(app: FastAPI, frame: Frame) -> None:
    """Hang the page into the application."""
    made = application(frame)
    made.include_router(routes)
    app.mount(unsubscribe.PATH, made)


@routes.get("/{ticket}")
def show(request: Request, ticket: str) -> Response:
    """Show what would be stopped, and how its owner is reached besides."""
    return _page(request, ticket)


@routes.post("/{ticket}")
def stop(request: Request, ticket: str) -> Response:
    """Stop mail to the address. Repeatable."""
    office = frame_of(request).office
    with writing(office.engine) as connection:
        address = _address(office, ticket)
        stops.stop(connection, [address], Consequence.OPTED_OUT, office.clock.now())
    return _page(request, ticket)


@routes.post("/{ticket}/again")
def again(request: Request, ticket: str) -> Response:
    """Use the address again, if it was its owner who stopped it."""
    office = frame_of(request).office
    with writing(office.engine) as connection:
        stops.use_again(connection, _address(office, ticket), office.clock.now())
    return _page(request, ticket)


def _page(request: Request, ticket: str) -> Response:
    frame = frame_of(request)
    office = frame.office
    address = _address(office, ticket)
    with reading(office.engine) as connection:
        opened = scope.open_addresses(connection, SYSTEM, [address], office.keys)
        why, ways = scope.stopped_for(connection, SYSTEM, address), scope.ways_beside(connection, SYSTEM, address)
    if address not in opened:
        raise _gone()
    return frame.render(
        request, "stop/page.html", ticket=ticket, shown=mask_address(opened[address]), ways=[channel_words(one) for one in ways],
        stopped=why is not None, by_owner=why == stops.BY_OWNER, phone=office.settings.office_phone,
    )  # fmt: skip


def _address(office: Office, ticket: str) -> int:
    """Return the address a ticket names.

    Raises:
        NotFound: the ticket is none of ours.
    """
    with reading(office.engine) as connection:
        address = unsubscribe.address_of(index_key(connection, office.keys), ticket)
    if address is None:
        raise _gone()
    return address


def _gone() -> NotFound:
    return NotFound(t("There is no such page, or not any more. Look at the address, or begin at the start page."))
