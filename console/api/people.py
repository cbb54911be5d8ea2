"""`/people`: the people of the company, page by page and one by one; registered, and put right."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Header, Path, Query, Request, Response
from sqlalchemy import Connection

from console.api import models, views
from console.api.call import Call, Caller
from console.api.described import refusals
from console.api.ids import Kind
from console.api.once import Key, once
from console.api.problems import Answer, Problem, not_found
from console.api.text import PLAIN
from core.database import writing
from core.errors import BadInput
from core.i18n import t
from registry.edit import KnownAlready, add_person, edit_person
from registry.enrol import Sealer
from registry.matching import address_index, name_index
from registry.people import Channel, GivenConsent, NewAddress, NewContact, NewPerson, NewPosting
from registry.rights.consents import WithdrewThemselves
from registry.rights.model import Correction, StayFix
from registry.scope.api import Wish, hold, page_of_people
from registry.tables import Ground, PostingStatus

TEXT_VERSION = "api/1"
routes = APIRouter(tags=["people"])
PersonId = Annotated[str, Path(description="Id of a person.")]
Cursor = Annotated[str, Query(max_length=48, description="`next` of the page before.")]
Limit = Annotated[int, Query(ge=1, le=200, description="At most so many.")]


def json_only(request: Request) -> None:
    """Refuse a body that is no JSON by its own word.

    Raises:
        Problem: 415.
    """
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json":
        raise Problem(415, "media-type", t("Send application/json."))


JSON = [Depends(json_only)]


class Filter(models.Strict):
    """Which people are wanted. `phone` exactly in E.164, `name` exactly; a `country` alone leaves out stays that are over."""

    country: Annotated[str, Query(pattern="^([A-Z]{2})?$")] = ""
    status: models.Status | None = None
    name: Annotated[str, Query(max_length=100, pattern=PLAIN)] = ""
    phone: Annotated[str, Query(max_length=20, pattern=PLAIN)] = ""
    limit: Limit = 50
    after: Cursor = ""


@routes.get("/people", responses=refusals())
def list_people(call: Caller, wanted: Annotated[Filter, Query()]) -> models.PeoplePage:
    """Return people, page by page. Each look is written to the audit log of the office."""
    place = call.ids.place(wanted.after)
    if place is None:
        raise not_found()
    wish = Wish(
        country=wanted.country,
        status=wanted.status or "",
        name_index=name_index(call.index_key, wanted.name) if wanted.name else None,
        phone_index=address_index(call.index_key, Channel.SMS, wanted.phone) if wanted.phone else None,
    )
    with writing(call.office.engine) as connection:
        found = page_of_people(
            connection, call.actor, call.office.keys, wish, now=call.now, limit=wanted.limit + 1, after=place[0]
        )
    shown, more = found[: wanted.limit], len(found) > wanted.limit
    return models.PeoplePage(
        items=[views.person(one, call.ids, call.day(call.now)) for one in shown],
        next=call.ids.mark(shown[-1].registrant_id) if more else None,
    )


@routes.get("/people/{id}", responses=refusals())
def one_person(call: Caller, id: PersonId, response: Response) -> models.Person:
    """Return one person. The header `ETag` marks this state of theirs."""
    with writing(call.office.engine) as connection:
        return tagged(call, show_person(connection, call, call.ids.read(Kind.PERSON, id)), response)


@routes.post("/people", status_code=201, responses=refusals(409, 413, 415), dependencies=JSON)
def register(call: Caller, person: models.PersonIn, key: Key, response: Response) -> models.Person:
    """Register a person. Somebody of this name with one of these addresses who is registered already: 409 with the id."""

    def work(connection: Connection, now: object) -> int:
        """Register once; the key answers for repeats."""
        try:
            return add_person(connection, call.actor, _new(person, call.employer_id), sealer=sealer(call))
        except KnownAlready as error:
            more = {"person": call.ids.show(Kind.PERSON, error.registrant_id)}
            raise Problem(409, "known", error.message, Answer(more=more)) from error

    done = once(call, key, ["POST /people", person.model_dump_json()], work)
    with writing(call.office.engine) as connection:
        return tagged(call, show_person(connection, call, done.result), response)


@routes.patch("/people/{id}", responses=refusals(412, 413, 415, 428), dependencies=JSON)
def change(
    call: Caller, id: PersonId, wanted: models.PersonChange, response: Response,
    if_match: Annotated[str, Header(max_length=200, description="The `ETag` of the state that is to be changed.")] = "",
) -> models.Person:  # fmt: skip
    """Put right what is named, and nothing else. Whoever changed the person since the state in `If-Match` is not overwritten."""
    number = call.ids.read(Kind.PERSON, id)
    with writing(call.office.engine) as connection:
        hold(connection, call.actor, number)
        before = show_person(connection, call, number)
        if not if_match:
            raise Problem(428, "if-match", t("Read the person first, and send the ETag in the header If-Match."))
        if views.etag(before, call.index_key) not in [one.strip() for one in if_match.split(",")]:
            raise Problem(412, "changed", t("The person was changed since. Read them again."))
        try:
            edit_person(connection, call.actor, number, _correction(wanted, call), sealer=sealer(call))
        except WithdrewThemselves as error:
            raise Problem(422, "withdrawn", error.message) from error
        except BadInput as error:
            raise Problem(422, "refused", t("A stay cannot end before it begins.")) from error
        return tagged(call, show_person(connection, call, number), response)


def show_person(connection: Connection, call: Call, number: int) -> models.Person:
    """Return a person as they are now.

    Raises:
        Problem: there is no such person of this company.
    """
    wish = Wish(only=number)
    for view in page_of_people(connection, call.actor, call.office.keys, wish, now=call.now):
        return views.person(view, call.ids, call.day(call.now))
    raise not_found()


def tagged(call: Call, shown: models.Person, response: Response) -> models.Person:
    """Mark the answer with the state of the person."""
    response.headers["ETag"] = views.etag(shown, call.index_key)
    return shown


def sealer(call: Call) -> Sealer:
    """Return what it takes to write for this call."""
    return Sealer(call.office.keys, call.index_key, call.actor.name, call.now)


def new_posting(one: models.PostingIn) -> NewPosting:
    """Return a stay as the register takes it."""
    return NewPosting(
        country=one.country, status=PostingStatus(one.status), date_from=one.date_from, date_to=one.date_to,
        city=one.city.strip(), site=one.site.strip(),
    )  # fmt: skip


def _new(person: models.PersonIn, employer_id: int) -> NewPerson:
    return NewPerson(
        name=person.name.strip(),
        consent=GivenConsent(Ground.EMPLOYMENT, TEXT_VERSION, person.consent_abroad),
        employer_id=employer_id,
        language=person.language,
        postings=tuple(new_posting(one) for one in person.postings),
        addresses=tuple(NewAddress(a.channel, a.value, at) for at, a in enumerate(person.addresses, start=1)),
        contacts=tuple(NewContact(one.name.strip(), one.relation.strip(), one.phone) for one in person.contacts),
    )


def _correction(wanted: models.PersonChange, call: Call) -> Correction:
    ids, stay = call.ids, wanted.posting
    return Correction(
        language=wanted.language,
        foreign=wanted.consent_abroad,
        stop=tuple(ids.read(Kind.ADDRESS, one) for one in wanted.stop_addresses),
        add=tuple(NewAddress(one.channel, one.value) for one in wanted.add_addresses),
        stay=None if stay is None else StayFix(
            posting_id=ids.read(Kind.POSTING, stay.id), status=PostingStatus(stay.status) if stay.status else None,
            city=stay.city, site=stay.site, date_from=stay.date_from, date_to=stay.date_to,
        ),
    )  # fmt: skip
