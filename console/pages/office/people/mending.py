"""What an officer puts right of a person in place: stays, addresses, name, language, consent. Two at once: the second is told."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from fastapi import APIRouter
from sqlalchemy import Connection
from starlette.responses import Response

from console.pages.forms import FieldError, Form, Posted
from console.pages.office.people.person import Kept, Person, held, mark_of, page
from console.pages.office.visit import Visit, Worker, go
from console.pages.stays import LONGEST, StayForm, read_address, read_stay
from core.errors import BadInput, LingbaoError, NotFound
from core.i18n import t
from core.languages import no_language, read_language
from registry.edit import add_stay, edit_person
from registry.people import NewAddress, NewPosting, still_there
from registry.rights.model import Correction, PersonFile, StayFix
from registry.scope.api import hold
from registry.tables import PostingStatus

routes = APIRouter()
Work = Callable[[Connection, PersonFile], object]
CONSENTS = {"yes": True, "no": False}


class Changed(BadInput):
    """Somebody else changed the person since the page was shown."""


@routes.post("/people/{id}/stays/{stay}")
def mend_stay(who: Worker, id: Person, stay: Person, form: Posted) -> Response:
    """Put a stay right: another state, another end, another city."""
    told, errors = read_stay(form, str(stay), day=who.day)

    def sent(name: str) -> str | None:
        """Return a line as typed, emptied ones too; None: the form has no such line."""
        return form.text(name, LONGEST) if name in form else None

    fix = StayFix(
        stay, PostingStatus(told.status) if told.status else None, sent("city"), sent("site"), told.date_from, told.date_to,
        no_start=sent("date_from") == "", no_end=sent("date_to") == "",
    )  # fmt: skip

    def work(connection: Connection, person: PersonFile) -> None:
        edit_person(connection, who.actor, id, Correction(stay=fix), sealer=who.sealer)

    return _change(who, id, form, work, Kept(str(stay), errors=tuple(errors)))


@routes.post("/people/{id}/stays")
def begin_stay(who: Worker, id: Person, form: Posted) -> Response:
    """Write a new stay; the one that it takes the place of ends on the day on which the new one begins, and not before."""
    told, errors = read_stay(form, "new", country=True)
    ends = form.text("ends", 20)

    def work(connection: Connection, person: PersonFile) -> None:
        if ends:
            over = _over(person, ends, told.date_from, who.day)
            edit_person(connection, who.actor, id, Correction(stay=over), sealer=who.sealer)
        add_stay(connection, who.actor, id, _new(told), sealer=who.sealer)

    return _change(who, id, form, work, Kept("new", errors=tuple(errors)))


@routes.post("/people/{id}/addresses")
def add_address(who: Worker, id: Person, form: Posted) -> Response:
    """Write a number or mail address, which is tried after those that are there; one that was stopped is used again."""
    address, error = read_address(form.text("value", 200), form.text("country", 2))

    def work(connection: Connection, person: PersonFile) -> None:
        last = max((one.preference for one in person.addresses), default=0)
        new = NewAddress(address[0], address[1], last + 1)
        edit_person(connection, who.actor, id, Correction(add=(new,)), sealer=who.sealer)

    errors = () if error is None else (FieldError("value", error),)
    return _change(who, id, form, work, Kept("address", errors=errors))


@routes.post("/people/{id}/addresses/{address}/stop")
def stop_address(who: Worker, id: Person, address: Person, form: Posted) -> Response:
    """Use a number or mail address no more."""

    def work(connection: Connection, person: PersonFile) -> None:
        edit_person(connection, who.actor, id, Correction(stop=(address,)), sealer=who.sealer)

    return _change(who, id, form, work, Kept("address"))


@routes.post("/people/{id}/entry")
def mend_entry(who: Worker, id: Person, form: Posted) -> Response:
    """Put right the name, the language of notices, and what the person said of providers abroad."""
    name, typed = form.text("name", 80), form.text("language", 40)
    language, foreign = read_language(typed), CONSENTS.get(form.text("foreign"))
    errors = [] if name else [FieldError("name", t("The name is missing."))]
    if language is None:
        errors.append(FieldError("language", no_language(typed)))

    def work(connection: Connection, person: PersonFile) -> None:
        wanted = Correction(
            name if name != person.name else None, language if language != person.language else None, foreign=foreign
        )
        edit_person(connection, who.actor, id, wanted, sealer=who.sealer)

    return _change(who, id, form, work, Kept("entry", errors=tuple(errors)))


@routes.post("/people/{id}/still")
def confirm(who: Worker, id: Person, form: Posted) -> Response:
    """Write down that the person is where their stays say: they said so to the office."""

    def work(connection: Connection, person: PersonFile) -> None:
        edit_person(connection, who.actor, id, Correction(still_there=True), sealer=who.sealer)

    return _change(who, id, form, work, Kept(), "person-confirmed")


def _change(who: Visit, id: int, form: Form, work: Work, kept: Kept, done: str = "person-saved") -> Response:
    """Do what a form asks for, unless something is wrong with it or the person was changed since; then show it again."""
    typed = Kept(kept.at, {name: values[0] for name, values in form.fields.items()}, kept.errors)
    if kept.errors:
        return page(who, id, typed, 422)
    try:
        with who.writing() as connection:
            hold(connection, who.actor, id)
            person = held(connection, who, id)
            if form.text("state") != mark_of(who, person):
                raise Changed(t("Somebody changed this person since. Look at what is there now, and send it again."))
            work(connection, person)
    except NotFound:
        raise
    except LingbaoError as error:
        failed = Kept(kept.at, typed.fields, (FieldError("", error.message),))
        return page(who, id, failed, 409 if isinstance(error, Changed) else 422)
    return go(f"/people/{id}", done)


def _over(person: PersonFile, number: str, begins: date | None, day: date) -> StayFix:
    """Return the end of a stay in whose place another one comes. Whoever is there is warned of this place until they move on."""
    for stay in person.postings:
        if str(stay.posting_id) != number:
            continue
        if begins is not None and still_there(PostingStatus(stay.status), stay.date_from, begins, day):
            return StayFix(stay.posting_id, date_to=min(begins, stay.date_to or begins))
        return StayFix(stay.posting_id, PostingStatus.RETURNED, date_to=begins)
    raise NotFound(t("There is no such page."))


def _new(told: StayForm) -> NewPosting:
    return NewPosting(
        country=told.country, status=PostingStatus(told.status or PostingStatus.ABROAD), date_from=told.date_from,
        date_to=told.date_to, city=told.city, site=told.site,
    )  # fmt: skip
