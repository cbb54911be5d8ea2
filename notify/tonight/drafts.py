"""Drafts that wait: what they say, how many people they would reach, who must act, and since when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from core.i18n import Message, t
from notify.office import Office
from notify.rules.approval import Size
from notify.size import second_person, size_of
from notify.store import alerts as alert_store
from notify.store import tonight as store
from notify.tables import AlertStatus, AlertVersion

FRESH = timedelta(seconds=60)
COUNTED_AT_ONCE = 2
"""So many drafts are counted in one look; the others in the next ones. To count takes long where many people are."""
WAITING = (AlertStatus.DRAFT, AlertStatus.SUBMITTED, AlertStatus.APPROVED)


class Sizes:
    """Remembers for a minute how large drafts are: the page that shows them is looked at every few seconds."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self._known: dict[tuple[int, tuple[str, ...]], tuple[datetime, Size]] = {}

    def known(self, version: int, places: tuple[str, ...], now: datetime) -> Size | None:
        """Return the size of a version, if it was counted for these places within the last minute."""
        found = self._known.get((version, places))
        return None if found is None or now - found[0] > FRESH else found[1]

    def remember(self, version: int, places: tuple[str, ...], size: Size, now: datetime) -> None:
        """Keep a size, and forget those that are too old."""
        self._known = {key: one for key, one in self._known.items() if now - one[0] <= FRESH}
        self._known[version, places] = (now, size)


@dataclass(frozen=True)
class Waiting:
    """One draft that waits.

    Attributes:
        people: whom it would reach; None: not counted, because it names no country, or not yet.
        since: when it came to the state it is in.
        who: who must act, and what they must do.
        leaves: approved, and leaves by itself: nobody has to do anything.
    """

    alert_id: int
    version: int
    level: int | None
    level_words: str
    title_zh: str
    title_en: str
    countries: tuple[str, ...]
    people: int | None
    status: AlertStatus
    since: datetime
    who: Message
    leaves: bool


def waiting(connection: Connection, office: Office, sizes: Sizes) -> list[Waiting]:
    """Return the drafts that wait: what leaves by itself last, the highest level first, then the oldest."""
    versions = alert_store.versions(connection, status=WAITING)
    numbers = [one.id or 0 for one in versions]
    places, leaving = store.places_of(connection, numbers), store.leaving(connection, numbers)
    ordered = sorted(versions, key=lambda one: (one.id in leaving, -(one.level or 0), one.created_at))
    now, approval, zone = office.clock.now(), office.policy.approval, ZoneInfo(office.settings.zone)
    found, left = [], COUNTED_AT_ONCE
    for one in ordered:
        number = one.id or 0
        countries, at = places.get(number, ()), leaving.get(number)
        size = sizes.known(number, countries, now) if countries else None
        if countries and size is None and left:
            size, left = size_of(connection, one), left - 1
            sizes.remember(number, countries, size, now)
        # Not counted is not small: then a second person is asked for.
        alone = size is not None and second_person(connection, one, approval, size) is None
        who = (
            t("leaves by itself at {moment}", moment=f"{at.astimezone(zone):%m-%d %H:%M}") if at is not None
            else _who(one, _authors(connection, one), placed=bool(countries), alone=alone)
        )  # fmt: skip
        found.append(Waiting(
            one.alert_id, one.no, one.level, one.level_words, one.title_zh, one.title_en, countries,
            None if size is None else size.people, AlertStatus(one.status), _since(one), who, at is not None,
        ))  # fmt: skip
    return found


def _authors(connection: Connection, version: AlertVersion) -> list[str]:
    names = {version.created_by, version.submitted_by or ""} | alert_store.authors(connection, version.id or 0)
    return sorted(names - {""})


def _who(version: AlertVersion, authors: list[str], *, placed: bool, alone: bool) -> Message:
    if not placed:
        return t("an officer: name the country")
    if version.status == AlertStatus.APPROVED:
        return t("an officer: send it")
    if alone:
        return t("an officer: check and send, one person is enough")
    if version.status == AlertStatus.SUBMITTED:
        return t("an approver, but not {names}", names="、".join(authors))
    return t("an officer: check and submit it")


def _since(version: AlertVersion) -> datetime:
    return version.approved_at or version.submitted_at or version.created_at
