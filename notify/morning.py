"""The morning: what waited for the end of the night for one address goes out as one notice (`notify/merge.py`)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row

from core.settings import Settings
from core.tables import Mode
from notify.edit import as_draft
from notify.later.texts import as_newcomers_read
from notify.merge import Part, Press, may_merge, merged
from notify.model import AlertDraft, OfficeName
from notify.store import alerts as alert_store
from notify.store import merging as store
from notify.store.facts import text_rows
from notify.tables import AlertText
from notify.texts.rules import LATER, TextRules
from notify.wordings import phrasebook


@dataclass(frozen=True)
class _Desk:
    """What the merging of one sweep works with."""

    connection: Connection
    press: Mapping[bool, Press]
    going: Mapping[int, store.Going]
    drafts: Mapping[int, AlertDraft]
    now: datetime


def merge(connection: Connection, settings: Settings, moment: datetime, now: datetime) -> int:
    """Merge what may leave at `moment` (on the time line of the night); return how many notices became part of another one.

    To be called in the transaction that makes these notices ready, just before that.
    """
    going = store.going(connection, now)
    if len({one.alert_id for one in going.values()}) < 2:
        return 0
    desk: _Desk | None = None
    count = 0
    for page in store.pages(connection, sorted(going), moment):
        desk = desk or _desk(connection, settings, going, now)
        carried = _page(desk, [group for rows in page.values() for group in _alike(rows, going)])
        store.carry(connection, carried, now)
        count += sum(len(one.others) for one in carried)
    return count


def _desk(connection: Connection, settings: Settings, going: Mapping[int, store.Going], now: datetime) -> _Desk:
    rules = TextRules(settings.sms_most_parts)
    office = OfficeName(settings.office_name, settings.office_name_en, settings.office_phone, settings.zone)
    directory = phrasebook(connection, rules).directory
    drafts = {one: as_draft(connection, alert_store.version(connection, one)) for one in going}
    press = {drill: Press(office, rules, directory, drill) for drill in (False, True)}
    return _Desk(connection, press, going, drafts, now)


def _alike(rows: Sequence[Row[Any]], going: Mapping[int, store.Going]) -> list[list[Row[Any]]]:
    """Part what waits for one address by what may never meet: instances and modes, and grounds for providers abroad."""
    found: defaultdict[object, list[Row[Any]]] = defaultdict(list)
    for row in rows:
        found[going[row.version_id].world, row.transfer_ground].append(row)
    return list(found.values())


def _page(desk: _Desk, groups: Sequence[Sequence[Row[Any]]]) -> list[store.Carried]:
    rows = [row for group in groups for row in group]
    texts = text_rows(desk.connection, sorted({row.text_id for row in rows}))
    people = store.people_of(desk.connection, [row.id for row in rows])
    made: dict[tuple[tuple[int, ...], bool], int] = {}
    carried = []
    for group in groups:
        for same in _mergeable(desk, group, texts):
            behind = frozenset[int]().union(*(people.get(row.id, frozenset()) for row in same))
            shared = len(behind) > 1 or any(
                texts[row.text_id].variant.removeprefix(LATER).startswith("shared") for row in same
            )
            key = (tuple(row.text_id for row in same), shared)
            if key not in made:
                made[key] = _text(desk, same, texts, shared=shared)
            if made[key]:
                carried.append(store.Carried(same[0].id, tuple(row.id for row in same[1:]), made[key]))
    return carried


def _mergeable(desk: _Desk, group: Iterable[Row[Any]], texts: Mapping[int, AlertText]) -> list[list[Row[Any]]]:
    found: defaultdict[str, list[Row[Any]]] = defaultdict(list)
    for row in group:
        text = texts[row.text_id]
        if may_merge(_part(desk, row, text)):
            found[text.language].append(row)
    return [
        rows for rows in found.values() if len({desk.going[row.version_id].alert_id for row in rows}) == len(rows) > 1
    ]


def _part(desk: _Desk, row: Row[Any], text: AlertText) -> Part:
    """Return one notice as its reader reads it: to a newcomer it is no update of anything."""
    draft = desk.drafts[row.version_id]
    return Part(as_newcomers_read(draft) if text.variant.startswith(LATER) else draft, text)


def _text(desk: _Desk, rows: Sequence[Row[Any]], texts: Mapping[int, AlertText], *, shared: bool) -> int:
    """Store the text that says all of these; return its number, 0 if they do not fit into one."""
    parts = [_part(desk, row, texts[row.text_id]) for row in rows]
    mode, _ = desk.going[rows[0].version_id].world
    told = merged(parts, desk.press[mode == Mode.DRILL], shared=shared)
    return 0 if told is None else store.keep_text(desk.connection, rows[0].version_id, told, desk.now)
