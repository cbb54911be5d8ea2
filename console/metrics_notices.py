"""Figures of alerts and notices for Prometheus, read from the database."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, time, timedelta

from prometheus_client.core import GaugeMetricFamily
from sqlalchemy import Connection

from notify.budgets import day_of
from notify.duty import findings
from notify.office import Office
from notify.store import figures
from notify.store.alerts import instance
from notify.tables import DeliveryState
from notify.timekeeping import behind
from notify.watchdog import NIGHT

RECENT = timedelta(minutes=15)
"""How far back calls to providers are counted."""


def families(connection: Connection, office: Office) -> Iterable[GaugeMetricFamily]:
    """Return every figure."""
    now = office.clock.now()
    yield from _notices(connection, now)
    yield from _calls(connection, now)
    yield from _people_wanted(connection, now)
    yield from _budgets(connection, office, now)
    yield from _moments(connection, office, now)


def _notices(connection: Connection, now: datetime) -> Iterable[GaugeMetricFamily]:
    count = GaugeMetricFamily(
        "lingbao_notices", "Notices that a machine or a person still has to do with.", labels=["channel", "state"]
    )
    wait = GaugeMetricFamily(
        "lingbao_oldest_due_seconds",
        "How long the first notice in line waits that could leave now.",
        labels=["channel", "priority"],
    )
    doubt = GaugeMetricFamily(
        "lingbao_oldest_doubt_seconds", "How long the oldest notice is in doubt.", labels=["channel"]
    )
    ready: dict[str, int] = {}
    for line in figures.lines(connection, now):
        ready[line.channel] = ready.get(line.channel, 0) + line.count
        waited = now - line.waits_since if line.waits_since else timedelta(0)
        wait.add_metric([line.channel, str(line.priority)], max(0.0, waited.total_seconds()))
    for channel, number in ready.items():
        count.add_metric([channel, DeliveryState.READY], number)
    for channel, state, number, since in figures.doubts(connection):
        count.add_metric([channel, state], number)
        if state == DeliveryState.UNKNOWN:
            doubt.add_metric([channel], max(0.0, (now - since).total_seconds()))
    for channel, number in figures.unresolved(connection).items():
        count.add_metric([channel, DeliveryState.UNRESOLVED], number)
    return count, wait, doubt


def _calls(connection: Connection, now: datetime) -> Iterable[GaugeMetricFamily]:
    calls = GaugeMetricFamily(
        "lingbao_calls_recent",
        "Calls to providers in the last 15 minutes, of the newest 2000.",
        labels=["channel", "outcome"],
    )
    last = GaugeMetricFamily(
        "lingbao_call_last_timestamp_seconds", "When the last of these calls came to its end.", labels=["channel"]
    )
    ends: dict[str, datetime] = {}
    for one in figures.calls_since(connection, now - RECENT):
        calls.add_metric([one.channel, one.outcome], one.count)
        ends[one.channel] = max(one.last, ends.get(one.channel, one.last))
    for channel, at in ends.items():
        last.add_metric([channel], at.timestamp())
    return calls, last


def _people_wanted(connection: Connection, now: datetime) -> Iterable[GaugeMetricFamily]:
    yield GaugeMetricFamily("lingbao_alerts_in_force", "Alerts in force.", figures.in_force(connection, now))
    drafts = GaugeMetricFamily("lingbao_alerts_waiting", "Alerts that wait for an officer.", labels=["status"])
    for status, number in figures.waiting(connection).items():
        drafts.add_metric([status], number)
    yield drafts
    pages, unanswered, since = figures.pages(connection)
    yield GaugeMetricFamily("lingbao_duty_pages_open", "Matters for the duty officer that are not over.", pages)
    yield GaugeMetricFamily("lingbao_duty_pages_unanswered", "Of these, those that nobody has answered.", unanswered)
    waited = (now - since).total_seconds() if since else 0.0
    yield GaugeMetricFamily(
        "lingbao_duty_oldest_unanswered_seconds", "How long the oldest of these waits.", max(0.0, waited)
    )


def _budgets(connection: Connection, office: Office, now: datetime) -> Iterable[GaugeMetricFamily]:
    share = GaugeMetricFamily(
        "lingbao_budget_used_ratio",
        "Share of today's budget that is used; 1: notices wait.",
        labels=["channel", "country"],
    )
    used = figures.used(connection, day_of(now, office.settings.zone).date)
    for one in office.settings.budgets:
        if one.per_day:
            share.add_metric([one.channel, one.country], used.get((one.channel, one.country), 0) / one.per_day)
    return (share,)


def _moments(connection: Connection, office: Office, now: datetime) -> Iterable[GaugeMetricFamily]:
    run, founded = figures.last_run(connection, NIGHT), instance(connection).created_at
    last = None if run is None else findings.NightRun(run.as_of, run.status)
    late = findings.night(last, now, office.settings.zone, time.fromisoformat(office.settings.watch_night_by), founded)
    yield GaugeMetricFamily(
        "lingbao_night_missed", "1 if the night that should be over is not, or read nothing.", bool(late)
    )
    beats = GaugeMetricFamily("lingbao_beat_timestamp_seconds", "When it last ran, by its own word.", labels=["name"])
    for name, at in sorted(figures.beats(connection).items()):
        beats.add_metric([name], at.timestamp())
    yield beats
    yield from _at({
        ("lingbao_night_last_timestamp_seconds", "When the last night came to its end."): None if run is None else run.ended_at,
        ("lingbao_receipt_last_timestamp_seconds", "When a provider last reported."): figures.last_receipt(connection),
        ("lingbao_seal_last_timestamp_seconds", "When the proof was last sealed."): figures.last_seal(connection),
        ("lingbao_founded_timestamp_seconds", "When this office was founded."): founded,
    })  # fmt: skip
    seconds = behind(connection, now).total_seconds()
    yield GaugeMetricFamily(
        "lingbao_clock_behind_seconds", "How far the clock is behind the newest call of the ledger.", seconds
    )


def _at(moments: Mapping[tuple[str, str], datetime | None]) -> Iterable[GaugeMetricFamily]:
    """Return a figure for each moment; one that never was is left out."""
    for (name, meaning), at in moments.items():
        if at is not None:
            yield GaugeMetricFamily(name, meaning, at.timestamp())
