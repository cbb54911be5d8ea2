"""The nouns of a replay: what today's rules make of a past change, whom it would reach, and what was really done. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from core.i18n import Message
from notify.model import AlertDraft
from sources.model import AdvisoryChange


class Difference(StrEnum):
    """How a replayed decision differs from the real one.

    `unseen`: the change itself was not found that way then, or nobody has decided it yet. `draft-sent`: today it is a draft,
    as it was then, and an officer released it.
    """

    SAME = "same"
    WOULD_SEND = "would-send"
    WOULD_NOT_SEND = "would-not-send"
    OTHER_PEOPLE = "other-people"
    WOULD_DRAFT = "would-draft"
    WOULD_NOT_DRAFT = "would-not-draft"
    DRAFT_SENT = "draft-sent"
    UNSEEN = "unseen"


@dataclass(frozen=True)
class Person:
    """Where a person is reached by a notice: the country of the stay that counts, and the employer."""

    country: str
    employer_id: int | None


@dataclass(frozen=True)
class Told:
    """The people of one notice, by number; the `unreachable` of them have no address in use on a channel of the notice."""

    people: Mapping[int, Person] = field(default_factory=dict)
    unreachable: frozenset[int] = frozenset()

    @property
    def countries(self) -> dict[str, int]:
        """Count the people by country."""
        return dict(sorted(Counter(one.country for one in self.people.values()).items()))

    @property
    def employers(self) -> dict[int, int]:
        """Count the people by employer (its id); 0: of none."""
        return dict(sorted(Counter(one.employer_id or 0 for one in self.people.values()).items()))


@dataclass(frozen=True)
class Was:
    """What was really done with a change.

    Attributes:
        outcome: as it was decided: `send`, `draft`, `brief`, `situation/12`, …; empty: nobody has decided it.
        released: a version of an alert that came from it went out. `by_rule`: without an officer.
        people: whom it was for. `told`: how many of them a notice left for, or may have left.
    """

    change_id: int
    outcome: str
    alert_id: int | None = None
    released: bool = False
    by_rule: bool = False
    people: frozenset[int] = frozenset()
    told: int = 0


@dataclass(frozen=True)
class Item:
    """One change and what today's rules make of it.

    Attributes:
        outcome: the action, or why nothing was opened: `same-event/3`, with the number the alert has in the replay.
        draft: the words that would be opened; None: none. `texts`: SHA-256 over every text of it.
        goes_out: it would be sent by rule; a draft waits for an officer. `told`: who would get it, or would if released.
    """

    as_of: datetime
    change: AdvisoryChange
    action: str
    rule: str
    outcome: str
    draft: AlertDraft | None = None
    alert_id: int | None = None
    version: int = 0
    texts: str = ""
    goes_out: bool = False
    told: Told = field(default_factory=Told)
    was: Was | None = None

    @property
    def difference(self) -> Difference:
        """Compare with what was really done."""
        was = self.was
        if was is None or not was.outcome:
            return Difference.UNSEEN
        sent = was.released and was.by_rule
        if self.goes_out and was.released:
            return Difference.SAME if set(self.told.people) == was.people else Difference.OTHER_PEOPLE
        if self.goes_out:
            return Difference.WOULD_SEND if self.told.people else Difference.SAME
        if sent:
            return Difference.WOULD_NOT_SEND
        if was.released:
            return Difference.DRAFT_SENT if self.draft is not None else Difference.WOULD_NOT_SEND
        if (self.draft is None) == (was.alert_id is None):
            return Difference.SAME
        return Difference.WOULD_NOT_DRAFT if self.draft is None else Difference.WOULD_DRAFT


@dataclass(frozen=True)
class Replayed:
    """A stretch of nights as today's rules would have worked it.

    Attributes:
        policy: the hash of the policy.
        nights: how many nights were worked, those before `since` left out.
        items: every change decided from `since` on, in order.
        held: changes that would wait for an officer to release the flood.
        remarks: what could not be replayed, a sentence each.
    """

    since: datetime
    until: datetime
    policy: str
    nights: int
    items: tuple[Item, ...]
    held: int = 0
    remarks: tuple[Message, ...] = ()

    @property
    def actions(self) -> dict[str, int]:
        """Count the changes by what becomes of them, in one word."""
        return dict(sorted(Counter(one.outcome.partition("/")[0].partition(":")[0] for one in self.items).items()))

    @property
    def shown(self) -> tuple[Item, ...]:
        """Return what a person should look at: what would be opened, and what was really done otherwise."""
        quiet = {Difference.SAME, Difference.UNSEEN}
        return tuple(one for one in self.items if one.draft is not None or one.difference not in quiet)

    @property
    def sent(self) -> tuple[Item, ...]:
        """Return what would go out by rule."""
        return tuple(one for one in self.items if one.goes_out)

    @property
    def people(self) -> dict[int, Person]:
        """Return everybody who would be told of something by rule."""
        found: dict[int, Person] = {}
        for one in self.sent:
            found |= one.told.people
        return found
