"""`/office/people/{id}`: one person, with everything the office may see: where, how reached, on what ground, told what, what was said."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Annotated, Any

from fastapi import APIRouter, Path
from sqlalchemy import Connection
from starlette.responses import Response

from console.pages.forms import FieldError
from console.pages.office.people import words
from console.pages.office.visit import Visit, Worker
from console.pictures.levels import level_badge
from core.clock import parse_moment
from core.i18n import Language, Message, t
from core.languages import language_name
from core.places.names import codes, display
from notify.ledger.collect import hands
from notify.ledger.model import About, Hand, Look
from notify.ledger.terms import channel_words, way_words
from notify.safety.model import PERSON, Means
from notify.safety.own import answers_of
from notify.safety.tally import MEANS_WORDS
from notify.store.personal import PersonalNotice, Standing, in_force_at, notices_of
from notify.words import reason_words
from registry.accounts.companies import names_of_employers
from registry.people import stale_before
from registry.rights.ask import erasure_asked
from registry.rights.model import PersonFile
from registry.scope.rights import erased, person_file
from registry.tables import PostingStatus

routes = APIRouter()
Person = Annotated[int, Path(ge=1, le=2**53)]
MOST_CHANGES, MOST_NOTICES = 30, 60
OVER = PostingStatus.RETURNED


@dataclass(frozen=True)
class Kept:
    """What was typed into which form of the page, and what is wrong with it."""

    at: str = ""
    fields: Mapping[str, str] | None = None
    errors: tuple[FieldError, ...] = ()


@dataclass(frozen=True)
class Answered:
    """What was said of a person after an alert. `by`: who said it; `words`: their own, empty where none were kept."""

    alert_id: int
    answer: str
    by: Message | str
    means: Message
    at: datetime
    words: str


@dataclass(frozen=True)
class Told:
    """What a person was told and said: the notices to them, what was told by hand, their answers; and what is in force where they are."""

    notices: tuple[PersonalNotice, ...]
    by_hand: tuple[Hand, ...]
    answers: tuple[Answered, ...]
    in_force: tuple[Standing, ...]


@routes.get("/people/{id}")
def person_page(who: Worker, id: Person) -> Response:
    """Show one person. The look is in the audit."""
    return page(who, id, Kept())


def page(who: Visit, number: int, kept: Kept, status: int = 200) -> Response:
    """Show the page of a person; of somebody erased, that and when."""
    with who.reading() as connection:
        gone = erased(connection, who.actor, [number])
    if gone:
        return who.render("people/erased.html", 410, id=number, at=gone[number])
    with who.writing() as connection:
        person = held(connection, who, number)
        who.viewed(connection, [number])
    with who.reading() as connection:
        told = _told(connection, who, person)
        company = names_of_employers(connection, [person.employer_id]) if person.employer_id is not None else {}
        asked = erasure_asked(connection, number)
    standing = [one for one in person.postings if one.status != OVER]
    return who.render(
        "people/person.html", status, person=person, id=number, state=mark_of(who, person), told=told, asked=asked,
        company=company.get(person.employer_id or 0, ""), standing=standing, stale_before=stale_before(who.day), at=kept.at,
        typed=kept.fields or {}, errors=list(kept.errors), words=words, channel=channel_words, reason=reason_words,
        way=way_words, changes=list(reversed(person.changes))[:MOST_CHANGES], countries=_countries(who.language),
        badge=level_badge, spoken=language_name(person.language, who.language),
    )  # fmt: skip


def held(connection: Connection, who: Visit, number: int) -> PersonFile:
    """Return what is held of a person.

    Raises:
        NotFound: there is no such person.
    """
    return person_file(connection, who.actor, number, who.keys)


def mark_of(who: Visit, person: PersonFile) -> str:
    """Return the mark of a person as they are now: a form sent with another one is of a state that is no more."""
    return hmac.digest(who.index_key, repr((person.name, person.language, person.postings, person.addresses, person.consents,
                                            person.contacts)).encode(), sha256)[:12].hex()  # fmt: skip


def _told(connection: Connection, who: Visit, person: PersonFile) -> Told:
    number = person.registrant_id
    there = sorted({one.country for one in person.postings if one.status != OVER})
    return Told(
        tuple(notices_of(connection, number, MOST_NOTICES)),
        tuple(hands(connection, About(registrant_id=number), Look(who.acting, who.keys, plain=True))),
        tuple(_answered(one) for one in answers_of(connection, number, who.keys)),
        tuple(in_force_at(connection, there, who.now)),
    )


def _answered(row: Mapping[str, Any]) -> Answered:
    by = t("themselves") if row["by"] == PERSON else row["by"]
    means = MEANS_WORDS[Means(row["means"])]
    return Answered(row["alert_id"], row["answer"], by, means, parse_moment(row["at"]), row["words"] or "")


def _countries(language: Language) -> list[tuple[str, str]]:
    # GB 18030 orders the common characters by sound, as people look for them; Latin letters come first in it.
    return sorted(((code, display(code, language)) for code in codes()), key=lambda one: one[1].encode("gb18030"))
