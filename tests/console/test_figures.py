"""Figures of notices, alerts and the house for Prometheus: what they say, and that they read no more than they must."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from alembic import command
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import Connection, Engine, insert, text

from console.app import build
from core.clock import FixedClock
from core.database import alembic_config, ensure_instance, reading, writing
from core.i18n import t
from core.keys import MasterKeys
from core.settings import Settings
from core.settings_tables import Budget
from core.tables import table
from notify.duty.store import beat, open_page
from notify.office import Office
from notify.safety import spool
from notify.store import figures
from notify.tables import Alert, AlertVersion, Attempt, AttemptOutcome, BudgetUse, Delivery, Run

Figures = dict[tuple[str, ...], float]


@pytest.fixture
def office(engine: Engine, tmp_path: Path, clock: FixedClock, keys: MasterKeys) -> Office:
    """An office that was founded a month ago, with one alert that went out ten minutes ago."""
    command.stamp(alembic_config(engine), "head")
    ensure_instance(engine, keys, clock.now() - timedelta(days=30))
    with writing(engine) as connection:
        alert(connection, clock.now())
    budgets = (Budget(channel="sms", country="*", per_day=200),)
    return Office(Settings(home=tmp_path, budgets=budgets), engine, clock, keys)


def alert(connection: Connection, now: datetime) -> None:
    """Write an alert in force with a released version, and another one that is a draft."""
    common: dict[str, Any] = {"title_zh": "示", "title_en": "x", "body_zh": "示", "body_en": "x", "channels": ["sms"], "contacts": [],
                              "every_channel": True, "quiet": False, "ask_safe": False, "include_doubtful": False, "told_only": False,
                              "validity_minutes": 60, "rule": "r", "as_of": now, "day": now.date(), "created_at": now, "created_by": "x",
                              "kind": "first", "no": 1}  # fmt: skip
    for number, status, released in ((1, "sending", now - timedelta(minutes=10)), (2, "draft", None)):
        values = {"id": number, "hazard": "conflict", "mode": "sandbox", "instance_uid": "u", "as_of": now, "created_at": now,
                  "in_force_until": now + timedelta(days=1), "created_by": "x"}  # fmt: skip
        connection.execute(insert(table(Alert)).values(values))
        version = common | {"id": number, "alert_id": number, "status": status, "released_at": released}
        connection.execute(insert(table(AlertVersion)).values(version))


def notice(connection: Connection, number: int, now: datetime, **values: Any) -> None:
    """Write a notice of the alert, with a call that was taken."""
    plain = {"id": number, "version_id": 1, "text_id": 1, "channel": "sms", "address_id": number, "address_index": number.to_bytes(16),
             "country": "ML", "state": "accepted", "reason": "", "created_at": now, "updated_at": now}  # fmt: skip
    connection.execute(insert(table(Delivery)).values(plain | values))
    attempt = {"id": number, "delivery_id": number, "no": 1, "lease_token": 1, "worker": "w", "channel": "sms", "body_sha256": "h",
               "started_at": now}  # fmt: skip
    connection.execute(insert(table(Attempt)).values(attempt))
    outcome = {"attempt_id": number, "delivery_id": number, "outcome": "accepted", "by": "worker", "ended_at": now}
    connection.execute(insert(table(AttemptOutcome)).values(outcome))


def read(office: Office) -> Figures:
    """Return every figure that is not of a source, by its name and the values of its labels."""

    async def ask() -> httpx.Response:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(build(office)), base_url="http://in.invalid") as one:
            return await one.get("/metrics")

    families = text_string_to_metric_families(asyncio.run(ask()).text)
    ours = [sample for family in families for sample in family.samples if "source" not in sample.labels]
    return {(one.name.removeprefix("lingbao_"), *_labels(one.labels)): one.value for one in ours}


def _labels(labels: Mapping[str, str]) -> list[str]:
    return [labels[name] for name in sorted(labels)]


def test_the_outbox_in_figures(office: Office, clock: FixedClock) -> None:
    """What waits, what is in doubt and what a person must decide, with the age of the oldest; what is at its end is not counted."""
    now = clock.now()
    with writing(office.engine) as connection:
        notice(connection, 1, now)
        notice(connection, 2, now - timedelta(minutes=12), state="ready")
        notice(connection, 3, now - timedelta(minutes=3), state="ready")
        notice(connection, 4, now, state="unknown", updated_at=now - timedelta(minutes=20))
        notice(connection, 5, now, state="unresolved", channel="email")
        notice(connection, 6, now, state="sending")
    found = read(office)
    assert {one[1:]: value for one, value in found.items() if one[0] == "notices"} == {
        ("sms", "ready"): 2, ("sms", "unknown"): 1, ("sms", "sending"): 1, ("email", "unresolved"): 1,
    }  # fmt: skip
    assert found["oldest_due_seconds", "sms", "0"] == 600  # since the release
    assert found["oldest_doubt_seconds", "sms"] == 1200
    assert found["calls_recent", "sms", "accepted"] == 6
    assert found["call_last_timestamp_seconds", "sms"] == now.timestamp()
    assert (found["alerts_in_force",], found["alerts_waiting", "draft"]) == (1, 1)


def test_what_may_not_leave_yet_is_not_late(office: Office, clock: FixedClock) -> None:
    """Held by a budget, not due, or of a version that is paused: counted as ready, and no alarm about its age."""
    now = clock.now()
    with writing(office.engine) as connection:
        notice(
            connection, 1, now - timedelta(hours=1), state="ready", reason="budget:sms:*", due=now + timedelta(hours=1)
        )
        notice(connection, 2, now - timedelta(hours=1), state="ready", due=now + timedelta(minutes=1))
        notice(connection, 3, now - timedelta(hours=1), state="ready", reason="country-stopped:ML")
    found = read(office)
    assert (found["notices", "sms", "ready"], found["oldest_due_seconds", "sms", "0"]) == (3, 0)
    with writing(office.engine) as connection:
        notice(connection, 4, now, state="ready")
        connection.execute(text("UPDATE alert_version SET paused_at = released_at WHERE id = 1"))
    assert read(office)["oldest_due_seconds", "sms", "0"] == 0


def test_the_house_in_figures(office: Office, clock: FixedClock, keys: MasterKeys) -> None:
    """Night, beats, pages, budgets, answers in files, mode and disk."""
    now = clock.now()
    missed = read(office)
    assert (missed["night_missed",], missed["duty_pages_open",], missed["mode", "sandbox"]) == (1, 0, 1)
    assert ("night_last_timestamp_seconds",) not in missed
    with writing(office.engine) as connection:
        run = {"kind": "night", "as_of": now, "started_at": now, "ended_at": now, "status": "Partial", "actor": "x"}
        connection.execute(insert(table(Run)).values(run))
        beat(connection, "sweep", now)
        open_page(connection, "watch/x", t("The sweep has never run."), now - timedelta(minutes=30))
        connection.execute(insert(table(BudgetUse)).values(day=now.date(), channel="sms", country="*", used=150))
    spool.put(office.settings.home, {"a": "b"}, keys)
    found = read(office)
    assert (found["night_missed",], found["night_last_timestamp_seconds",]) == (0, now.timestamp())
    assert found["beat_timestamp_seconds", "sweep"] == now.timestamp()
    assert (found["duty_pages_unanswered",], found["duty_oldest_unanswered_seconds",]) == (1, 1800)
    assert (found["budget_used_ratio", "sms", "*"], found["spool_answers", "waiting"]) == (0.75, 1)
    assert (found["ready", "database"], found["disk_free_bytes",] > 0) == (1, True)


def test_no_figure_reads_all_notices(office: Office) -> None:
    """Among millions of notices that are at their end only those are looked at that still have something to do."""
    if office.engine.dialect.name != "sqlite":
        pytest.skip("PostgreSQL reads an empty table whole, as it should; the same indexes are there")
    seen: list[str] = []
    with reading(office.engine) as connection:
        connection.connection.driver_connection.set_trace_callback(seen.append)  # type: ignore[union-attr]
        figures.lines(connection, office.clock.now())
        figures.doubts(connection)
        figures.unresolved(connection)
        connection.connection.driver_connection.set_trace_callback(None)  # type: ignore[union-attr]
        plans = [row[3] for one in seen for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {one}")]
    about = [plan for plan in plans if "delivery" in plan]
    assert len(about) == 3
    assert all("ix_delivery_" in plan for plan in about), about
