"""What somebody who proved who they are changes of themselves and of those they registered along: stays and companions.

The actor of each operation is that of the visit (`registry.signup.visit`): whoever is not theirs does not exist for them, and
whom a company registered they may see, but not change.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import cast

from sqlalchemy import Connection

from core.audit import record
from core.errors import BadInput, NotFound
from core.i18n import t
from registry import store
from registry.actors import Actor, require_writer
from registry.asking import questions
from registry.enrol import Sealer, add_postings, enrol
from registry.history import Change, Values, between
from registry.people import GivenConsent, NewAddress, NewPerson, NewPosting, still_there
from registry.scope.history import as_they_are
from registry.scope.rights import employer_of, person_file
from registry.signup.leave import end_all
from registry.signup.model import MOST_COMPANIONS
from registry.signup.texts import current
from registry.store import add_changes
from registry.tables import Ground, PostingStatus

COLUMNS = ("registrant_id", "country", "city", "site", "date_from", "date_to", "status", "confirmed_at")


def change_stays(
    connection: Connection, actor: Actor, posting_ids: Sequence[int], wanted: NewPosting, *, day: date, sealer: Sealer
) -> int:
    """Put stays right; return how many changed. In another country it is another stay: the one before is over, but where it
    has begun and the other one begins later, it holds until then.

    Args:
        day: today at the office.

    Raises:
        NotFound: one of them is not there, is over, or is not this actor's.
        NotAllowed: a company registered the person.
    """
    changes, moved, told = [], [], dict[int, Values]()
    for number, before in _standing(connection, actor, posting_ids).items():
        person = int(str(before["registrant_id"]))
        if before["country"] == wanted.country:
            after: dict[str, object] = {
                "city": wanted.city, "site": wanted.site, "date_from": wanted.date_from, "date_to": wanted.date_to,
                "status": wanted.status, "confirmed_at": sealer.now,
            }  # fmt: skip
        else:
            after = _left(before, wanted, day, sealer.now)
            moved.append((person, wanted))
        changes.append(between(person, "posting", number, before, after))
        told[number] = after
    store.make_changes(connection, changes, by=actor.name, at=sealer.now)
    questions.settle(connection, told, by=actor.name, at=sealer.now)
    add_changes(connection, add_postings(connection, sealer, moved), by=actor.name, at=sealer.now)
    _note(connection, actor, "resident.stay", {one.registrant_id for one in changes}, sealer)
    return len(changes)


def end_stays(connection: Connection, actor: Actor, posting_ids: Sequence[int], *, sealer: Sealer) -> int:
    """End stays: these people are back, or were never there. Raises as `change_stays`."""
    over = {"status": PostingStatus.RETURNED}
    found = _standing(connection, actor, posting_ids)
    changes = [between(int(str(one["registrant_id"])), "posting", number, one, over) for number, one in found.items()]
    store.make_changes(connection, changes, by=actor.name, at=sealer.now)
    questions.settle(connection, dict.fromkeys(found, over), by=actor.name, at=sealer.now)
    _note(connection, actor, "resident.stay", {one.registrant_id for one in changes}, sealer)
    return len(changes)


def add_stays(
    connection: Connection, actor: Actor, registrant_ids: Sequence[int], stay: NewPosting, *, sealer: Sealer
) -> None:
    """Write one more stay of each of these people.

    Raises:
        NotFound, NotAllowed: as `change_stays`.
    """
    for one in registrant_ids:
        require_writer(actor, employer_of(connection, actor, one))
    added = add_postings(connection, sealer, [(one, stay) for one in registrant_ids])
    add_changes(connection, added, by=actor.name, at=sealer.now)
    _note(connection, actor, "resident.stay", set(registrant_ids), sealer)


def add_companion(connection: Connection, actor: Actor, me: int, name: str, *, language: str, sealer: Sealer) -> int:
    """Register one more companion: same stays, reached over the addresses of this person that are in use; return the id.

    Raises:
        NotFound, NotAllowed: as `change_stays`.
        BadInput: the name is missing, or there are too many companions.
    """
    require_writer(actor, employer_of(connection, actor, me))
    mine = person_file(connection, actor, me, sealer.keys)
    if len(actor.own) > MOST_COMPANIONS:
        raise BadInput(t("At most {count} companions.", count=MOST_COMPANIONS))
    stays = tuple(
        NewPosting(one.country, PostingStatus(one.status), one.date_from, one.date_to, region=one.region, city=one.city,
                   site=one.site, kind=one.kind)
        for one in mine.postings if one.status != PostingStatus.RETURNED
    )  # fmt: skip
    ways = tuple(
        NewAddress(one.channel, one.value, one.preference, one.verified_at)
        for one in mine.addresses
        if not one.stopped_at
    )
    foreign = bool(mine.consents and mine.consents[-1].foreign and mine.consents[-1].withdrawn_at is None)
    consent = GivenConsent(Ground.CONSENT, f"consent/{current()}", foreign)
    person = NewPerson(name, consent, None, language, stays, ways, companion_of=me)
    (one,) = enrol(connection, actor, [person], keys=sealer.keys, index_key=sealer.index_key, now=sealer.now)
    joined = Change(one, "registrant", one, None, {"employer_id": None, "companion_of": me})
    add_changes(connection, [joined], by=actor.name, at=sealer.now)
    return one


def take_out(connection: Connection, actor: Actor, companion: int, *, erase: bool, sealer: Sealer) -> None:
    """Let a companion leave: their stays are over, and with `erase` the next retention run erases them.

    Raises:
        NotFound, NotAllowed: as `change_stays`.
    """
    require_writer(actor, employer_of(connection, actor, companion))
    end_all(connection, (companion,), erase=erase, now=sealer.now)


def _left(before: Values, wanted: NewPosting, day: date, now: datetime) -> dict[str, object]:
    """Return what becomes of a stay when its person goes to another country."""
    begun, end = cast(date | None, before["date_from"]), cast(date | None, before["date_to"])
    if wanted.date_from is not None and still_there(PostingStatus(str(before["status"])), begun, wanted.date_from, day):
        return {"date_to": min(wanted.date_from, end or wanted.date_from), "confirmed_at": now}
    return {"status": PostingStatus.RETURNED}


def _standing(connection: Connection, actor: Actor, posting_ids: Sequence[int]) -> dict[int, Values]:
    found = as_they_are(connection, actor, "posting", posting_ids, COLUMNS)
    for number in posting_ids:
        if number not in found or found[number]["status"] == PostingStatus.RETURNED:
            raise NotFound(t("This stay is over, or there is none."))
        require_writer(actor, employer_of(connection, actor, int(str(found[number]["registrant_id"]))))
    return found


def _note(connection: Connection, actor: Actor, action: str, people: set[int], sealer: Sealer) -> None:
    for one in sorted(people):
        record(connection, actor=actor.name, action=action, subject=f"registrant/{one}", now=sealer.now)
