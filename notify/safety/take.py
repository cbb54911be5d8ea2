"""Taking an answer: written down once a person, late or not; whoever needs help has an officer paged in the same transaction."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row

from core import audit
from core.clock import iso
from core.errors import BadInput, NotFound
from core.i18n import t
from core.keys import KeyGone, MasterKeys, seal
from core.tables import Mode
from notify.alerts import Acting
from notify.duty.paging import page, settle
from notify.safety.model import Answer, Counted, Means, Said, Voice, Word, standing
from notify.store import safety as store
from notify.store.safety import Part
from notify.tables import Alert
from registry import scope
from registry.actors import require_office
from registry.scope.api import own_people
from registry.tables import Role

WORDS_CONTEXT = "safe_word.words/{alert}/{person}"
LONGEST = 2000
"""Characters of an answer that are kept: a mail may bring a whole thread along."""
LONGEST_NOTE = 1000
CAUSE = "help/{alert}/{person}"


def take_answer(
    connection: Connection,
    alert_id: int,
    registrant_ids: Sequence[int],
    said: Said,
    keys: MasterKeys,
    *,
    calls: bool = True,
) -> Counted:
    """Write down an answer to an alert, once however often it comes; page an officer if help is needed.

    Of several people who were asked behind one number, safe counts for none: nobody knows who holds it. They are unclear, marked
    as shared, until each is known to be safe. Help counts for all of them. What an officer or a company says counts as it is said.

    Args:
        registrant_ids: whom it may be about: everybody behind the number or link, or exactly those an officer or company named.

        calls: page an officer for a call for help; not if the same message has paged one for another alert.

    Raises:
        NotFound: there is no such alert.
    """
    alert = store.ends(connection, alert_id)
    if alert is None:
        raise NotFound(t("There is no such alert."))
    people = sorted(set(registrant_ids))
    asked = store.asked_among(connection, alert_id, people)
    own = said.voice is Voice.PERSON
    about = people if said.answer is Answer.HELP or not asked or not own else sorted(asked)
    shared = own and (len(asked) > 1 or (not asked and len(about) > 1))
    if shared and said.answer is Answer.SAFE:
        said = replace(said, answer=Answer.UNCLEAR)
    late = said.at >= end_of(alert)
    rows = _rows(connection, alert_id, about, _Row(said, shared, late), keys)
    new = sorted(store.add_words(connection, rows))
    paged = _after(connection, _About(alert_id, alert.mode == Mode.DRILL, said, calls), new, shared=shared)
    unasked = len([one for one in about if one not in asked])
    return Counted(said.answer, len(new), len(about) - len(new), unasked, shared, late, paged)


def end_of(alert: Row[Any] | Alert) -> datetime:
    """Return the moment after which an answer is late: the alert was closed, or its force ends then. Pure."""
    return min(alert.closed_at or alert.in_force_until, alert.in_force_until)


@dataclass(frozen=True)
class Mark:
    """What an officer or a company says of people.

    Attributes:
        phoned: the officer heard it on the telephone, from themselves.
    """

    alert_id: int
    people: Sequence[int]
    answer: Answer
    note: str = ""
    phoned: bool = False


def mark(connection: Connection, made: Mark, acting: Acting, keys: MasterKeys) -> Counted:
    """Let an officer say it of anybody the alert was for, and a company of its own people; it is kept who did.

    Raises:
        NotAllowed: the actor is neither the office nor a company.
        NotFound: there is no such alert; or it was not for one of these people, or not of this company.
        BadInput: nobody is named, or the note is too long.
    """
    actor, company = acting.actor, acting.actor.role == Role.COMPANY
    if not company:
        require_office(actor)
    if not made.people:
        raise BadInput(t("Say of whom: nobody is named."))
    if len(made.note) > LONGEST_NOTE:
        raise BadInput(t("The note is too long: at most {count} characters.", count=LONGEST_NOTE))
    part = Part(own_people(actor), employer_id=actor.employer_id if company else None)
    named = sorted(set(made.people))
    if len(told(connection, made.alert_id, named, part)) < len(named):
        raise NotFound(t("This alert was not for all of these people, or you may not answer for them."))
    means = Means.COMPANY if company else Means.PHONE if made.phoned else Means.OFFICER
    said = Said(made.answer, means, actor.name, made.note.strip(), acting.now)
    counted = take_answer(connection, made.alert_id, named, said, keys)
    shown = ",".join(str(one) for one in named)
    audit.record(connection, actor=actor.name, action="safe.mark", subject=f"alert/{made.alert_id}", now=acting.now,
                 detail=f"{means} {made.answer} registrant/{shown}")  # fmt: skip
    return counted


def told(connection: Connection, alert_id: int, people: Sequence[int], part: Part) -> dict[int, Row[Any]]:
    """Return those of these people whom an alert was for, asked or not, within a part; each with where they were."""
    found: dict[int, Row[Any]] = {}
    for start in range(0, len(people), scope.CHUNK):
        chunk = replace(part, only=tuple(people[start : start + scope.CHUNK]))
        found |= store.told_among(connection, alert_id, chunk)
    return found


@dataclass(frozen=True)
class _Row:
    """What the rows of one answer have in common."""

    said: Said
    shared: bool
    late: bool


def _rows(
    connection: Connection, alert_id: int, people: Sequence[int], one: _Row, keys: MasterKeys
) -> list[dict[str, Any]]:
    wrapped, said, found = scope.person_keys(connection, people), one.said, []
    for person in people:
        try:
            key = keys.unwrap(wrapped.get(person))
        except KeyGone:  # erased since: that something was said still counts, what it was is not kept
            key = b""
        words = said.words.strip()[:LONGEST]
        place = WORDS_CONTEXT.format(alert=alert_id, person=person)
        found.append({
            "alert_id": alert_id, "registrant_id": person, "answer": said.answer, "means": said.means, "by": said.by,
            "key": _key(said, key), "shared": one.shared, "late": one.late, "at": said.at,
            "words_sealed": seal(key, words, place) if key and words else None,
        })  # fmt: skip
    return found


def _key(said: Said, key: bytes) -> str:
    """Return what a repeated answer has in common with the first one.

    Of a call two digits may be pressed: the answer belongs to it. Without a provider's number the words are hashed under the
    person's key, so that nobody can try out what an erased person may have said.
    """
    if said.ref:
        return hashlib.sha256(f"{said.ref}\0{said.answer}".encode()).hexdigest()
    text = "\0".join((said.answer, said.by, iso(said.at) or "", said.words if key else ""))
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()


@dataclass(frozen=True)
class _About:
    """What an answer is about."""

    alert_id: int
    drill: bool
    said: Said
    calls: bool

    def cause(self, person: int) -> str:
        """Return the cause of the page for a person."""
        return CAUSE.format(alert=self.alert_id, person=person)


def _after(connection: Connection, about: _About, new: Sequence[int], *, shared: bool) -> bool:
    """Page an officer, or close the pages of those who turn out to be safe. Returns whether a new page is open."""
    if about.said.answer is Answer.HELP and new:
        return about.calls and _page(connection, about, new[:1] if shared else new, count=len(new))
    if about.said.answer is Answer.SAFE:
        for person in new:
            if _is_over(connection, about, person):
                settle(connection, about.cause(person), about.said.at)
    return False


def _page(connection: Connection, about: _About, people: Sequence[int], *, count: int) -> bool:
    """Page for each of these people; one page for all behind one number: it is one telephone that must be called."""
    opened = False
    for person in people:
        words = t("Help needed: person {person}, alert {alert}. Call them now.", person=person, alert=about.alert_id)
        if len(people) < count:
            words = t("Help needed: person {person} or one of {count} people behind the same number, alert {alert}. Call them now.",
                      person=person, count=count, alert=about.alert_id)  # fmt: skip
        if about.drill:
            words = t("Drill: {words}", words=words)
        opened |= page(connection, about.cause(person), words, about.said.at)
    return opened


def _is_over(connection: Connection, about: _About, person: int) -> bool:
    """Tell whether a word that says safe ends the call for help: an officer's always; another's not where the call came from a
    number of several people, and the page was for all of them."""
    words = [word(row) for row in store.words_of(connection, about.alert_id, Part(only=(person,)))]
    stands = standing(words)
    if stands is None or stands.answer is Answer.HELP:
        return False
    shared = any(one.shared and one.answer is Answer.HELP for one in words)
    return about.said.voice is Voice.OFFICE or not shared


def word(row: Any) -> Word:
    """Return a row as a word."""
    return Word(Answer(row.answer), Means(row.means), row.by, row.at, row.shared, row.late)
