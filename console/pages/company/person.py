"""`/company/people/{id}`: one person: where they are, how they are reached, what was changed; each mended in place."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

from fastapi import APIRouter
from sqlalchemy import Connection
from starlette.responses import Response

from console.api.ids import Kind
from console.pages.company.visit import Visit, Visitor, go, namer
from console.pages.company.words import COLUMNS, STATUS
from console.pages.forms import FieldError, Form, Posted
from console.pages.stays import LONGEST, StayForm, read_address, read_stay
from core.database import reading, writing
from core.errors import BadInput, LingbaoError, NotFound
from core.i18n import t
from core.places.names import codes, display
from notify.ledger.terms import channel_words
from registry.edit import add_stay, edit_person
from registry.people import NewAddress, NewPosting, PersonView
from registry.rights.ask import ask_erasure, erasure_asked
from registry.rights.model import Correction, StayFix
from registry.scope.api import Wish, hold, page_of_people
from registry.scope.history import history_of
from registry.tables import PostingStatus

routes = APIRouter()
MOST_CHANGES = 30
Work = Callable[[Connection, PersonView], object]


class Changed(BadInput):
    """Somebody else changed the person since the page was shown."""


@dataclass(frozen=True)
class Kept:
    """What was typed into which form of the page, and what is wrong with it."""

    at: str = ""
    fields: Mapping[str, str] | None = None
    errors: tuple[FieldError, ...] = ()


@routes.get("/people/{id}")
def person_page(who: Visitor, id: str) -> Response:
    """Show one person. The look is in the audit."""
    return _page(who, who.ids.read(Kind.PERSON, id), Kept())


@routes.post("/people/{id}/stays/{stay}")
def mend_stay(who: Visitor, id: str, stay: str, form: Posted) -> Response:
    """Put a stay right: another end, another city, back in China."""
    told, errors = read_stay(form, stay, day=who.day)

    def sent(name: str) -> str | None:
        """Return a line as typed, emptied ones too; None: the form has no such line."""
        return form.text(name, LONGEST) if name in form else None

    fix = StayFix(
        who.ids.read(Kind.POSTING, stay), PostingStatus(told.status) if told.status else None, sent("city"), sent("site"),
        told.date_from, told.date_to, no_start=sent("date_from") == "", no_end=sent("date_to") == "",
    )  # fmt: skip

    def work(connection: Connection, person: PersonView) -> None:
        edit_person(connection, who.actor, person.registrant_id, Correction(stay=fix), sealer=who.sealer)

    return _change(who, id, form, work, Kept(stay, errors=tuple(errors)))


@routes.post("/people/{id}/stays")
def begin_stay(who: Visitor, id: str, form: Posted) -> Response:
    """Write a new stay; the one that it takes the place of ends on the day on which the new one begins, and not before."""
    told, errors = read_stay(form, "new", country=True)
    ends = form.text("ends", 40)

    def work(connection: Connection, person: PersonView) -> None:
        if ends:
            over = _over(person, who.ids.read(Kind.POSTING, ends), told.date_from, who.day)
            edit_person(connection, who.actor, person.registrant_id, Correction(stay=over), sealer=who.sealer)
        add_stay(connection, who.actor, person.registrant_id, _new(told), sealer=who.sealer)

    return _change(who, id, form, work, Kept("new", errors=tuple(errors)))


@routes.post("/people/{id}/addresses")
def add_address(who: Visitor, id: str, form: Posted) -> Response:
    """Write a new number or mail address, which is tried after those that are there."""
    address, error = read_address(form.text("value", 200), form.text("country", 2))

    def work(connection: Connection, person: PersonView) -> None:
        last = max((one.preference for one in person.addresses), default=0)
        new = NewAddress(address[0], address[1], last + 1)
        edit_person(connection, who.actor, person.registrant_id, Correction(add=(new,)), sealer=who.sealer)

    errors = () if error is None else (FieldError("value", error),)
    return _change(who, id, form, work, Kept("address", errors=errors))


@routes.post("/people/{id}/addresses/{address}/stop")
def stop_address(who: Visitor, id: str, address: str, form: Posted) -> Response:
    """Use a number or mail address no more."""
    number = who.ids.read(Kind.ADDRESS, address)

    def work(connection: Connection, person: PersonView) -> None:
        edit_person(connection, who.actor, person.registrant_id, Correction(stop=(number,)), sealer=who.sealer)

    return _change(who, id, form, work, Kept("address"))


@routes.post("/people/{id}/erase")
def erase(who: Visitor, id: str, form: Posted) -> Response:
    """Write down that somebody's data are to be erased, by their own wish."""
    if form.text("sure") != "yes":
        error = FieldError("sure", t("Confirm that this person asked for it."))
        return _page(who, who.ids.read(Kind.PERSON, id), Kept("erase", errors=(error,)), 422)
    number = who.ids.read(Kind.PERSON, id)
    with writing(who.office.engine) as connection:
        ask_erasure(connection, who.actor, number, now=who.now)
    return go(f"/people/{id}", "erase-asked")


def _change(who: Visit, id: str, form: Form, work: Work, kept: Kept) -> Response:
    """Do what a form asks for, unless something is wrong with it or the person was changed since; then show it again."""
    number = who.ids.read(Kind.PERSON, id)
    typed = Kept(kept.at, {name: values[0] for name, values in form.fields.items()}, kept.errors)
    if kept.errors:
        return _page(who, number, typed, 422)
    try:
        with writing(who.office.engine) as connection:
            hold(connection, who.actor, number)
            person = _one(connection, who, number)
            if form.text("state") != who.state_of(person):
                raise Changed(t("Somebody changed this person since. Look at what is there now, and send it again."))
            work(connection, person)
    except NotFound:
        raise
    except LingbaoError as error:
        failed = Kept(kept.at, typed.fields, (FieldError("", error.message),))
        return _page(who, number, failed, 409 if isinstance(error, Changed) else 422)
    return go(f"/people/{id}", "saved")


def _one(connection: Connection, who: Visit, number: int) -> PersonView:
    for view in page_of_people(connection, who.actor, who.keys, Wish(only=number), now=who.now):
        return view
    raise NotFound(t("There is no such person."))


def _page(who: Visit, number: int, kept: Kept, status: int = 200) -> Response:
    with writing(who.office.engine) as connection:
        person = _one(connection, who, number)
    with reading(who.office.engine) as connection:
        changes = history_of(connection, who.actor, number)
        named = namer(who, connection)
        asked = erasure_asked(connection, number)
    language = who.call.language
    # GB 18030 orders the common characters by sound, as people look for them; Latin letters come first in it.
    countries = sorted(((code, display(code, language)) for code in codes()), key=lambda one: one[1].encode("gb18030"))
    standing = [one for one in person.postings if one.status != PostingStatus.RETURNED]
    return who.render(
        "person.html", status, person=person, id=who.show("person", number), state=who.state_of(person), words=STATUS,
        channel=channel_words, changes=list(reversed(changes))[:MOST_CHANGES], columns=COLUMNS, countries=countries,
        standing=standing, day=who.day, asked=asked, at=kept.at, typed=kept.fields or {}, errors=list(kept.errors),
        named=named,
    )  # fmt: skip


def _over(person: PersonView, number: int, begins: date | None, day: date) -> StayFix:
    """Return the end of a stay in whose place another one comes. Whoever is there is warned of this place until they move on."""
    for stay in person.postings:
        if stay.posting_id == number and begins is not None and stay.there_until(begins, day):
            return StayFix(number, date_to=min(begins, stay.date_to or begins))
    return StayFix(number, PostingStatus.RETURNED, date_to=begins)


def _new(told: StayForm) -> NewPosting:
    return NewPosting(
        country=told.country, status=PostingStatus(told.status or PostingStatus.ABROAD), date_from=told.date_from,
        date_to=told.date_to, city=told.city, site=told.site,
    )  # fmt: skip
