"""What the rules leave out of a version, in numbers: counted in a rehearsal of its release, before anybody decides."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection

from core.i18n import Language, Message, t
from notify.rules import muting, silences
from notify.rules.model import Rules
from notify.rules.tables import Silence
from notify.store import alerts as alert_store
from notify.store import silences as silence_store
from notify.store import totals
from notify.store.rules import CAPPED, INHIBITED
from notify.tables import AlertVersion


@dataclass(frozen=True)
class Share:
    """Notices that a rule leaves out. `reason`: `inhibited`, `repeat` or `capped`; `alert_id`: the alert it is because of; 0: none."""

    reason: str
    alert_id: int
    notices: int

    @property
    def words(self) -> Message:
        """Say it."""
        if self.reason == CAPPED:
            return t(
                "{notices} notices: these people were told as often today as the policy allows", notices=self.notices
            )
        if self.reason == INHIBITED:
            return t(
                "{notices} notices: alert {alert} tells these people more", notices=self.notices, alert=self.alert_id
            )
        return t(
            "{notices} notices: alert {alert} told these people the same just now",
            notices=self.notices,
            alert=self.alert_id,
        )


@dataclass(frozen=True)
class LeavesOut:
    """What becomes of a version by the rules.

    Attributes:
        really: left out when it is released by an officer: only of a later version, and of whom no earlier one reached.
        by_rule: what the rules would leave out besides, if it went out by rule. An officer's release tells them all the same.
        of_others: notices of other alerts that still wait, and that this one would leave out because it tells more.
        silences: what holds for its countries, hazard, source or route now. It keeps back what goes out by rule, no officer's release.
    """

    really: tuple[Share, ...] = ()
    by_rule: tuple[Share, ...] = ()
    of_others: tuple[tuple[int, int], ...] = ()
    silences: tuple[Message, ...] = field(default=())


def really(connection: Connection, version: AlertVersion, rules: Rules, now: datetime) -> tuple[Share, ...]:
    """Leave out what an officer's release leaves out, and count it. In a rehearsal that is rolled back."""
    muting.apply(connection, version, rules, by_rule=False, now=now)
    return _shares(connection, version)


def left_out(
    connection: Connection, version: AlertVersion, rules: Rules, now: datetime, done: Sequence[Share]
) -> LeavesOut:
    """Say what the rules make of a version that was just planned and muted as `done` says. In a rehearsal that is rolled back."""
    assert version.id is not None
    muting.apply(connection, version, rules, by_rule=True, now=now)
    before = {(one.reason, one.alert_id): one.notices for one in done}
    more = [
        Share(one.reason, one.alert_id, one.notices - before.get((one.reason, one.alert_id), 0))
        for one in _shares(connection, version)
    ]
    return LeavesOut(
        tuple(done), tuple(one for one in more if one.notices),
        totals.muted_of_others(connection, f"{INHIBITED}:{version.alert_id}", now), _silences(connection, version, now),
    )  # fmt: skip


def _shares(connection: Connection, version: AlertVersion) -> tuple[Share, ...]:
    found = []
    for reason, count in totals.muted(connection, version.id or 0).items():
        word, _, alert = reason.partition(":")
        found.append(Share(word, int(alert or 0), count))
    return tuple(found)


def _silences(connection: Connection, version: AlertVersion, now: datetime) -> tuple[Message, ...]:
    alert = alert_store.alert(connection, version.alert_id)
    countries = {one.country for one in alert_store.places(connection, version.id or 0)}
    on = [one for one in silence_store.every(connection) if silences.is_on(one, now)]
    return tuple(
        silences.words(one)
        for one in on
        if alert is not None and _holds(one, countries, version.rule, (alert.hazard, alert.source_id or ""))
    )


def _holds(silence: Silence, countries: set[str], rule: str, about: tuple[str, str]) -> bool:
    """Tell whether a silence is about a version, by all that it names."""
    hazard, source = about
    return (
        (not silence.countries or (bool(countries) and countries <= set(silence.countries)))
        and (not silence.hazards or hazard in silence.hazards)
        and (not silence.sources or source in silence.sources)
        and (not silence.routes or rule in silence.routes)
    )


def capped_lately(connection: Connection, since: datetime, language: Language) -> list[str]:
    """Say of each alert how many notices the day's cap has left out since then. They are not given back on the next day: the brief
    names them, so that an officer tells whoever must know."""
    return [
        t("Alert {alert}: {notices} notices were left out, because these people had as many that day as the policy allows. They are not "
          "told later; who must know: `lingbao alert new --person …`. Why: `lingbao why`.", alert=alert, notices=notices).render(language)
        for alert, notices in totals.capped(connection, since)
    ]  # fmt: skip
