"""Preview: who would get an alert, over what, in how many parts, and what it says. Planned for real, then rolled back."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from sqlalchemy import Connection, Engine

from core.database import writing
from notify import alerts, leaves_out, preflight
from notify.budgets import day_of
from notify.grounds import Transfer
from notify.leaves_out import LeavesOut
from notify.rules.model import Rules
from notify.store import alerts as alert_store
from notify.store import preflight as counted
from notify.store import proof as proof_store
from notify.store import totals
from notify.store.grounds import without_ground
from notify.tables import AlertText, AlertVersion
from notify.texts.further import left_out
from notify.texts.rules import FORMS
from notify.wordings import phrasebook


@dataclass(frozen=True)
class Preview:
    """What releasing a version would do.

    Attributes:
        by_channel: notices by channel; `parts` are SMS parts in all.
        by_country: people by country. `by_language`: by the language they are told in.
        waiting: notices that would wait for the end of the local night; `mornings`: where, and until when. `leaving`: those that
            would leave at once.
        leaves_out: what the rules leave out of it.
        unreachable: people without any address that can be used.
        ungrounded: people who have one, which may not be used: no ground for a provider abroad.
        last_wait: when the last of the waiting may leave.
        forecast: cost, time and what stands in the way; only if the terms were given.
        loads: notices and parts by channel and country.
    """

    people: int
    unreachable: int
    ungrounded: int = 0
    by_country: dict[str, int] = field(default_factory=dict)
    by_channel: dict[str, int] = field(default_factory=dict)
    by_language: dict[str, int] = field(default_factory=dict)
    parts: int = 0
    waiting: int = 0
    leaving: int = 0
    mornings: tuple[totals.Morning, ...] = ()
    leaves_out: LeavesOut = field(default_factory=LeavesOut)
    texts: tuple[AlertText, ...] = ()
    loads: tuple[counted.Load, ...] = ()
    last_wait: datetime | None = None
    forecast: preflight.Forecast | None = None


class RolledBack(Exception):
    """Ends a rehearsal: nothing of it is kept."""


def preview(
    engine: Engine,
    version_id: int,
    now: datetime,
    transfer: Transfer,
    terms: preflight.Terms | None = None,
    *,
    rules: Rules | None = None,
) -> Preview:
    """Rehearse the release of a version and count; with `terms`, also say what it costs, takes and lacks.

    Args:
        rules: what the policy in force says of nights and muting; None: what holds where a policy says nothing.
    """
    found: list[Preview] = []
    try:
        with writing(engine) as connection:
            found.append(rehearse(connection, version_id, now, transfer, terms, rules=rules))
            raise RolledBack
    except RolledBack:
        return found[0]


def rehearse(
    connection: Connection,
    version_id: int,
    now: datetime,
    transfer: Transfer,
    terms: preflight.Terms | None = None,
    *,
    rules: Rules | None = None,
) -> Preview:
    """Plan the release of a version by an officer and count, in a transaction that the caller rolls back."""
    version, rules = alert_store.version(connection, version_id), rules or Rules()
    alerts.plan(connection, version, now, now, transfer=transfer, night=rules.quiet.night)
    really = leaves_out.really(connection, version, rules, now)
    seen = _seen(connection, version_id)
    if terms is not None:
        seen = replace(seen, forecast=_forecast(connection, version, seen, terms, now))
    return replace(seen, leaves_out=leaves_out.left_out(connection, version, rules, now, really))


def _seen(connection: Connection, version_id: int) -> Preview:
    by_country = totals.people_by_country(connection, version_id)
    used = totals.texts_used(connection, version_id)
    ungrounded = without_ground(connection, version_id)
    nowhere = [one for one in proof_store.unreachable(connection, version_id) if one not in ungrounded]
    going, waiting = totals.notices_by_channel(connection, version_id), totals.waiting(connection, version_id)
    return Preview(
        sum(by_country.values()), len(nowhere), len(ungrounded), by_country,
        going, totals.people_by_language(connection, version_id), totals.parts(connection, version_id), waiting,
        sum(going.values()) - waiting, totals.mornings(connection, version_id), LeavesOut(),
        tuple(text for text in alert_store.texts(connection, version_id) if text.id in used),
        counted.loads(connection, version_id), counted.last_wait(connection, version_id),
    )  # fmt: skip


def _forecast(
    connection: Connection, version: AlertVersion, seen: Preview, terms: preflight.Terms, now: datetime
) -> preflight.Forecast:
    assert version.id is not None
    book = phrasebook(connection, terms.rules, version.template)
    channels = alert_store.channels_written(connection, version.id)
    templates = [text.template for text in seen.texts if FORMS.get(text.channel) in ("sms_cn", "whatsapp")]
    planned = preflight.Planned(
        seen.loads, seen.texts, timedelta(minutes=version.validity_minutes),
        counted.to_home_numbers(connection, version.id, "sms"), counted.used_on(connection, day_of(now, terms.zone).date),
        next(iter(templates), version.kind),
        left_out(book.own, sorted(channels), alert_store.languages_written(connection, version.id)),
    )  # fmt: skip
    return preflight.forecast(planned, terms, book.directory)
