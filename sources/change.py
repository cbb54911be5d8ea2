"""Change detection: what differs between the last good read and this one. Pure.

Rules (DESIGN promises 6 and 7): the first sight of a source changes nothing; a rise counts at once, a fall or a disappearance
only when a later read still shows it, unless the publisher says in so many words that it is over; an entry that goes back
in time changes nothing; a moved date is a touch; from a stream,
scrolling off is no withdrawal; more changes than the card expects are held for an officer.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from core.i18n import Message, t
from sources.model import Advisory, AdvisoryChange, Card, ChangeKind, Grade, Level, Reading, Shape

# An item that appears in a stream although it is this much older than the newest one known was not just issued: something
# above it was removed, or the list was re-ordered. An officer looks before anybody is told.
OLD_NEWCOMER = timedelta(days=30)
# So many entries of a list that are older than those read before make it an older edition of the list. The US interface
# served two editions in turn from April to August 2026; they differ in 19 dates (knowledge: sources-western, section 0.3).
OLDER_EDITION = 5
COUNTED = {ChangeKind.NEW, ChangeKind.RAISED, ChangeKind.LOWERED, ChangeKind.WITHDRAWN}


Ranks = tuple[int, int, int]
"""The level of the whole, the level of the country, and the tier of a hazard; 0 where there is none."""


@dataclass(frozen=True)
class Entry:
    """Where one entry stands: the version that counts, when it was last seen, and what waits for a second look.

    Attributes:
        pending_ranks: how low the fall was that waits; a fall to a lower level than that waits anew.
    """

    advisory: Advisory
    last_seen: datetime
    pending: ChangeKind | None = None
    pending_since: datetime | None = None
    pending_ranks: Ranks | None = None
    gone: bool = False
    expired: bool = False


@dataclass(frozen=True)
class Rules:
    """What a comparison needs to know besides the two readings.

    Attributes:
        as_of: the night being worked.
        confirm_after: a fall counts if a read at least this much later still shows it.
        first_time: there was no good read before.
    """

    as_of: datetime
    confirm_after: timedelta
    first_time: bool


@dataclass
class Comparison:
    """Changes, the entries to write back, and remarks for the morning brief."""

    changes: list[AdvisoryChange] = field(default_factory=list)
    entries: dict[str, Entry] = field(default_factory=dict)
    notes: list[Message] = field(default_factory=list)

    def change(
        self, kind: ChangeKind, reason: Message, *, confirmed: bool, before: Advisory | None, after: Advisory | None
    ) -> None:
        """Add a change."""
        one = after or before
        assert one is not None
        self.changes.append(AdvisoryChange(kind, confirmed, one.source, one.native_id, reason, before, after))


def compare(card: Card, known: Mapping[str, Entry], reading: Reading, rules: Rules) -> Comparison:
    """Compare a checked reading with what was known."""
    result = Comparison()
    newest = max((e.advisory.published_at for e in known.values() if e.advisory.published_at), default=None)
    older = _is_older_edition(card, known, reading)
    for advisory in reading.advisories:
        entry = known.get(advisory.native_id)
        if rules.first_time:
            expired = _over(advisory, rules.as_of)
            result.entries[advisory.native_id] = Entry(advisory, rules.as_of, expired=expired, gone=advisory.ended)
        elif advisory.ended:
            _end(result, entry, advisory, rules)
        elif entry is None and advisory.native_id in reading.first_sights:
            # A part of the source that was never read before: what stands there already is no news (DESIGN promise 6).
            result.entries[advisory.native_id] = Entry(advisory, rules.as_of, expired=_over(advisory, rules.as_of))
        elif older and (entry is None or entry.gone or not _rose(entry.advisory, advisory)):
            _keep_waiting(result, entry, advisory, rules)
        elif entry is not None and entry.advisory.ended and not _is_later(entry.advisory, advisory):
            _ignore(result, entry, advisory, rules)
        elif entry is None or entry.gone:
            _appear(result, card, advisory, newest, rules)
        else:
            _compare_one(result, entry, advisory, rules)
    seen = {advisory.native_id for advisory in reading.advisories}
    whole = reading.complete and not reading.quarantined and not older
    if card.shape is Shape.STATE and whole and not rules.first_time:
        # With an unreadable entry in the list, absence proves nothing: it may be the unreadable one.
        for native_id, entry in known.items():
            if native_id not in seen and not entry.gone:
                _disappear(result, entry, rules)
    _expire(result, known, {advisory.native_id: advisory for advisory in reading.advisories}, rules)
    return hold_flood(result, card.change_limit)


def hold_flood(result: Comparison, limit: int) -> Comparison:
    """Hold every counted change if there are more than `limit` of them."""
    if sum(change.kind in COUNTED for change in result.changes) > limit:
        result.changes = [replace(c, held=c.kind in COUNTED) for c in result.changes]
    return result


def _is_older_edition(card: Card, known: Mapping[str, Entry], reading: Reading) -> bool:
    """Tell whether a whole list went back in time. Then only rises count: what is new, other or gone in it proves nothing."""
    pairs = ((known[new.native_id].advisory, new) for new in reading.advisories if new.native_id in known)
    return card.shape is Shape.STATE and sum(_back_in_time(old, new) for old, new in pairs) >= OLDER_EDITION


def _keep_waiting(result: Comparison, entry: Entry | None, new: Advisory, rules: Rules) -> None:
    """Leave an entry as it was because the list is an older edition; say so if the list has something we do not know."""
    if entry is not None and not entry.gone:
        result.entries[new.native_id] = replace(entry, last_seen=rules.as_of)
    else:
        note = t("{title}: new in a list older than the last one; it counts once the list is newer.", title=new.title)
        result.notes.append(note)
    if entry is not None and _back_in_time(entry.advisory, new):
        result.notes.append(t("{title}: older than what was read before; ignored.", title=new.title))


def _end(result: Comparison, entry: Entry | None, new: Advisory, rules: Rules) -> None:
    """Withdraw what its own publisher says is over. The end of something we never knew, or knew to be over, tells nobody."""
    if entry is not None and _back_in_time(entry.advisory, new):
        _ignore(result, entry, new, rules)
        return
    result.entries[new.native_id] = Entry(new, rules.as_of, gone=True)
    if entry is not None and not entry.gone:
        reason = t("Its publisher says that it is over.")
        result.change(ChangeKind.WITHDRAWN, reason, confirmed=True, before=entry.advisory, after=None)


def _ignore(result: Comparison, entry: Entry, new: Advisory, rules: Rules) -> None:
    """Leave an entry as it was because a message of before came after a later one."""
    result.entries[new.native_id] = replace(entry, last_seen=rules.as_of)
    result.notes.append(t("{title}: older than what was read before; ignored.", title=new.title))


def _over(advisory: Advisory, as_of: datetime) -> bool:
    return advisory.expires_at is not None and advisory.expires_at <= as_of


def _appear(result: Comparison, card: Card, advisory: Advisory, newest: datetime | None, rules: Rules) -> None:
    old = (
        card.shape is Shape.STREAM
        and newest is not None
        and advisory.published_at is not None
        and advisory.published_at < newest - OLD_NEWCOMER
    )
    expired = _over(advisory, rules.as_of)
    result.entries[advisory.native_id] = Entry(advisory, rules.as_of, expired=expired)
    if old or expired:
        reason = t("An older or already expired item appeared: {title}", title=advisory.title)
    else:
        reason = t("Not there at the last good read: {title}", title=advisory.title)
    result.change(ChangeKind.NEW, reason, confirmed=not (old or expired), before=None, after=advisory)


def _compare_one(result: Comparison, entry: Entry, new: Advisory, rules: Rules) -> None:
    old = entry.advisory
    seen = replace(entry, last_seen=rules.as_of, pending=None, pending_since=None, pending_ranks=None)
    # Being in the list disproves a disappearance, whatever is odd about the entry; a fall that waits goes on waiting.
    odd = seen if entry.pending is ChangeKind.WITHDRAWN else replace(entry, last_seen=rules.as_of)
    if _is_first_page(old, new):
        # Read later than the list it belongs to, but part of the same first sight: it tells nobody (DESIGN promise 6).
        result.entries[old.native_id] = replace(seen, advisory=new)
    elif old.detail_read and not new.detail_read and (new.list_mark == old.list_mark or not _rose(old, new)):
        # The list alone says less than the details once read. Where it moved, the details are asked for again next time.
        result.entries[old.native_id] = seen
    elif _back_in_time(old, new):
        result.entries[old.native_id] = odd
        result.notes.append(t("{title}: older than what was read before; ignored.", title=new.title))
    elif _obscured(old, new) and not _rose(old, new):
        result.entries[old.native_id] = odd
        result.notes.append(t("{title}: level not understood; the last known one stands.", title=new.title))
    elif new.fingerprint == old.fingerprint:
        result.entries[old.native_id] = replace(seen, advisory=new)
        if new.updated_at != old.updated_at:
            result.change(ChangeKind.TOUCHED, t("Only the date moved."), confirmed=True, before=old, after=new)
    else:
        _differ(result, entry, new, rules)


def _differ(result: Comparison, entry: Entry, new: Advisory, rules: Rules) -> None:
    old = entry.advisory
    now = Entry(new, rules.as_of, expired=_over(new, rules.as_of))
    reason = _rise(entry, new, now.expired)
    # A rise for some goes before a fall for others: whoever is told too much is safer than whoever is told nothing.
    if reason is not None:
        result.entries[old.native_id] = now
        result.change(ChangeKind.RAISED, reason, confirmed=not now.expired, before=old, after=new)
    elif _fell(_ranks(old), _ranks(new)):
        _fall(result, entry, new, rules)
    else:
        result.entries[old.native_id] = now
        removed = ", ".join(sorted(set(old.countries) - set(new.countries)))
        reason = t("No longer about {countries}.", countries=removed) if removed else t("Same level, other words.")
        result.change(ChangeKind.REWORDED, reason, confirmed=True, before=old, after=new)


def _rise(entry: Entry, new: Advisory, expired: bool) -> Message | None:
    """Say in what way the new version warns of more than the old one did; None if it does not."""
    old = entry.advisory
    added = sorted(set(new.countries) - set(old.countries))
    if _number(new.level) > _number(old.level) or (new.tier or 0) > (old.tier or 0):
        return t("Level raised from {before} to {after}.", before=_grade(old), after=_grade(new))
    if _rose(old, new):
        before, after = str(old.level_national), str(new.level_national)
        return t("Level of the whole country raised from {before} to {after}.", before=before, after=after)
    if entry.expired and not expired:
        return t("In force again after its validity had ended.")
    if added:
        return t("Now also about {countries}.", countries=", ".join(added))
    if new.worldwide and not old.worldwide:
        return t("Now about the whole world.")
    return None


def _fall(result: Comparison, entry: Entry, new: Advisory, rules: Rules) -> None:
    old = entry.advisory
    reason = t("Level lowered from {before} to {after}.", before=_grade(old), after=_grade(new))
    deeper = entry.pending_ranks is not None and _fell(entry.pending_ranks, _ranks(new))
    if _waited(entry, ChangeKind.LOWERED, rules) and not deeper:
        result.entries[old.native_id] = Entry(new, rules.as_of, expired=_over(new, rules.as_of))
        result.change(ChangeKind.LOWERED, reason, confirmed=True, before=old, after=new)
    else:
        waiting = replace(entry, pending=None) if deeper else entry
        _wait(result, waiting, ChangeKind.LOWERED, reason, new, rules)


def _disappear(result: Comparison, entry: Entry, rules: Rules) -> None:
    reason = t("No longer in the list.")
    if _waited(entry, ChangeKind.WITHDRAWN, rules):
        result.entries[entry.advisory.native_id] = replace(
            entry, gone=True, pending=None, pending_since=None, pending_ranks=None
        )
        result.change(ChangeKind.WITHDRAWN, reason, confirmed=True, before=entry.advisory, after=None)
    else:
        _wait(result, entry, ChangeKind.WITHDRAWN, reason, None, rules)


def _waited(entry: Entry, kind: ChangeKind, rules: Rules) -> bool:
    since = entry.pending_since
    return (
        entry.pending is kind
        and since is not None
        and rules.as_of > since
        and rules.as_of >= since + rules.confirm_after
    )


def _wait(
    result: Comparison, entry: Entry, kind: ChangeKind, reason: Message, after: Advisory | None, rules: Rules
) -> None:
    seen = entry.last_seen if after is None else rules.as_of
    if entry.pending is kind:
        result.entries[entry.advisory.native_id] = replace(entry, last_seen=seen)
        return
    result.entries[entry.advisory.native_id] = replace(
        entry, last_seen=seen, pending=kind, pending_since=rules.as_of, pending_ranks=_ranks(after) if after else None
    )
    result.change(kind, reason, confirmed=False, before=entry.advisory, after=after)


def _expire(result: Comparison, known: Mapping[str, Entry], shown: Mapping[str, Advisory], rules: Rules) -> None:
    for native_id in sorted({*known, *result.entries}):
        entry = result.entries.get(native_id) or known[native_id]
        latest = shown.get(native_id, entry.advisory)
        if not _back_in_time(entry.advisory, latest) and not _over(latest, rules.as_of):
            continue  # The version that counts may be over, but a prolonged one is there, although its fall still waits.
        if not entry.expired and not entry.gone and _over(entry.advisory, rules.as_of):
            result.entries[native_id] = replace(entry, expired=True)
            reason = t("Its own validity ended.")
            result.change(ChangeKind.EXPIRED, reason, confirmed=True, before=entry.advisory, after=None)


def _is_first_page(old: Advisory, new: Advisory) -> bool:
    """Tell whether the page that states the level was now read for the first time, and has not moved since first sight.

    A list that names countries without levels is read page by page over several runs (`sources/sweep.py`).
    """
    if old.updated_at is None or new.updated_at is None or new.updated_at > old.updated_at:
        return False
    return new.detail_read and not old.detail_read and old.level is Grade.UNKNOWN


def _back_in_time(old: Advisory, new: Advisory) -> bool:
    return old.updated_at is not None and new.updated_at is not None and new.updated_at < old.updated_at


def _is_later(old: Advisory, new: Advisory) -> bool:
    return old.updated_at is None or new.updated_at is None or new.updated_at > old.updated_at


def _number(level: Level) -> int:
    return level if isinstance(level, int) else 0


def _ranks(advisory: Advisory) -> Ranks:
    """Rank the whole, the country and the tier of a hazard; `unstated` ranks lowest."""
    return _number(advisory.level), _number(advisory.level_national), advisory.tier or 0


def _rose(old: Advisory, new: Advisory) -> bool:
    return any(b > a for a, b in zip(_ranks(old), _ranks(new), strict=True))


def _fell(old: Ranks, new: Ranks) -> bool:
    return any(b < a for a, b in zip(old, new, strict=True))


def _obscured(old: Advisory, new: Advisory) -> bool:
    """Tell whether a level that was a number is now one we do not understand: never a fall (DESIGN promise 7)."""
    parts = ((old.level_national, new.level_national), (old.level_regional_max, new.level_regional_max))
    return any(isinstance(a, int) and b is Grade.UNKNOWN for a, b in parts)


def _grade(advisory: Advisory) -> str:
    if advisory.tier is not None:
        return f"T{advisory.tier}"
    return str(advisory.level)
