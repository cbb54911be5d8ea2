"""Sources that state their levels on one page per country: which pages one run asks for, and what becomes of the rest.

No page is lost and no publisher is hurried: a run asks for at most so many pages. The levels of a first sight are therefore
read over several runs. A page that has not moved since then tells nobody when its turn comes (`sources/change.py`); one that
has moved counts like any other change. An entry whose page was not read now keeps what was read before.

`list_mark` remembers the turn: `unread <moment of first sight>`, or the stamp of the page that was read.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime

from core.clock import iso, parse_moment
from core.errors import SourceBroken, SourceTransient
from core.i18n import Message, t
from sources.model import Advisory, Grade, Known, Reading

UNREAD = "unread"
HOPELESS = 5
"""So many pages that cannot be had, and none that can: the source refuses us, and we stop asking."""
TOO_SLOW = 3
"""So many pages in a row that could not be reached: each costs minutes, and the next run comes soon."""

PageOf = Callable[[Advisory], Advisory]
"""Fetch and read the page of a listed entry. Raises SourceBroken (or a subclass) if it cannot be had or read."""


@dataclass(frozen=True)
class Turn:
    """How a source takes turns.

    Attributes:
        pages: most pages asked for in one run.
        stamp: what the list says of an entry's page (its date), as of which it counts as moved; "" if the list says nothing,
            then the pages read longest ago come first.
        urgent: whether what the list says of an entry speaks of its level, so that its page goes first.
    """

    pages: int
    stamp: Callable[[Advisory], str] = lambda one: ""
    urgent: Callable[[Advisory], bool] = lambda one: False


@dataclass
class _Round:
    """What the pages of one run brought."""

    read: dict[str, Advisory] = field(default_factory=dict)
    failures: list[tuple[Advisory, SourceBroken]] = field(default_factory=list)
    slow: int = 0

    @property
    def over(self) -> bool:
        """Tell whether asking on makes no sense."""
        return self.slow >= TOO_SLOW or (not self.read and len(self.failures) >= HOPELESS)


def sweep(listed: Reading, known: Known, page_of: PageOf, turn: Turn, now: datetime) -> Reading:
    """Read the pages whose turn it is, and return the whole list: read entries with their levels, the others without.

    Args:
        listed: the list, its entries without levels.
        now: when the list was taken: the moment of first sight if this is the first read.

    Raises:
        SourceBroken: after the first sight, pages were asked for and not one could be had: that is no calm.
    """
    due = sorted(
        (one for one in listed.advisories if not turn.stamp(one) or _mark(one, known) != turn.stamp(one)),
        key=lambda one: _place(one, known, turn),
    )
    got = _ask(_mixed(due[: turn.pages], known, turn, now), page_of, turn, now)
    proven = [one for one, _ in got.failures if not _never_read(one, known)]
    if not got.read and not known.first_time and (len(proven) >= TOO_SLOW or got.over):
        raise got.failures[0][1]
    advisories = tuple(got.read.get(one.native_id) or _unread(one, known, now) for one in listed.advisories)
    left = [one for one in due if one.native_id not in got.read]
    return replace(listed, advisories=advisories, notes=(*listed.notes, *_notes(got, left, known, turn)))


def _mark(one: Advisory, known: Known) -> str:
    return known.marks.get(one.native_id, "")


def _never_read(one: Advisory, known: Known) -> bool:
    mark = _mark(one, known)
    return not mark or mark.startswith(UNREAD)


def _moved(one: Advisory, known: Known, turn: Turn) -> bool:
    """Tell whether the list says that a page has moved since it was read, or since first sight if it never was."""
    stamp = turn.stamp(one)
    return bool(stamp) and not known.first_time and _mark(one, known) not in (stamp, f"{UNREAD} {stamp}")


def _place(one: Advisory, known: Known, turn: Turn) -> tuple[int, bool, float, str]:
    """Return the place of an entry in the queue for its page.

    What moved goes before what was never read. In each, notes that speak of the level go first, the newest of them ahead;
    the others wait in order of age, so that none waits for ever. A list without dates goes by the page read longest ago.
    """
    mark = _mark(one, known)
    if not turn.stamp(one):
        return (1 if not mark else 2 if mark.startswith(UNREAD) else 3), False, 0.0, mark
    age = one.updated_at.timestamp() if one.updated_at else 0.0
    urgent = turn.urgent(one)
    return (1 if _moved(one, known, turn) else 2), not urgent, -age if urgent else age, one.native_id


def _mixed(batch: list[Advisory], known: Known, turn: Turn, now: datetime) -> list[Advisory]:
    """Leave what moved in order, then ask for pages that once could be had, each night mixed otherwise.

    A few pages that never answer must not always be the first ones: they would look like a site that refuses us.
    """

    def key(one: Advisory) -> tuple[int, bytes]:
        """Return what the order goes by."""
        if _moved(one, known, turn):
            return 0, b""
        mixed = hashlib.sha256(f"{now:%Y-%m-%d} {one.native_id}".encode()).digest()
        return 2 if _never_read(one, known) else 1, mixed

    return sorted(batch, key=key)


def _ask(batch: Iterable[Advisory], page_of: PageOf, turn: Turn, now: datetime) -> _Round:
    got = _Round()
    for one in batch:
        try:
            got.read[one.native_id] = _stamped(one, page_of(one), turn, now)
            got.slow = 0
        except SourceBroken as error:
            got.failures.append((one, error))
            got.slow = got.slow + 1 if isinstance(error, SourceTransient) else 0
        if got.over:
            break
    return got


def _stamped(one: Advisory, page: Advisory, turn: Turn, now: datetime) -> Advisory:
    """Mark an entry as read. A page older than the list says (a cache in between) is asked for again."""
    late = one.updated_at is not None and page.updated_at is not None and page.updated_at < one.updated_at
    return replace(page, list_mark=turn.stamp(page if late else one) or str(iso(now)), detail_read=True)


def _unread(one: Advisory, known: Known, now: datetime) -> Advisory:
    """Return an entry whose page was not read now: its level is unknown, and it keeps the moment of its first sight.

    What comes to the list after the first sight has no such moment: when its page is read, its level is news.
    """
    mark, seen = _mark(one, known) or UNREAD, None
    if known.first_time:
        seen = one.updated_at or now
        mark = f"{UNREAD} {iso(seen)}"
    elif mark.startswith(f"{UNREAD} "):
        seen = parse_moment(mark.removeprefix(UNREAD))
    return replace(one, level_national=Grade.UNKNOWN, list_mark=mark, published_at=None, updated_at=seen)


def _notes(got: _Round, left: list[Advisory], known: Known, turn: Turn) -> tuple[Message, ...]:
    notes = [
        t("The page of {title} was not read: {reason}", title=one.title, reason=error.message)
        for one, error in got.failures
    ]
    failed = {one.native_id for one, _ in got.failures}
    moved = [one.title for one in left if _moved(one, known, turn) and one.native_id not in failed]
    if moved:
        names = ", ".join(moved)
        notes.append(t("Not read yet, more moved than we ask for in one run: {names}", names=names))
    never = sum(_never_read(one, known) for one in left)
    if never:
        notes.append(t("Pages never read so far, a few come with each run: {count}", count=never))
    return tuple(notes)
