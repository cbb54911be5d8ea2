"""Running a replay: night by night through the very functions that a real night decides with."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from sqlalchemy import Connection

from core.database import reading
from core.errors import WrongUse
from core.i18n import t
from notify.edit import as_draft
from notify.model import AlertDraft
from notify.night import Decided, act_on_changes
from notify.office import Office
from notify.policy import Policy
from notify.replay import store
from notify.replay.house import House, open_house
from notify.replay.model import Item, Person, Replayed, Told
from notify.replay.nights import Nights, OwnChanges, Reading
from notify.store import alerts as alert_store
from notify.tables import AlertVersion, VersionKind


class From(StrEnum):
    """What is gone through again: the changes the office found, or the pages it received, read anew."""

    CHANGES = "changes"
    ARCHIVE = "archive"


def run(
    office: Office,
    policy: Policy,
    since: datetime,
    until: datetime,
    *,
    of: From | Path = From.CHANGES,
) -> Replayed:
    """Return what a policy makes of the nights from `since` to before `until`, and how that differs from what was done.

    Nothing is sent, and the office's database is only read. Who would be told is asked of today's register, for the day of
    each night; caps, repeats and inhibition look at notices, which a replay has none of, and are left out.

    Args:
        of: the office's own changes (exact and quick), its archive read anew, or a folder with a `captures.toml`.

    Raises:
        WrongUse: the time is empty, or the folder has no list of captures.
    """
    if since >= until:
        raise WrongUse(t("The end of the time lies before its beginning."))
    nights: Nights = OwnChanges() if of is From.CHANGES else Reading(of if isinstance(of, Path) else None)
    with open_house(office, policy, since) as house:
        ledger = _Ledger(house, same_numbers=nights.same_numbers)
        items: list[Item] = []
        worked = 0
        for night in nights.work(house, since, until):
            house.clock.moment = night
            found = [ledger.item(one) for one in act_on_changes(house.own)]
            worked += night >= since
            items += [one for one in found if one.as_of >= since]
        with reading(house.own.engine) as own:
            held = store.held(own, since)
    return Replayed(since, until, policy.digest, worked, tuple(items), held, nights.remarks())


class _Ledger:
    """Whom each alert of the replay has told so far; kept in memory, never written."""

    def __init__(self, house: House, *, same_numbers: bool) -> None:
        self._house, self._same_numbers = house, same_numbers
        self._told: dict[int, dict[int, Person]] = {}
        self._reachable: dict[tuple[str, ...], set[int]] = {}

    def item(self, decided: Decided) -> Item:
        """Return what became of one change."""
        with reading(self._house.own.engine) as own, reading(self._house.real.engine) as office:
            outcome = store.outcome(own, decided.change.id)
            was = store.was(office, decided.change, same_numbers=self._same_numbers)
            item = Item(
                decided.change.as_of, decided.change.change, decided.decision.action.value, decided.decision.route.name,
                outcome, was=was,
            )  # fmt: skip
            if decided.version_id is None:
                return item
            version = alert_store.version(own, decided.version_id)
            draft, goes_out = as_draft(own, version), version.released_at is not None
            told = self._tell(office, version, draft)
            if goes_out:
                reached = {one: who for one, who in told.people.items() if one not in told.unreachable}
                self._told.setdefault(version.alert_id, {}).update(reached)
            return replace(
                item, draft=draft, alert_id=version.alert_id, version=version.no, goes_out=goes_out, told=told,
                texts=store.close_texts(own, decided.version_id),
            )  # fmt: skip

    def _tell(self, office: Connection, version: AlertVersion, draft: AlertDraft) -> Told:
        before = self._told.get(version.alert_id, {})
        people: dict[int, Person] = {}
        if not version.told_only and version.kind != VersionKind.ALL_CLEAR:
            people = store.people_in(office, draft.countries, version.day, include_doubtful=version.include_doubtful)
        if version.kind != VersionKind.FIRST:
            people = before | people
        if not people:
            return Told()
        channels = tuple(version.channels)
        if channels not in self._reachable:
            self._reachable[channels] = store.reachable(office, channels)
        return Told(dict(sorted(people.items())), frozenset(people) - self._reachable[channels])
