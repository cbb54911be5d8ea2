"""Writing down what was told by hand: who, when, to whom, by which way. Nothing is ever changed: a second row withdraws."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from core import audit
from core.clock import iso
from core.errors import BadInput, NotFound
from core.i18n import t
from core.keys import KeyGone, MasterKeys, seal, unseal
from notify.alerts import Acting
from notify.byhand import store
from notify.byhand.tables import ByHand, Way
from notify.store import alerts as alert_store
from notify.store.proof import released_versions
from registry import scope
from registry.actors import require_office
from registry.employers import find_employer

NOTE_CONTEXT = "by_hand.note/{alert}/{person}"
LONGEST_NOTE, LONGEST_GROUP = 1000, 100
AHEAD = timedelta(minutes=5)
"""How far the officer's watch may be ahead of ours."""
_DATE_OR_TIME = re.compile(
    r"(?<!\d)(?:19|20)\d\d[-./年](?:1[0-2]|0?[1-9])(?:[-./月](?:3[01]|[0-2]?\d)日?)?(?!\d)|(?<!\d)\d{1,2}:\d{2}(?!\d)"
)
_NUMBER = re.compile(r"(?:\d[\s().\-]{0,2}){6,}\d")


@dataclass(frozen=True)
class Told:
    """What an officer says: one of a person, a company (its code) or a group of people nobody knows here.

    Attributes:
        at: when it happened, not when it is written down.
        confirmed: the company said that its people were told.
    """

    alert_id: int
    way: Way
    at: datetime
    person: int | None = None
    employer: str = ""
    group: str = ""
    confirmed: bool = False
    note: str = ""


def add(connection: Connection, told: Told, acting: Acting, keys: MasterKeys) -> int:
    """Write down that somebody was told by hand; return the number of the row.

    Raises:
        NotAllowed: the actor is not the office.
        NotFound: there is no such alert, person (or they were erased) or company.
        BadInput: not exactly one of person, company and group; a moment to come; or a plain note with a number in it.
    """
    require_office(acting.actor)
    _check(told, acting.now)
    values: dict[str, Any] = {
        "alert_id": told.alert_id, "version_id": _version(connection, told.alert_id), "way": told.way, "at": told.at,
        "confirmed": told.confirmed, "group_name": told.group.strip(), "registrant_id": told.person,
    }  # fmt: skip
    if told.employer:
        values["employer_id"] = find_employer(connection, acting.actor, told.employer).employer_id
    values |= _note(connection, told.alert_id, told.person, told.note, keys)
    return _write(connection, values, acting, "hand.add")


def withdraw(connection: Connection, number: int, reason: str, acting: Acting, keys: MasterKeys) -> int:
    """Say that an earlier row does not hold, and why; return the number of the row that says so.

    Raises:
        NotAllowed: the actor is not the office.
        NotFound: there is no such row.
        BadInput: it was withdrawn before, is a withdrawal itself, or no reason is given.
    """
    require_office(acting.actor)
    wrong = store.one(connection, number)
    if wrong is None:
        raise NotFound(t("There is no record {number} of something told by hand.", number=number))
    if wrong.withdraws is not None or any(
        one.withdraws == number for one in store.rows(connection, alert_id=wrong.alert_id)
    ):
        raise BadInput(t("Record {number} does not stand any more: there is nothing to withdraw.", number=number))
    if not reason.strip():
        raise BadInput(t("Say why it is withdrawn."))
    erased = wrong.registrant_id is not None and scope.person_key(connection, wrong.registrant_id) is None
    if wrong.registrant_id is None or erased:
        _check_plain(reason)
    values = {
        name: getattr(wrong, name)
        for name in ("alert_id", "version_id", "registrant_id", "employer_id", "group_name", "way")
    }
    note = _note(connection, wrong.alert_id, None if erased else wrong.registrant_id, reason, keys)
    values |= note | {"confirmed": False, "at": acting.now, "withdraws": number}
    return _write(connection, values, acting, "hand.withdraw")


def note_of(connection: Connection, row: ByHand, keys: MasterKeys) -> str | None:
    """Return the note of a row; None if the person was erased, and their note with them."""
    if row.note_sealed is None:
        return row.note
    try:
        key = keys.unwrap(scope.person_key(connection, row.registrant_id or 0))
        return unseal(key, row.note_sealed, NOTE_CONTEXT.format(alert=row.alert_id, person=row.registrant_id))
    except KeyGone:
        return None


def holds_number(text: str) -> bool:
    """Tell whether a plain note holds what looks like a telephone number or a mail address. Dates and times are none. Pure."""
    plain = unicodedata.normalize("NFKC", text)
    return "@" in plain or _NUMBER.search(_DATE_OR_TIME.sub(" | ", plain)) is not None


def _check(told: Told, now: datetime) -> None:
    if sum((told.person is not None, bool(told.employer), bool(told.group.strip()))) != 1:
        raise BadInput(t("Say who was told: one of a person, a company and a group."))
    if told.at > now + AHEAD:
        raise BadInput(t("{at} is still to come: write down what has happened.", at=iso(told.at)))
    if told.confirmed and not told.employer:
        raise BadInput(t("Only a company can say that its people were told."))
    if len(told.note) > LONGEST_NOTE or len(told.group) > LONGEST_GROUP:
        raise BadInput(t("Too long: a note has at most {note} characters, the name of a group {group}.",
                         note=LONGEST_NOTE, group=LONGEST_GROUP))  # fmt: skip
    if told.person is None:
        _check_plain(told.note)
        _check_plain(told.group)


def _check_plain(text: str) -> None:
    if holds_number(text):
        raise BadInput(t("This note is kept as plain text: leave out telephone numbers and mail addresses."))


def _version(connection: Connection, alert_id: int) -> int:
    """Return the version that is the newest word now: the newest released one, else the newest draft."""
    if alert_store.alert(connection, alert_id) is None:
        raise NotFound(t("There is no alert {number}.", number=alert_id))
    released = released_versions(connection, alert_id=alert_id)
    return int(released[-1].id if released else alert_store.newest_version(connection, alert_id).id or 0)


def _note(connection: Connection, alert_id: int, person: int | None, note: str, keys: MasterKeys) -> dict[str, Any]:
    if person is None:
        return {"note": note.strip(), "note_sealed": None}
    wrapped = scope.person_key(connection, person)
    if wrapped is None:
        raise NotFound(t("There is no person {number}.", number=person))
    context = NOTE_CONTEXT.format(alert=alert_id, person=person)
    sealed = seal(keys.unwrap(wrapped), note.strip(), context) if note.strip() else None
    return {"note": "", "note_sealed": sealed}


def _write(connection: Connection, values: dict[str, Any], acting: Acting, action: str) -> int:
    row = {"employer_id": None, "withdraws": None, "created_at": acting.now, "created_by": acting.actor.name} | values
    number = store.add(connection, row)
    subject = f"alert/{values['alert_id']}"
    audit.record(connection, actor=acting.actor.name, action=action, subject=subject, now=acting.now,
                 detail=f"by_hand/{number}")  # fmt: skip
    return number
