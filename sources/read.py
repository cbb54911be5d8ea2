"""Reading one source: fetch, parse, check, compare, keep. One source that fails never stops another."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

import structlog
from sqlalchemy import Engine

from core.database import reading, writing
from core.errors import SourceBroken, SourceSkipped, SourceTransient
from core.i18n import Message, t
from sources import store
from sources.archive import Archive
from sources.change import Comparison, Entry, Rules, compare
from sources.check import check
from sources.entries import clean, plain_words
from sources.fetch import Fetcher
from sources.model import Advisory, AdvisoryChange, Capture, Card, Known, Publisher, Quarantined, Reading
from sources.settle import settle
from sources.tables import SourceState
from sources.wire import message_json

log = structlog.get_logger(__name__)


class SourceStatus(StrEnum):
    """How one reading of a source ended."""

    READ = "read"
    BROKEN = "broken"
    SKIPPED = "skipped"


@dataclass(frozen=True)
class SourceReport:
    """What one reading of one source brought.

    Attributes:
        age: time between the last good read and the night being worked; None if there never was one.
        transient: the source could not be reached: another try may well work.
        unread: parts of the source that could not be read: what was read counts, and the night is not whole.
        standing: entries of level 3 or 4, or of tier 2 or 3, that stand; on a first read they are what later joiners are told of.
    """

    source: str
    status: SourceStatus
    entries: int = 0
    changes: tuple[AdvisoryChange, ...] = ()
    quarantined: tuple[Quarantined, ...] = ()
    notes: tuple[Message, ...] = ()
    unread: tuple[Message, ...] = ()
    reason: Message | None = None
    age: timedelta | None = None
    first_time: bool = False
    standing: int = 0
    transient: bool = False


@dataclass(frozen=True)
class Desk:
    """What a reading needs from outside: where bytes come from, where they are kept, and the rules.

    Attributes:
        live: the bytes come from the publisher now, not from captures: a good reading proves the reader.
    """

    engine: Engine
    archive: Archive
    fetcher: Fetcher
    confirm_after: timedelta
    live: bool = False


def read_source(publisher: Publisher, desk: Desk, as_of: datetime, *, dry_run: bool = False) -> SourceReport:
    """Read one source for the night `as_of` and keep what it says. With `dry_run`, keep nothing.

    Never raises for a fault of the source: it ends as a `broken` report that names the fault.
    """
    card = publisher.CARD
    with reading(desk.engine) as connection:
        state = store.state(connection, card.id)
        known = store.entries(connection, card.id)
    if state.last_good_at is not None and as_of < state.last_good_at:
        late = t("{source}: already read for a later night; going back would unsay what was said.", source=card.id)
        return SourceReport(card.id, SourceStatus.SKIPPED, state.entries, reason=late)
    pages = Pages(card, desk)
    try:
        found, compared = _read(
            publisher, pages, state, known, Rules(as_of, desk.confirm_after, state.baseline_at is None)
        )
    except SourceSkipped as error:
        return SourceReport(card.id, SourceStatus.SKIPPED, reason=error.message, age=_age(state, as_of))
    except SourceBroken as error:
        report = _broken(desk, pages, state, plain_words(error.message), as_of, dry_run=dry_run)
        return replace(report, transient=isinstance(error, SourceTransient))
    except Exception as error:
        # The one place around one source (DESIGN, ten rules no. 8): a fault in a parser must not hide the other sources.
        log.exception("source failed", source=card.id)
        fault = f"{type(error).__name__}: {error}"
        message = t("{source}: reading failed by a fault of this program ({fault}).", source=card.id, fault=fault)
        return _broken(desk, pages, state, message, as_of, dry_run=dry_run)
    if not dry_run and not _keep(desk, pages, card, (known, found, compared), as_of):
        beaten = t("{source}: another run read this source at the same time; its reading stands.", source=card.id)
        return SourceReport(card.id, SourceStatus.SKIPPED, state.entries, reason=beaten, age=_age(state, as_of))
    return SourceReport(
        card.id, SourceStatus.READ, len(found.advisories), tuple(compared.changes), found.quarantined,
        (*found.notes, *compared.notes), age=timedelta(0), first_time=state.baseline_at is None,
        standing=sum(_is_grave(a) for a in found.advisories), unread=found.unread,
    )  # fmt: skip


def _is_grave(advisory: Advisory) -> bool:
    return (isinstance(advisory.level, int) and advisory.level >= 3) or (advisory.tier or 0) >= 2


class Pages:
    """The pages of one reading: fetched once each, with the last capture of an address offered for a conditional request."""

    def __init__(self, card: Card, desk: Desk) -> None:
        """Fetch for `card` from `desk`."""
        self._card, self._desk = card, desk
        self.captures: dict[str, Capture] = {}

    def get(self, url: str) -> Capture:
        """Return one page. Raises SourceBroken if it cannot be had."""
        if url not in self.captures:
            self.captures[url] = self._desk.fetcher.get(self._card, url, self._previous(url))
        return self.captures[url]

    def _previous(self, url: str) -> Capture | None:
        with reading(self._desk.engine) as connection:
            last = store.last_capture(connection, self._card.id, url)
        if last is None or not (last.etag or last.last_modified):
            return None
        try:
            body = self._desk.archive.get(last.sha256)
        except FileNotFoundError:
            return None  # Without the bytes "not modified" would tell us nothing.
        return Capture(self._card.id, url, last.fetched_at, body, last.content_type, last.etag, last.last_modified)


def _read(
    publisher: Publisher, pages: Pages, state: SourceState, known: dict[str, Entry], rules: Rules
) -> tuple[Reading, Comparison]:
    marks = {native_id: entry.advisory.list_mark for native_id, entry in known.items()}
    found = clean(publisher.read(pages.get, Known(marks, rules.first_time, frozenset(state.parts or ()))))
    found = settle(found, {native_id: entry.advisory for native_id, entry in known.items()})
    checked = check(publisher.CARD, found, rules.as_of, None if rules.first_time else state.entries)
    return checked, compare(publisher.CARD, known, checked, rules)


def _save_pages(desk: Desk, pages: Pages) -> None:
    for capture in pages.captures.values():
        desk.archive.put(capture.sha256, capture.body)


def _keep(
    desk: Desk, pages: Pages, card: Card, seen: tuple[dict[str, Entry], Reading, Comparison], as_of: datetime
) -> bool:
    """Write a reading down, whole. False, and nothing written, if what it was compared with has changed since."""
    known, found, compared = seen
    _save_pages(desk, pages)
    with writing(desk.engine) as connection:
        state = store.locked_state(connection, card.id)
        if store.entries(connection, card.id) != known:
            return False
        ids = [store.save_capture(connection, c, as_of) for c in pages.captures.values() if not c.from_cache]
        store.save_comparison(connection, known, compared, ids[0] if ids else None, as_of)
        store.save_quarantine(connection, card.id, found.quarantined, as_of)
        good = {"last_good_at": as_of, "last_tried_at": as_of, "failures": 0, "reason": None}
        total = len(found.advisories) + len(found.quarantined)
        counts = {"entries": total, "known_levels": store.known_levels(found)}
        parts = {"parts": sorted({*(state.parts or ()), *found.parts}) or None}
        first = {
            "baseline_at": state.baseline_at or as_of,
            "proven_at": state.proven_at or (as_of if desk.live and card.proves_itself else None),
        }
        store.save_state(connection, state.model_copy(update=good | counts | first | parts))
    return True


def _broken(
    desk: Desk, pages: Pages, state: SourceState, message: Message, as_of: datetime, *, dry_run: bool
) -> SourceReport:
    if not dry_run:
        _save_pages(desk, pages)
        with writing(desk.engine) as connection:
            for capture in pages.captures.values():
                if not capture.from_cache:
                    store.save_capture(connection, capture, as_of)
            now = store.locked_state(connection, state.source_id)
            bad = {"last_tried_at": as_of, "failures": now.failures + 1, "reason": message_json(message)}
            store.save_state(connection, now.model_copy(update=bad))
    return SourceReport(state.source_id, SourceStatus.BROKEN, state.entries, reason=message, age=_age(state, as_of))


def _age(state: SourceState, as_of: datetime) -> timedelta | None:
    return None if state.last_good_at is None else as_of - state.last_good_at
