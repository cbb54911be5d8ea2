"""Single changes by a company's own system: a person, a stay, a correction. Each is in the history, as a roster's are."""

from __future__ import annotations

from sqlalchemy import Connection

from core.audit import record
from core.errors import LingbaoError
from core.i18n import t
from registry import store
from registry.actors import Actor, require_writer
from registry.asking import questions
from registry.enrol import Sealer, add_postings, enrol
from registry.history import CONFIRMED, Change, between
from registry.matching import address_index, name_index
from registry.people import NewPerson, NewPosting
from registry.rights.correct import correct
from registry.rights.model import Correction, StayFix
from registry.rights.still import confirm_stays
from registry.scope.api import known_as
from registry.scope.history import as_they_are
from registry.scope.rights import employer_of


class KnownAlready(LingbaoError):
    """Somebody of this employer with this name and one of these addresses is registered: `registrant_id`."""

    def __init__(self, registrant_id: int) -> None:
        """Say who it is."""
        super().__init__(t("Somebody with this name and one of these addresses is registered already."))
        self.registrant_id = registrant_id


def add_person(connection: Connection, actor: Actor, person: NewPerson, *, sealer: Sealer) -> int:
    """Write one new person; return the id. Who is known elsewhere, at another employer or alone, makes no difference.

    Raises:
        KnownAlready: the employer has somebody with this name and one of these addresses.
        NotAllowed: the actor may not write people of this employer.
        BadInput: see `enrol`.
    """
    require_writer(actor, person.employer_id)
    values = {address_index(sealer.index_key, one.channel, one.value) for one in person.addresses}
    known = known_as(connection, actor, name_index(sealer.index_key, person.name), values)
    if known is not None:
        raise KnownAlready(known)
    (one,) = enrol(connection, actor, [person], keys=sealer.keys, index_key=sealer.index_key, now=sealer.now)
    _write(connection, actor, [Change(one, "registrant", one, None, {"employer_id": person.employer_id})], sealer)
    return one


def add_stay(connection: Connection, actor: Actor, registrant_id: int, stay: NewPosting, *, sealer: Sealer) -> int:
    """Write one more stay of a person; return its id.

    Raises:
        NotFound: there is no such person, or not for this actor.
        NotAllowed: the actor may not write people of this employer.
    """
    require_writer(actor, employer_of(connection, actor, registrant_id))
    added = add_postings(connection, sealer, [(registrant_id, stay)])
    _write(connection, actor, added, sealer)
    subject = f"registrant/{registrant_id}"
    record(connection, actor=actor.name, action="person.stay", subject=subject, now=sealer.now)
    return added[0].row_id


def edit_person(connection: Connection, actor: Actor, registrant_id: int, wanted: Correction, *, sealer: Sealer) -> int:
    """Put right what is wanted of a person; return how many rows changed.

    A stay that is named is confirmed by it, and what was asked about it settled; with `still_there` every stay is.

    Raises:
        NotFound: there is no such person, address or stay, or not for this actor.
        NotAllowed: the actor may not write people of this employer.
        BadInput, WithdrewThemselves: see `correct`.
    """
    changed = correct(connection, actor, registrant_id, wanted, sealer=sealer)
    if wanted.stay is not None:
        _confirm(connection, actor, registrant_id, wanted.stay, sealer)
    if wanted.still_there:
        changed += confirm_stays(connection, (registrant_id,), by=actor.name, now=sealer.now)
    return changed


def _confirm(connection: Connection, actor: Actor, registrant_id: int, named: StayFix, sealer: Sealer) -> None:
    number = named.posting_id
    now = as_they_are(connection, actor, "posting", [number], (CONFIRMED, "status"))[number]
    confirmed = between(registrant_id, "posting", number, now, {CONFIRMED: sealer.now})
    store.make_changes(connection, [confirmed], by=actor.name, at=sealer.now)
    ends = named.date_to is not None or named.no_end
    said = {"status": now["status"]} | ({"date_to": named.date_to} if ends else {})
    questions.settle(connection, {number: said}, by=actor.name, at=sealer.now)


def _write(connection: Connection, actor: Actor, changes: list[Change], sealer: Sealer) -> None:
    store.add_changes(connection, changes, by=actor.name, at=sealer.now)
