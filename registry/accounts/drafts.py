"""A roster between upload and applying: sealed under a key of its own, for its company only, and for a day at most."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Select, delete, func, insert, select, update

from core.audit import record
from core.errors import NotFound
from core.i18n import t
from core.keys import MasterKeys, seal, seal_bytes, unseal, unseal_bytes
from core.tables import table
from registry.accounts.tables import RosterDraft
from registry.actors import Actor, require_writer
from registry.roster.check import Place

KEPT = timedelta(days=1)
MOST = 3
"""Drafts of one company; a new one takes the place of the oldest."""
FILE_CONTEXT, NOTES_CONTEXT = "roster_draft.file/{employer}", "roster_draft.notes/{employer}"
_drafts = table(RosterDraft)


class DraftGone(NotFound):
    """There is no such draft, or not any more, or it is another company's: one sentence for all."""

    def __init__(self) -> None:
        """Say so."""
        super().__init__(t("This list is not here (any more): it was applied or put aside, or it is older than a day."))


@dataclass(frozen=True)
class Draft:
    """A roster as it was uploaded, with what was mended in the page since.

    Attributes:
        mended: what is read in cells in place of what the file has.
    """

    draft_id: int
    name: str
    data: bytes = field(repr=False)
    full: bool
    mended: Mapping[Place, str] = field(repr=False)
    created_at: datetime


@dataclass(frozen=True)
class DraftView:
    """A draft in a list: its name, and until when it is kept."""

    draft_id: int
    name: str
    created_at: datetime
    until: datetime


def keep_draft(
    connection: Connection, actor: Actor, employer_id: int, file: tuple[str, bytes], *,
    full: bool, keys: MasterKeys, now: datetime,
) -> int:  # fmt: skip
    """Keep an uploaded roster; return its number.

    Args:
        file: its name and its bytes.

    Raises:
        NotAllowed: the actor may not write people of this employer.
    """
    require_writer(actor, employer_id)
    forget_drafts(connection, now)
    newest = select(_drafts.c.id).where(_drafts.c.employer_id == employer_id).order_by(_drafts.c.id.desc())
    kept = connection.execute(newest.limit(MOST - 1)).scalars().all()
    mine = _drafts.c.employer_id == employer_id
    connection.execute(delete(_drafts).where(mine, _drafts.c.id.not_in(kept)))
    key, wrapped = keys.new_key()
    values = {
        "employer_id": employer_id, "full": full, "wrapped": wrapped, "created_at": now, "created_by": actor.name,
        "file_sealed": seal_bytes(key, file[1], FILE_CONTEXT.format(employer=employer_id)),
        "notes_sealed": seal(key, _notes(file[0], {}), NOTES_CONTEXT.format(employer=employer_id)),
    }  # fmt: skip
    draft_id = int(connection.execute(insert(_drafts).values(values).returning(_drafts.c.id)).scalar_one())
    record(connection, actor=actor.name, action="roster.upload", subject=f"employer/{employer_id}", now=now)
    return draft_id


def open_draft(connection: Connection, actor: Actor, draft_id: int, *, keys: MasterKeys, now: datetime) -> Draft:
    """Return a draft.

    Raises:
        DraftGone: there is none, or not for this actor, or not any more.
    """
    row = connection.execute(_own(actor, draft_id)).one_or_none()
    if row is None or row.created_at <= now - KEPT:
        raise DraftGone
    key = keys.unwrap(row.wrapped)
    name, mended = _read(unseal(key, row.notes_sealed, NOTES_CONTEXT.format(employer=row.employer_id)))
    data = unseal_bytes(key, row.file_sealed, FILE_CONTEXT.format(employer=row.employer_id))
    return Draft(row.id, name, data, row.full, mended, row.created_at)


def mend_draft(
    connection: Connection, actor: Actor, draft: Draft, cells: Mapping[Place, str], *, keys: MasterKeys
) -> None:
    """Keep what is to be read in cells of a draft. Somebody who mends other cells at the same time loses nothing.

    Raises:
        DraftGone: the draft is not there any more, or not for this actor.
    """
    row = connection.execute(_own(actor, draft.draft_id).with_for_update()).one_or_none()
    if row is None:
        raise DraftGone
    context, key = NOTES_CONTEXT.format(employer=row.employer_id), keys.unwrap(row.wrapped)
    name, before = _read(unseal(key, row.notes_sealed, context))
    sealed = seal(key, _notes(name, {**before, **cells}), context)
    connection.execute(update(_drafts).where(_drafts.c.id == row.id).values(notes_sealed=sealed))


def drop_draft(connection: Connection, actor: Actor, draft_id: int) -> None:
    """Take a draft away: it was applied, or put aside.

    Raises:
        DraftGone: it is not there any more, or not for this actor.
    """
    mine = (_drafts.c.id == draft_id, _drafts.c.employer_id == actor.employer_id)
    if connection.execute(delete(_drafts).where(*mine)).rowcount != 1:
        raise DraftGone


def drafts_of(connection: Connection, actor: Actor, *, keys: MasterKeys, now: datetime) -> tuple[DraftView, ...]:
    """Return the drafts of the company of an actor, newest first."""
    row = _drafts.c
    query = select(row.id, row.employer_id, row.wrapped, row.notes_sealed, row.created_at)
    found = connection.execute(
        query.where(row.employer_id == actor.employer_id, row.created_at > now - KEPT).order_by(row.id.desc())
    ).all()
    names = [
        _read(unseal(keys.unwrap(one.wrapped), one.notes_sealed, NOTES_CONTEXT.format(employer=one.employer_id)))[0]
        for one in found
    ]
    return tuple(
        DraftView(one.id, name, one.created_at, one.created_at + KEPT) for one, name in zip(found, names, strict=True)
    )


def forget_drafts(connection: Connection, now: datetime) -> int:
    """Destroy every draft that is older than a day; return how many there are left."""
    connection.execute(delete(_drafts).where(_drafts.c.created_at <= now - KEPT))
    return int(connection.execute(select(func.count()).select_from(_drafts)).scalar_one())


def _own(actor: Actor, draft_id: int) -> Select[Any]:
    return select(_drafts).where(_drafts.c.id == draft_id, _drafts.c.employer_id == actor.employer_id)


def _notes(name: str, mended: Mapping[Place, str]) -> str:
    return json.dumps({"name": name, "mended": [[*place, text] for place, text in mended.items()]}, ensure_ascii=False)


def _read(notes: str) -> tuple[str, dict[Place, str]]:
    found = json.loads(notes)
    return found["name"], {(sheet, row, at): text for sheet, row, at, text in found["mended"]}
