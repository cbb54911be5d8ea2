"""Preview of a policy: which of the changes of the past would be decided differently. Sends nothing, writes nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from notify.decide import Decision, decide
from notify.policy import Policy
from notify.rules.model import Rules
from sources import store as source_store
from sources.model import Authority, Publisher
from sources.store import StoredChange

MOST = 100_000
"""Changes looked at, the newest first: some years of them."""
MANNER = ("page", "every_channel", "quiet", "doubtful", "valid", "template")
"""Fields of a route that say how, not whether, something is told."""


@dataclass(frozen=True)
class Seen:
    """A change of the past, and what a decision needs to know of its source."""

    stored: StoredChange
    authority: Authority
    proven: bool = True


@dataclass(frozen=True)
class Different:
    """A change that the new policy decides in another way, or tells in another manner (`how`: field, before, after)."""

    stored: StoredChange
    before: Decision
    after: Decision
    how: tuple[tuple[str, object, object], ...] = ()


@dataclass(frozen=True)
class Compared:
    """What a new policy would have changed.

    Attributes:
        changes: how many changes of the past were decided both ways.
        before, after: how many led to each action.
        rules: fields of the rules beside the routes that differ: name, before, after.
    """

    changes: int
    before: Mapping[str, int]
    after: Mapping[str, int]
    different: tuple[Different, ...]
    rules: tuple[tuple[str, object, object], ...]


def past(connection: Connection, sources: Mapping[str, Publisher], since: datetime, until: datetime) -> list[Seen]:
    """Return the changes of the nights from `since` to before `until`, oldest first; of sources that are no more, none."""
    proven = {name: source_store.is_proven(connection, one.CARD) for name, one in sources.items()}
    found = source_store.changes(connection, since=since, most=MOST)
    return [
        Seen(one, sources[one.change.source].CARD.authority, proven[one.change.source])
        for one in reversed(found)
        if one.as_of < until and one.change.source in sources
    ]


def compare(seen: Sequence[Seen], old: Policy, new: Policy) -> Compared:
    """Decide every change by both policies and return where they differ. Pure."""
    before, after = Counter[str](), Counter[str]()
    different = []
    for one in seen:
        was, will = (
            decide(one.stored.change, one.authority, policy, as_of=one.stored.as_of, proven=one.proven)
            for policy in (old, new)
        )
        before[was.action.value] += 1
        after[will.action.value] += 1
        how = tuple(_how(was, will))
        if (was.action, was.ask_safe) != (will.action, will.ask_safe) or how:
            different.append(Different(one.stored, was, will, how))
    return Compared(len(seen), before, after, tuple(different), tuple(_rules(old, new)))


def _how(was: Decision, will: Decision) -> Iterator[tuple[str, object, object]]:
    for name in MANNER:
        one, other = getattr(was.route, name), getattr(will.route, name)
        if one != other and was.action == will.action and was.action not in {"brief", "digest"}:
            yield name, one, other


def _rules(old: Policy, new: Policy) -> Iterator[tuple[str, object, object]]:
    for table in Rules.model_fields:
        one, other = getattr(old, table), getattr(new, table)
        for name in type(one).model_fields:
            if getattr(one, name) != getattr(other, name):
                yield f"{table}.{name}", getattr(one, name), getattr(other, name)
