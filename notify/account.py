"""The account of a version: expected = planned = at an end or listed, as an equation with numbers (DESIGN promises 2 and 5)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any

from sqlalchemy import Connection, Select

from core.i18n import Message, t
from notify.model import BASELINE
from notify.own.audience import people_of
from notify.store import alerts as alert_store
from notify.store import outbox
from notify.store import proof as store
from notify.store.account import CARED_FOR, Reached, people
from notify.tables import AlertStatus, AlertVersion, VersionKind
from notify.words import state_words

REACHED = {
    Reached.DELIVERED: t("delivered"), Reached.ACCEPTED: t("accepted by provider"), Reached.BY_HAND: t("told by hand"),
    Reached.BY_COMPANY: t("told by their company, as it says"), Reached.WAITING: t("on the way"),
    Reached.IN_DOUBT: t("in doubt, needs a person"), Reached.NOT_REACHED: t("not reached"),
    Reached.MUTED: t("left out by a rule"), Reached.CANCELED: t("called off"), Reached.NO_WAY: t("no address that can be used"),
}  # fmt: skip
"""What came of people, the best first."""


@dataclass(frozen=True)
class Account:
    """One released version in numbers of people, and of notices by state.

    Attributes:
        planned: people written down for it; `missed` should have been and were not.
        moved: of the planned, those whom the register no longer has in the place: it has moved on since.
        people: the planned by what came of each: everybody once.
        notices: by our own state.
    """

    alert_id: int
    no: int
    kind: str
    planned: int
    missed: int
    moved: int
    people: Mapping[Reached, int]
    notices: Mapping[str, int]

    @property
    def expected(self) -> int:
        """Return how many people should have been planned for."""
        return self.planned + self.missed

    @property
    def open(self) -> int:
        """Return how many people are neither told nor about to be, whose notice was not called off."""
        told = CARED_FOR | {Reached.ACCEPTED, Reached.CANCELED, Reached.MUTED}
        return self.missed + sum(count for reached, count in self.people.items() if reached not in told)

    @property
    def holds(self) -> bool:
        """Tell whether the equation is one: everybody planned for is in one group."""
        return self.planned == sum(self.people.values())


def accounts(connection: Connection, version_ids: Sequence[int]) -> list[Account]:
    """Return the accounts of released versions, in the order given."""
    return [_account(connection, alert_store.version(connection, one)) for one in version_ids]


def of_alert(connection: Connection, alert_id: int | None = None) -> list[Account]:
    """Return the accounts of every released version of an alert, or of all alerts."""
    return accounts(connection, [row.id for row in store.released_versions(connection, alert_id=alert_id)])


def _account(connection: Connection, version: AlertVersion) -> Account:
    assert version.id is not None
    counted = store.counts(connection, version.id)
    reached = people(connection, version.alert_id, version.id)
    who = expected_people(connection, version)
    # Of a later version the expected are those told before, wherever they are: it says nothing of who has moved.
    in_place = None if version.kind != VersionKind.FIRST else who
    there = counted["people"] if in_place is None else store.still_there(connection, version.id, in_place)
    missed = 0 if who is None else len(store.missed(connection, version, who))
    notices = {
        name: count for name, count in counted.items() if not name.startswith(("provider_", "people", "doubtful"))
    }
    return Account(
        version.alert_id, version.no, version.kind, counted["people"], missed, counted["people"] - there,
        {one: reached[one] for one in REACHED if one in reached}, dict(sorted(notices.items())),
    )  # fmt: skip


def expected_people(connection: Connection, version: AlertVersion) -> Select[Any] | None:
    """Select who should be among the people of a version; None where nobody new is expected any more.

    Of the first word of an alert in force: everybody in its places on its day. Of a later one: everybody who was told before.
    """
    alert = alert_store.alert(connection, version.alert_id)
    if alert is None or version.id is None or version.status == AlertStatus.CANCELED or version.rule == BASELINE:
        return None
    if version.kind == VersionKind.FIRST and alert.closed_at is not None:
        return None
    if version.kind == VersionKind.FIRST:
        return people_of(connection, version)
    earlier = [one for one in alert_store.told_versions(connection, version.alert_id) if one < version.id]
    return outbox.told_before(earlier)


def in_words(account: Account) -> Message:
    """Write the account as an equation."""
    return t(
        "Alert {alert}.{no}: expected {expected} = planned {planned} + not planned {missed}. Planned {planned} = {people}. "
        "Notices {total} = {notices}.",
        alert=account.alert_id, no=account.no, expected=account.expected, planned=account.planned, missed=account.missed,
        people=_sum((REACHED[one], count) for one, count in account.people.items()),
        total=sum(account.notices.values()),
        notices=_sum((state_words(one), count) for one, count in account.notices.items()),
    )  # fmt: skip


def account_json(account: Account) -> dict[str, Any]:
    """Write the account as plain JSON values."""
    return {
        "alert": account.alert_id, "version": account.no, "kind": account.kind, "expected": account.expected,
        "planned": account.planned, "missed": account.missed, "moved": account.moved,
        "people": {one.value: count for one, count in account.people.items()}, "notices": dict(account.notices),
        "open": account.open, "holds": account.holds,
    }  # fmt: skip


def _sum(terms: Iterable[tuple[Message, int]]) -> Message | int:
    """Return the terms of a sum as one phrase: `delivered 40 + refused 3`; 0 where there is none."""
    phrases = [t("{words} {count}", words=words, count=count) for words, count in terms]
    return reduce(lambda one, other: t("{one} + {other}", one=one, other=other), phrases) if phrases else 0
