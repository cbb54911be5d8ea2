"""Undo of a roster: the register is as it was before, all of it or nothing. The history keeps both ways."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row

from core.audit import record
from registry import store
from registry.accounts import store as accounts
from registry.actors import Actor, require_writer
from registry.asking import store as asking
from registry.asking.rules import RoundAnswer
from registry.history import CONFIRMED, Change, Values, between
from registry.people import STOPPED_BY_UNDO
from registry.roster.may_undo import newest, refuse_if_changed, refuse_if_told
from registry.roster.notices import InUse, Notices, Settled, TakenBack
from registry.scope.erasure import wipe_people
from registry.scope.history import addresses_being_checked, as_they_are, changes_of_import
from registry.tables import PostingStatus

EXTRA = {"posting": (CONFIRMED, "status"), "address": ("stopped_at", "stop_reason")}
"""Columns that are looked at even where the roster did not write them."""


@dataclass(frozen=True)
class Undone:
    """What undoing did.

    Attributes:
        erased: people the roster had brought: their keys are destroyed.
        restored: rows that have their values of before again.
        taken_back: rows that are gone again. `kept`: rows that something refers to: ended or stopped instead.
        notices: what became of the notices that were not sent yet, or went to an address that was taken back.
    """

    import_id: int
    erased: int
    restored: int
    taken_back: int
    kept: int
    notices: Settled = field(default_factory=Settled)


@dataclass(frozen=True)
class ImportView:
    """A roster that was applied. `full`: the company said that it is of everybody."""

    import_id: int
    file_name: str
    sha256: str
    rows: int
    full: bool
    at: datetime
    by: str


def imports_of(connection: Connection, actor: Actor, employer_id: int | None) -> tuple[ImportView, ...]:
    """Return the rosters of an employer (None: of residents) that stand, newest first: only the first can be undone.

    Raises:
        NotAllowed: the actor may not write people of this employer.
    """
    require_writer(actor, employer_id)
    return tuple(
        ImportView(row.id, row.file_name, row.sha256, row.rows, not row.partial, row.created_at, row.created_by)
        for row in accounts.roster_imports(connection, employer_id)
    )


def undo_import(
    connection: Connection, actor: Actor, import_id: int, *, notices: Notices, now: datetime, confirm: str = ""
) -> Undone:
    """Restore the state of the register before a roster was applied. The caller holds the transaction.

    Confirmations that somebody gave since stand. People erased since are left alone.

    Args:
        confirm: typed by the office: the code of the company (`RESIDENTS` for those of none). With it people are erased whom a
            warning still concerns.

    Raises:
        NotFound: there is no such import, or not for this actor.
        NotAllowed: the actor may not write people of this employer; or it is a company, and the office imported the file, or
            somebody it brought was told something.
        BadInput: it is undone already, a newer roster of this employer stands, something it wrote was changed since (the
            number of the person is named), or a warning still concerns people it brought. Nothing is written then.
    """
    done = newest(connection, actor, import_id)
    changes = [past.change for past in changes_of_import(connection, actor, import_id)]
    new = {one.registrant_id for one in changes if one.table_name == "registrant" and one.before is None}
    joined, rest = sorted(new), [one for one in changes if one.registrant_id not in new]
    now_there = _as_they_are(connection, actor, rest)
    refuse_if_changed(connection, actor, import_id, joined, [one for one in rest if not _stands(one, now_there)])
    taken = TakenBack(joined, [one.row_id for one in rest if one.table_name == "address"])
    refuse_if_told(connection, actor, done, notices.told(connection, taken, now), confirm)
    by = _By(actor.name, now, import_id)
    wipe_people(connection, joined, by=by.name, at=now)
    back = [_reversed(one, now_there) for one in rest if one.before is not None]
    store.make_changes(connection, back, by=by.name, at=now, import_id=import_id)
    settled = notices.settle(connection, taken, now)
    asking.take_questions_back(connection, import_id)
    _reopen(connection, done, [one.row_id for one in rest if one.table_name == "posting"])
    added = [one for one in rest if one.before is None]
    kept = _kept(connection, added, notices.named)
    _take_back(connection, [one for one in added if one.row_id not in kept[one.table_name]], by)
    _end(connection, [one for one in added if one.row_id in kept[one.table_name]], now_there, by)
    accounts.mark_import_undone(connection, import_id, by=by.name, at=now)
    record(connection, actor=by.name, action="roster.undo", subject=f"roster_import/{import_id}", now=now)
    number = sum(len(rows) for rows in kept.values())
    restored = sum(1 for one in back if one.after)
    return Undone(import_id, len(joined), restored, len(added) - number, number, settled)


@dataclass(frozen=True)
class _By:
    name: str
    now: datetime
    import_id: int


def _as_they_are(connection: Connection, actor: Actor, changes: Iterable[Change]) -> dict[tuple[str, int], Values]:
    columns: defaultdict[str, set[str]] = defaultdict(set)
    rows: defaultdict[str, set[int]] = defaultdict(set)
    for one in changes:
        columns[one.table_name] |= {*(one.after or {}), *EXTRA.get(one.table_name, ())}
        rows[one.table_name].add(one.row_id)
    return {
        (name, row): values
        for name, ids in rows.items()
        for row, values in as_they_are(connection, actor, name, ids, sorted(columns[name])).items()
    }


def _stands(change: Change, now_there: Mapping[tuple[str, int], Values]) -> bool:
    values = now_there.get((change.table_name, change.row_id))
    return values is not None and change.stands(values)


def _reversed(change: Change, now_there: Mapping[tuple[str, int], Values]) -> Change:
    """Return the change back. A confirmation that somebody gave since stands."""
    before, after = dict(change.before or {}), dict(change.after or {})
    if CONFIRMED in after and now_there[change.table_name, change.row_id][CONFIRMED] != after[CONFIRMED]:
        del before[CONFIRMED], after[CONFIRMED]
    return replace(change, before=after, after=before)


def _reopen(connection: Connection, done: Row[Any], posting_ids: Sequence[int]) -> None:
    """Open again what the roster had answered."""
    answered = [
        row.id
        for row in asking.questions_about(connection, posting_ids)
        if row.answered_at == done.created_at and row.answered_by == done.created_by
    ]
    asking.reopen_questions(connection, answered)
    asking.reopen_rounds(
        connection, done.employer_id, answer=RoundAnswer.ROSTER, by=done.created_by, at=done.created_at
    )


def _kept(connection: Connection, added: Iterable[Change], in_use: InUse) -> dict[str, frozenset[int]]:
    """Return, by table, the new rows that something refers to."""
    rows: defaultdict[str, list[int]] = defaultdict(list)
    for one in added:
        rows[one.table_name].append(one.row_id)
    postings, addresses = rows["posting"], rows["address"]
    named = in_use(connection, postings=postings, addresses=addresses)
    asked = {row.posting_id for row in asking.questions_about(connection, postings)}
    return {
        "posting": (named.postings | asked) & set(postings),
        "address": (named.addresses | set(addresses_being_checked(connection, addresses))) & set(addresses),
        "consent": frozenset(),
        "home_contact": frozenset(),
    }


def _take_back(connection: Connection, added: Sequence[Change], by: _By) -> None:
    for name in ("posting", "address", "consent", "home_contact"):
        store.take_rows_back(connection, name, [one.row_id for one in added if one.table_name == name])
    gone = [replace(one, before=one.after, after=None) for one in added]
    store.add_changes(connection, gone, by=by.name, at=by.now, import_id=by.import_id)


def _end(connection: Connection, kept: Iterable[Change], now_there: Mapping[tuple[str, int], Values], by: _By) -> None:
    """End stays and stop addresses that must not go: as far as sending is concerned, they are gone."""
    changes = []
    for one in kept:
        after: Values = {"status": PostingStatus.RETURNED}
        if one.table_name == "address":
            after = {"stopped_at": by.now, "stop_reason": STOPPED_BY_UNDO}
            if now_there["address", one.row_id]["stopped_at"] is not None:
                continue  # a provider's word that the number is dead holds on
        changes.append(
            between(one.registrant_id, one.table_name, one.row_id, now_there[one.table_name, one.row_id], after)
        )
    store.make_changes(connection, changes, by=by.name, at=by.now, import_id=by.import_id)
