"""From an alert's version to a person: the stay that counted, or why none did."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from core.i18n import Language, Message, t
from core.places.names import display
from notify.store import alerts as alert_store
from notify.tables import AlertVersion, VersionKind
from notify.why import store
from notify.why.decision import Desk
from notify.why.model import Link, Step
from registry.actors import Actor
from registry.people import stale_before
from registry.scope import HERE, SOON, STALE, UNSURE
from registry.scope.stays import StayOn, stays_on
from registry.tables import PostingStatus

SOON_DAYS = 14
"""Days ahead that a departure counts: the default of `registry.scope.people_in`."""


def posting_links(desk: Desk, actor: Actor, version: AlertVersion, registrant_id: int) -> Iterator[Link]:
    """Yield why a person was, or was not, among the people of a released version."""
    row = store.recipient(desk.connection, version.id or 0, registrant_id)
    if row is not None:
        yield Link(Step.POSTING, True, _counted(row.country, version.day, planned=row.planned, doubtful=row.doubtful))
        return
    countries = [place.country for place in alert_store.places(desk.connection, version.id or 0)]
    if version.told_only or version.kind == VersionKind.ALL_CLEAR:
        yield Link(
            Step.POSTING, False, t("This version goes to those only whom an earlier one told, and none told them.")
        )
        return
    stays = stays_on(desk.connection, actor, registrant_id, version.day)
    yield from (Link(Step.POSTING, False, words) for words in _reasons(stays, countries, version))


def _counted(country: str, day: date, *, planned: bool, doubtful: bool) -> Message:
    where = _Country(country)
    if planned:
        return t(
            "They leave for {country} within {days} days of {day}: they count.", country=where, days=SOON_DAYS, day=day
        )
    if doubtful:
        return t("They may be in {country} on {day} (doubtful or long unconfirmed): they count at this level.",
                 country=where, day=day)  # fmt: skip
    return t("They are in {country} on {day} by the register: they count.", country=where, day=day)


@dataclass(frozen=True)
class _Country(Message):
    """The name of a country by its code, put into the language in which the sentence around it is read."""

    def render(self, language: Language) -> str:
        """Return the name."""
        return display(self.text, language)


def _reasons(stays: Sequence[StayOn], countries: Sequence[str], version: AlertVersion) -> Iterator[Message]:
    if not stays:
        yield t("The register has no stay of theirs.")
        return
    for one in stays:
        yield reason(one, countries, version.day, include_doubtful=version.include_doubtful) or _late(one, version)


def _late(one: StayOn, version: AlertVersion) -> Message:
    if version.released_at is not None and one.created_at > version.released_at:
        return t("Their stay in {country} was entered after this went out.", country=_Country(one.country))
    if version.released_at is not None and one.updated_at > version.released_at:
        return t("Their stay in {country} was changed after this went out, and did not count before.",
                 country=_Country(one.country))  # fmt: skip
    return t(
        "Their stay in {country} counts, but the alert was narrowed to other people.", country=_Country(one.country)
    )


def reason(one: StayOn, countries: Sequence[str], day: date, *, include_doubtful: bool) -> Message | None:
    """Say why a stay did not count for a warning about these countries on a day; None: it did count."""
    where = _Country(one.country)
    if one.country not in countries:
        return t("A stay of theirs is in {country}: another country.", country=where)
    if one.status == PostingStatus.RETURNED:
        return t("They have returned from {country}.", country=where)
    if one.rank in (HERE, SOON) or (include_doubtful and one.rank in (STALE, UNSURE)):
        return None
    if one.rank == STALE:
        return t("Nobody has confirmed their stay in {country} since {day} (before {limit}); such stays count from level 3 up.",
                 country=where, day=one.confirmed_at.date(), limit=stale_before(day).date())  # fmt: skip
    if one.rank == UNSURE:
        return t("Their stay in {country} is doubtful, overdue or without a date; such stays count from level 3 up.",
                 country=where)  # fmt: skip
    if one.date_from is not None and one.date_from > day:
        return t("They are to leave for {country} on {from_}, more than {days} days after {day}.", country=where,
                 from_=one.date_from, days=SOON_DAYS, day=day)  # fmt: skip
    return t("Their stay in {country} did not count on {day}.", country=where, day=day)
