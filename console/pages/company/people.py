"""`/company/people`: the people of the company, by country and state, or by exact name or number."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from fastapi import APIRouter
from starlette.responses import Response

from console.pages.company.overview import wishes
from console.pages.company.visit import Visit, Visitor
from console.pages.company.words import STATUS
from console.pages.forms import FieldError, Posted
from core.database import reading, writing
from core.errors import NotFound
from core.i18n import Message, t
from core.places.names import codes
from registry.matching import address_index, name_index
from registry.people import Channel, PersonView
from registry.phones import Phone, read_phones
from registry.scope.api import Wish, count_wished, page_of_people, people_by_country
from registry.tables import PostingStatus

routes = APIRouter()
PAGE = 50
SHOWN: Mapping[str, Message] = {
    "all": t("everybody, those who are back too"), "away": t("abroad or about to leave"),
    "unreached": t("cannot be reached"), "nowhere": t("without a country"), "doubtful": t("doubtful"),
    "stale": t("not confirmed for 90 days"), "planned": t("about to leave"), "returned": t("back"),
}  # fmt: skip


@dataclass(frozen=True)
class Line:
    """A person in the list. `id`: public."""

    id: str
    view: PersonView
    stale: bool


@routes.get("/people")
def list_page(who: Visitor, show: str = "away", country: str = "", after: str = "") -> Response:
    """Show people, page by page. Each look is in the audit."""
    place = who.ids.place(after)
    if place is None:
        raise NotFound(t("There is no such page."))
    show, country = show if show in SHOWN else "away", country if country in codes() else ""
    return _page(who, _wish(who, show, country), after=place[0], show=show, country=country)


@routes.post("/people/search")
def search(who: Visitor, form: Posted) -> Response:
    """Find people by exactly this name or number. Sent as a form: a name has no place in an address."""
    text = form.text("text", 100)
    if not text:
        told = t("Type a whole name or a whole number.")
        return _page(who, _wish(who, "away", ""), show="away", errors=[FieldError("text", told)])
    return _page(who, exact(who, text), text=text)


def exact(who: Visit, text: str) -> Wish:
    """Return who is wanted by a name or a number as typed: a number may be written in any of the usual ways."""
    if "@" in text:
        return Wish(phone_index=address_index(who.index_key, Channel.EMAIL, text))
    if not any(one.isdigit() for one in text):
        return Wish(name_index=name_index(who.index_key, text))
    read = [one.e164 for one in read_phones(text, host_country=None) if isinstance(one, Phone)]
    return Wish(phone_index=address_index(who.index_key, Channel.SMS, read[0] if read else text.replace(" ", "")))


def _wish(who: Visit, show: str, country: str) -> Wish:
    if show in {"all", "planned", "returned"}:
        chosen = Wish(status="" if show == "all" else PostingStatus(show))
    else:
        chosen = wishes(who.day)[show]
    return replace(chosen, country=country) if country else chosen


def _page(
    who: Visit, wish: Wish, *, after: int = 0, show: str = "", country: str = "", text: str = "",
    errors: list[FieldError] | None = None,
) -> Response:  # fmt: skip
    with writing(who.office.engine) as connection:
        found = page_of_people(connection, who.actor, who.keys, wish, now=who.now, limit=PAGE + 1, after=after)
    with reading(who.office.engine) as connection:
        count = count_wished(connection, who.actor, wish)
        countries = people_by_country(connection, who.actor)
    people, more = found[:PAGE], len(found) > PAGE
    lines = [
        Line(who.show("person", one.registrant_id), one, any(stay.stale_on(who.day) for stay in one.postings))
        for one in people
    ]
    return who.render(
        "people.html", 422 if errors else 200, lines=lines, count=count, countries=countries, shown=SHOWN, show_=show,
        country=country, text=text, next=who.ids.mark(people[-1].registrant_id) if more else "", words=STATUS,
        first=not after, errors=errors or [],
    )  # fmt: skip
