"""`/office/alerts/{id}/report`: the record of an alert to print: who was told, over what, what came of it, gaps, and the seals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import islice
from typing import Any

from fastapi import APIRouter
from sqlalchemy import Connection
from starlette.responses import Response

from console.pages.office.alert.seen import common, look
from console.pages.office.alert.words import rule_words
from console.pages.office.visit import Visit, Worker
from core.database import reading, writing
from core.i18n import Message
from notify import proof
from notify.account import in_words, of_alert
from notify.ledger.collect import begin, hands
from notify.ledger.collect import lines as every_line
from notify.ledger.model import About, Look
from notify.ledger.page import MOST_LINES, Chapter, chapters, state_of, state_of_post
from notify.ledger.posts import posts
from notify.ledger.terms import KINDS, channel_words, way_words
from notify.proof import GapFound
from notify.store.ledger import last_seal
from notify.tables import VersionKind
from notify.words import status_words

routes = APIRouter()
SHOWN = 200
"""Lines that are shown at once; a record of thousands takes seconds, and is asked for."""


@routes.get("/alerts/{id:int}/report")
def report_page(who: Worker, id: int, names: str = "", lines: str = "") -> Response:
    """Show the record; names are shortened unless they are asked for, and of many people the first, unless `lines` is `all`.

    The look is in the audit.
    """
    most = MOST_LINES if lines == "all" else SHOWN
    plain = names == "full"
    about, reader = About(id), Look(who.acting, who.keys, plain)
    with writing(who.office.engine) as connection:
        seen = look(connection, who, id)
        begin(connection, about, reader)
    with reading(who.office.engine) as connection:  # long enough that sending must not wait for it
        found, more = _chapters(connection, about, reader, most)
        told = [in_words(one) for one in of_alert(connection, id)]
        gaps: Sequence[GapFound] = proof.gaps(connection, alert_id=id)
        last = last_seal(connection)
        by_hand = hands(connection, about, reader)
    return who.render(
        "alert/report.html", chapters=found, more=more, most=most, whole=lines == "all", accounts=told, gaps=gaps, hands=by_hand,
        plain=plain, seal=None if last is None else (last.id, last.link), **common(who, seen), **_words(who),
    )  # fmt: skip


def _chapters(connection: Connection, about: About, reader: Look, most: int) -> tuple[list[Chapter], bool]:
    """Return what was said version by version with its lines; more than anybody prints is left out, and said so."""
    found = list(islice(every_line(connection, about, reader), most + 1))
    posted = list(islice(posts(connection, about, reader), most))
    more = len(found) > most
    room = max(most - len(posted), 0)
    return chapters(found[:room], posted), more


def _words(who: Visit) -> Mapping[str, Any]:
    def kind(word: str) -> Message:
        return KINDS[VersionKind(word)]

    return {
        "status_of": status_words, "kind": kind, "channel": channel_words, "way": way_words, "state_of": state_of,
        "state_of_post": state_of_post, "rule": rule_words, "office_zone": who.office.settings.zone,
    }  # fmt: skip
