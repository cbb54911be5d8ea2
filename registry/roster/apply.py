"""Apply a checked roster to the register, in one transaction. Nothing is deleted; the same file twice changes
nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from core.audit import record
from core.keys import MasterKeys
from registry import scope, store
from registry.accounts.store import insert_roster_import
from registry.actors import Actor, require_writer
from registry.employers import EmployerView
from registry.enrol import Sealer, add_addresses, add_consents, add_postings, enrol
from registry.people import GivenConsent, NewPerson, NewPosting, PostingView
from registry.roster.merge import Plan, Told, Update, plan
from registry.roster.model import Outcome
from registry.roster.report import RosterReport, to_record
from registry.tables import Ground, PostingStatus

TEXT_VERSION = "roster/1"


@dataclass(frozen=True)
class ImportResult:
    """What an import did, in people; refused rows in rows.

    Attributes:
        joined_ids: ids of the new people.
        moved_ids: known people with a stay in a country that was not known, or with changed dates or status: alerts
            in force for these places may now concern them.
        left_out: not known and back already: not taken up.
        possible_doubles: rows whose name is known with other addresses.
    """

    import_id: int
    joined_ids: tuple[int, ...]
    moved_ids: tuple[int, ...]
    changed: int
    unchanged: int
    left_out: int
    refused: int
    possible_doubles: tuple[int, ...]

    @property
    def joined(self) -> int:
        """Return how many people are new."""
        return len(self.joined_ids)


def preview_roster(
    connection: Connection, actor: Actor, employer: EmployerView, report: RosterReport, *, index_key: bytes
) -> Plan:
    """Tell what `import_roster` would do; nothing is written.

    Raises:
        NotAllowed: the actor may not write people of this employer.
    """
    require_writer(actor, employer.employer_id)
    return plan(report.rows, scope.known_people(connection, actor, employer.employer_id), index_key)


def import_roster(
    connection: Connection, actor: Actor, employer: EmployerView, report: RosterReport, *,
    keys: MasterKeys, index_key: bytes, now: datetime,
) -> ImportResult:  # fmt: skip
    """Write a checked roster: new people are enrolled, known ones brought up to date, all of it or nothing.

    Accepted and doubtful rows count; refused ones stay out and are in the report. The caller holds the transaction.

    Raises:
        NotAllowed: the actor may not write people of this employer.
        KeyGone: the key of a known person cannot be unwrapped.
    """
    found = preview_roster(connection, actor, employer, report, index_key=index_key)
    sealer = Sealer(keys, index_key, actor.name, now)
    people = [_new_person(told, employer.employer_id) for told in found.joined]
    joined = enrol(connection, actor, people, keys=keys, index_key=index_key, now=now) if people else []
    _write_updates(connection, sealer, found.updates)
    import_id = insert_roster_import(
        connection, employer_id=employer.employer_id, file_name=report.file_name[:255], sha256=report.sha256,
        rows=len(report.rows), accepted=report.count(Outcome.ACCEPTED), refused=report.count(Outcome.REFUSED),
        report=to_record(report), created_at=now, created_by=actor.name,
    )  # fmt: skip
    record(connection, actor=actor.name, action="roster.import", subject=f"roster_import/{import_id}", now=now)
    changed = sum(1 for update in found.updates if not update.nothing)
    return ImportResult(
        import_id=import_id,
        joined_ids=tuple(joined),
        moved_ids=tuple(update.registrant_id for update in found.updates if update.added or update.changed),
        changed=changed,
        unchanged=len(found.updates) - changed,
        left_out=len(found.left_out),
        refused=report.count(Outcome.REFUSED),
        possible_doubles=found.possible_doubles,
    )


def _new_person(told: Told, employer_id: int) -> NewPerson:
    return NewPerson(
        name=told.name,
        consent=GivenConsent(Ground.EMPLOYMENT, TEXT_VERSION, bool(told.foreign)),
        employer_id=employer_id,
        language=told.language or "zh",
        postings=tuple(posting for posting in told.postings if posting.status != PostingStatus.RETURNED),
        addresses=tuple(told.addresses.values()),
    )


def _write_updates(connection: Connection, sealer: Sealer, updates: Sequence[Update]) -> None:
    wrapped = scope.person_keys(connection, [update.registrant_id for update in updates if update.addresses])
    opened = {one: sealer.keys.unwrap(key) for one, key in wrapped.items()}
    one_by_one = [
        (update.registrant_id, opened[update.registrant_id], a) for update in updates for a in update.addresses
    ]
    add_addresses(connection, sealer, one_by_one)
    add_postings(connection, sealer, [(update.registrant_id, stay) for update in updates for stay in update.added])
    changes = [change for update in updates for change in update.changed]
    store.change_postings(connection, [_changed_row(sealer, before, after) for before, after in changes])
    confirmed = [one for update in updates for one in update.confirmed] + [before.posting_id for before, _ in changes]
    store.confirm_postings(connection, confirmed, sealer.now)
    languages = {update.registrant_id: update.language for update in updates if update.language}
    store.change_language(connection, languages, now=sealer.now, actor=sealer.actor)
    consents = [(u.registrant_id, u.foreign) for u in updates if u.foreign is not None]
    add_consents(
        connection, sealer, [(one, GivenConsent(Ground.EMPLOYMENT, TEXT_VERSION, yes)) for one, yes in consents]
    )


def _changed_row(sealer: Sealer, before: PostingView, after: NewPosting) -> dict[str, Any]:
    return {
        "posting_id": before.posting_id,
        "city": after.city or before.city,
        "site": after.site or before.site,
        "date_from": after.date_from or before.date_from,
        "date_to": after.date_to or before.date_to,
        "status": after.status,
        "updated_at": sealer.now,
        "updated_by": sealer.actor,
    }
