"""`/company/alerts`: which warnings were for the company's people, who was told by which way, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import APIRouter
from starlette.responses import Response

from console.api import models, views
from console.api.ids import Kind
from console.pages.company.visit import Visit, Visitor
from core.audit import record
from core.database import reading, writing
from core.errors import NotFound
from core.i18n import Message, t
from notify.ledger.terms import channel_words
from notify.store.companies import Wanted, alerts_in_force, countries_of, notices
from notify.store.safety import asking
from registry.scope.api import own_people
from registry.scope.people import names_of

routes = APIRouter()
PAGE = 50
GOOD, BAD = frozenset({"delivered", "read"}), frozenset({"undelivered", "failed"})


@dataclass(frozen=True)
class NoticeLine:
    """One notice to one person. `kind`: `good` arrived, `bad` needs a hand, else on its way."""

    name: str
    shown: models.Notice
    channel: Message | str
    kind: str


@routes.get("/alerts")
def alerts_page(who: Visitor, alert: str = "", after: str = "") -> Response:
    """Show the alerts in force, and the notices, the newest first; with `alert` those of one alert."""
    place = who.ids.place(after)
    if place is None:
        raise NotFound(t("There is no such page."))
    call = who.call
    wanted = Wanted(
        own_people(who.actor), who.employer.employer_id, place,
        alert_id=who.ids.read(Kind.ALERT, alert) if alert else None,
    )  # fmt: skip
    with reading(who.office.engine) as connection:
        rows = notices(connection, wanted, PAGE + 1)
        standing = alerts_in_force(connection, own_people(who.actor), who.employer.employer_id, who.now)
        places = {row.id: countries_of(connection, row.id) for row in standing}
        asks = asking(connection, sorted({row.alert_id for row in (*standing, *rows)}))
    page, more = rows[:PAGE], len(rows) > PAGE
    names = _names(who, sorted({row.registrant_id for row in page}))
    lines = [_line(views.notice(row, call), names.get(row.registrant_id, "")) for row in page]
    return who.render(
        "alerts.html", standing=[views.alert(row, places[row.id], call) for row in standing], lines=lines, alert=alert,
        asking=frozenset(who.show(Kind.ALERT, one) for one in asks),
        next=who.ids.mark(page[-1].recipient_id, page[-1].delivery_id) if more else "",
    )  # fmt: skip


def _line(shown: models.Notice, name: str) -> NoticeLine:
    kind = "good" if shown.provider_status in GOOD else ""
    if shown.provider_status in BAD or shown.state in {
        views.UNREACHABLE,
        "failed",
        "suppressed",
        "expired",
        "unresolved",
    }:
        kind = "bad"
    return NoticeLine(name, shown, channel_words(shown.channel), kind)


def _names(who: Visit, people: list[int]) -> dict[int, str]:
    if not people:
        return {}
    with writing(who.office.engine) as connection:
        shown = ",".join(str(one) for one in people)
        record(connection, actor=who.actor.name, action="people.view", subject="registrant", now=who.now, detail=shown)
        return names_of(connection, who.actor, people, who.keys)
