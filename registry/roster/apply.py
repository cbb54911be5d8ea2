"""Apply a checked roster to the register, in one transaction, with its history. Nothing is deleted; the same file
twice changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection

from core.audit import record
from core.errors import WrongUse
from core.i18n import t
from core.keys import MasterKeys
from registry import scope, store
from registry.accounts.store import hold_employer, insert_roster_import
from registry.actors import Actor, require_office, require_writer
from registry.asking import questions, rounds
from registry.employers import EmployerView, list_employers
from registry.enrol import Sealer, add_addresses, add_consents, add_contacts, add_postings, enrol
from registry.history import Change, Values, between
from registry.people import STOPPED_BY_UNDO, GivenConsent, NewPerson, NewPosting, PostingView
from registry.rights.consents import own_noes
from registry.roster.doubts import Doubt, DoubtKind
from registry.roster.merge import Plan, Update, plan
from registry.roster.model import Outcome
from registry.roster.report import RosterReport, to_record
from registry.roster.told import Told
from registry.roster.whose import OtherCompany, cautions
from registry.scope.doubles import employed_with
from registry.scope.history import erased_at_own_wish
from registry.tables import Ground, PostingStatus

TEXT_VERSION = "roster/1"


@dataclass(frozen=True)
class Residents:
    """Whom a roster of no company tells of: students, self-employed, families. Only the office imports them.

    Attributes:
        ground: on which new people are held (PIPL art. 13): the duty of the office, or the consent they gave it.
        foreign: new people agreed separately to providers abroad (PIPL art. 39), where no column of the roster tells.
            Whoever is known keeps their own word.
    """

    ground: Ground = Ground.STATUTORY
    foreign: bool = False
    employer_id: None = None


Whose = EmployerView | Residents


@dataclass(frozen=True)
class ImportResult:
    """What an import did; refused rows are counted in rows, all else in people.

    Attributes:
        plan: what was found when the roster was compared with the register, and then done.
        joined_ids: ids of the new people.
        asked: how many stays the company is now asked about, because its full list leaves them out.
    """

    import_id: int
    plan: Plan
    joined_ids: tuple[int, ...]
    asked: int
    refused: int

    @property
    def moved_ids(self) -> tuple[int, ...]:
        """Return the known people whose whereabouts changed: alerts in force for these places may now concern them."""
        return tuple(update.registrant_id for update in self.plan.updates if update.moved)


def preview_roster(
    connection: Connection, actor: Actor, employer: Whose, report: RosterReport, *,
    index_key: bytes, full: bool = False,
) -> Plan:  # fmt: skip
    """Tell what `import_roster` would do; nothing is written.

    Raises:
        NotAllowed: the actor may not write people of this employer, or is not the office and they are residents.
        WrongUse: a full list of residents: there is no company to ask about those who are not on it.
    """
    require_writer(actor, employer.employer_id)
    if isinstance(employer, Residents):
        require_office(actor)
        if full:
            raise WrongUse(t("A list of residents is never of everybody: there is no company to ask."))
    found = plan(report.rows, scope.known_people(connection, actor, employer.employer_id), index_key, full=full)
    found = found.keeping(own_noes(connection, [one.registrant_id for one in found.updates if one.foreign]))
    if isinstance(employer, Residents):
        return replace(found, doubts=(*found.doubts, *_employed(connection, actor, found.joined)))
    warned = cautions(report, employer, list_employers(connection, actor))
    gone = erased_at_own_wish(connection, actor, employer.employer_id) if found.joined else ()
    return replace(found, cautions=replace(warned, erased_on=gone))


def _employed(connection: Connection, actor: Actor, joined: Sequence[Told]) -> Iterator[Doubt]:
    """Give the new residents who are probably in the register with a company already."""
    known = employed_with(connection, actor, [one.name_index for one in joined])
    for one in joined:
        same = {number for _, address in one.addresses for number in known.get((one.name_index, address), ())}
        if same:
            yield Doubt(DoubtKind.EMPLOYED, tuple(one.rows), tuple(sorted(same)))


def import_roster(
    connection: Connection, actor: Actor, employer: Whose, report: RosterReport, *,
    keys: MasterKeys, index_key: bytes, now: datetime, full: bool = False, any_company: bool = False,
) -> ImportResult:  # fmt: skip
    """Write a checked roster: new people are enrolled, known ones brought up to date, all of it or nothing.

    All rows but the refused count. The caller holds the transaction; each change is written into the history of the
    register, so that `undo_import` can restore the state before.

    Args:
        employer: whose people they are; see `Residents` for those of no company.
        full: the list is of everybody this employer has abroad: whoever is not on it is asked about, and stays as known
            until the answer.
        any_company: the list is of this employer though it names another company: a group lists its subsidiaries.

    Raises:
        NotAllowed, WrongUse: see `preview_roster`.
        OtherCompany: the list names another company. Nothing is written then.
        KeyGone: the key of a known person cannot be unwrapped.
    """
    hold_employer(connection, employer.employer_id)
    found = preview_roster(connection, actor, employer, report, index_key=index_key, full=full)
    if found.cautions.other_company and not any_company:
        named = ", ".join(found.cautions.other_company)
        raise OtherCompany(t("This list names another company: {named}. Is it the right file?", named=named))
    refused = report.count(Outcome.REFUSED)
    import_id = insert_roster_import(
        connection, employer_id=employer.employer_id, file_name=report.file_name[:255], sha256=report.sha256,
        rows=len(report.rows), accepted=report.count(Outcome.ACCEPTED) + report.count(Outcome.CHANGED), refused=refused,
        report=to_record(report, found.counts()), partial=not full, created_at=now, created_by=actor.name,
    )  # fmt: skip
    people = [_new_person(told, employer) for told in found.joined]
    joined = enrol(connection, actor, people, keys=keys, index_key=index_key, now=now) if people else []
    who = {"employer_id": employer.employer_id}
    added = [Change(one, "registrant", one, None, who) for one in joined]
    added += _add(connection, Sealer(keys, index_key, actor.name, now), found.updates, employer)
    store.add_changes(connection, added, by=actor.name, at=now, import_id=import_id)
    changes = [change for update in found.updates for change in _changes(update, now)]
    store.make_changes(connection, changes, by=actor.name, at=now, import_id=import_id)
    settled = {one.row_id: one.after or {} for one in changes if one.table_name == "posting"}
    questions.settle(connection, settled, by=actor.name, at=now)
    asked = 0
    if employer.employer_id is not None:
        asked = questions.ask_absent(
            connection, found.asked, employer_id=employer.employer_id, import_id=import_id, by=actor.name, at=now
        )
        rounds.close_by_roster(connection, employer.employer_id, full=full, by=actor.name, at=now)
    record(connection, actor=actor.name, action="roster.import", subject=f"roster_import/{import_id}", now=now)
    return ImportResult(import_id, found, tuple(joined), asked, refused)


def _new_person(told: Told, whose: Whose) -> NewPerson:
    foreign = whose.foreign if told.foreign is None and isinstance(whose, Residents) else bool(told.foreign)
    return NewPerson(
        name=told.name,
        consent=GivenConsent(_ground(whose), TEXT_VERSION, foreign),
        employer_id=whose.employer_id,
        language=told.language or "zh",
        postings=tuple(_stay(one, whose) for one in told.postings if one.status != PostingStatus.RETURNED),
        addresses=tuple(told.addresses.values()),
        contacts=tuple(told.contacts.values()),
    )


def _ground(whose: Whose) -> Ground:
    return whose.ground if isinstance(whose, Residents) else Ground.EMPLOYMENT


def _stay(told: NewPosting, whose: Whose) -> NewPosting:
    return replace(told, kind="resident") if isinstance(whose, Residents) else told


def _add(connection: Connection, sealer: Sealer, updates: Sequence[Update], whose: Whose) -> list[Change]:
    """Write the rows that known people get; return them for the history."""
    wrapped = scope.person_keys(connection, [one.registrant_id for one in updates if one.addresses or one.contacts])
    opened = {one: sealer.keys.unwrap(key) for one, key in wrapped.items()}
    addresses = [
        (update.registrant_id, opened[update.registrant_id], a) for update in updates for a in update.addresses
    ]
    contacts = [(one.registrant_id, opened[one.registrant_id], c) for one in updates for c in one.contacts]
    postings = [(update.registrant_id, _stay(told, whose)) for update in updates for told in update.added]
    for one in updates:
        if one.own_no:  # the list says yes, the person said no: theirs stands, and why is on record
            subject = f"registrant/{one.registrant_id}"
            record(connection, actor=sealer.actor, action="consent.own-no-stands", subject=subject, now=sealer.now)
    consents = [
        (update.registrant_id, GivenConsent(update.known.ground or _ground(whose), TEXT_VERSION, update.foreign))
        for update in updates
        if update.foreign is not None
    ]
    return [
        *add_addresses(connection, sealer, addresses),
        *add_postings(connection, sealer, postings),
        *add_consents(connection, sealer, consents),
        *add_contacts(connection, sealer, contacts),
    ]


def _changes(update: Update, now: datetime) -> list[Change]:
    """Return what becomes of the rows a known person has. Pure."""
    who = update.registrant_id
    found = []
    for view in update.confirmed:
        after: dict[str, object] = {"confirmed_at": now}
        if view.status == PostingStatus.ABROAD and _past(view, now):
            after["date_to"] = None
        found.append(between(who, "posting", view.posting_id, _values(view), after))
    for view, told in update.changed:
        found.append(
            between(who, "posting", view.posting_id, _values(view), _told(view, told, now) | {"confirmed_at": now})
        )
    if update.language:
        before = {"language": update.known.language}
        found.append(between(who, "registrant", who, before, {"language": update.language}))
    for number, stopped_at in update.used_again:
        stopped: Values = {"stopped_at": stopped_at, "stop_reason": STOPPED_BY_UNDO}
        found.append(between(who, "address", number, stopped, {"stopped_at": None, "stop_reason": ""}))
    return found


def _values(view: PostingView) -> Values:
    return {
        "city": view.city, "site": view.site, "project": view.project, "date_from": view.date_from, "date_to": view.date_to,
        "status": view.status, "confirmed_at": view.confirmed_at,
    }  # fmt: skip


def _past(view: PostingView, now: datetime) -> bool:
    """Tell whether the end that is known has gone by. A row that says "abroad" and no end (one with this end counts as
    doubtful) takes it back, as the answer "still there" does: nobody is expired whom the company lists every month.
    """
    return view.date_to is not None and view.date_to < now.date()


def _told(view: PostingView, told: NewPosting, now: datetime) -> dict[str, object]:
    refuted = told.status == PostingStatus.ABROAD and _past(view, now)
    return {
        "city": told.city or view.city,
        "site": told.site or view.site,
        "project": told.project or view.project,
        "date_from": told.date_from or view.date_from,
        "date_to": told.date_to or (None if refuted else view.date_to),
        "status": told.status,
    }
