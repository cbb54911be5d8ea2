"""Figures for Prometheus: each source with its health, who may read them, and nothing of people."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import httpx
import pytest
from alembic import command
from prometheus_client.parser import text_string_to_metric_families
from pydantic import SecretStr
from sqlalchemy import Engine

from console.app import build
from core.clock import FixedClock
from core.database import alembic_config, ensure_instance, writing
from core.keys import MasterKeys
from core.settings import Settings
from notify.office import Office
from sources import store
from sources.catalog import publishers
from sources.tables import SourceState

Figures = dict[tuple[str, str], float]


@pytest.fixture
def office(engine: Engine, tmp_path: Path, clock: FixedClock, keys: MasterKeys) -> Office:
    """An office in which one source was read well, one failed twice since, and one is switched off."""
    now = clock.now()
    settled(engine, keys, now)
    with writing(engine) as connection:
        for state in (
            SourceState(source_id="us-state", baseline_at=now, last_good_at=now, last_tried_at=now, entries=211, known_levels=210),
            SourceState(source_id="ptwc", last_good_at=now - timedelta(days=1), last_tried_at=now, failures=2, entries=3,
                        proven_at=now),
        ):  # fmt: skip
            store.save_state(connection, state)
    return Office(Settings(home=tmp_path, sources_off=frozenset({"gvp"})), engine, clock, keys)


def settled(engine: Engine, keys: MasterKeys, now: datetime) -> None:
    """Mark the tables as the newest schema, and write who this database is."""
    command.stamp(alembic_config(engine), "head")
    ensure_instance(engine, keys, now)


def ask(office: Office, *, caller: str = "127.0.0.1", **headers: str) -> httpx.Response:
    """Ask for the page from an address, with headers."""

    async def once() -> httpx.Response:
        transport = httpx.ASGITransport(build(office), client=(caller, 50000))
        async with httpx.AsyncClient(transport=transport, base_url="http://inside.invalid") as one:
            return await one.get("/metrics", headers=headers)

    return asyncio.run(once())


def figures(office: Office) -> Figures:
    """Return what the page says of sources, read by Prometheus' own parser, by name and source."""
    answer = ask(office)
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain")
    families = list(text_string_to_metric_families(answer.text))
    assert all(family.documentation for family in families)
    ours = [s for f in families for s in f.samples if "source" in s.labels]
    return {(s.name.removeprefix("lingbao_source_"), s.labels["source"]): s.value for s in ours}


def test_a_source_that_was_read_well_is_up(office: Office, clock: FixedClock) -> None:
    """Counts, time and what is believable of a good reading are the database's and the card's."""
    found, card = figures(office), publishers()["us-state"].CARD
    assert (found["up", "us-state"], found["failures", "us-state"], found["on", "us-state"]) == (1, 0, 1)
    assert (found["entries", "us-state"], found["levels", "us-state"]) == (211, 210)
    assert (found["entries_fewest", "us-state"], found["entries_most", "us-state"]) == card.entries
    assert found["last_good_timestamp_seconds", "us-state"] == clock.now().timestamp()


def test_a_source_that_fails_is_down_with_its_last_good_time(office: Office, clock: FixedClock) -> None:
    """An alarm can be set on failures and on age, and a reader that was proven live says so."""
    found = figures(office)
    assert (found["up", "ptwc"], found["failures", "ptwc"], found["proven", "ptwc"]) == (0, 2, 1)
    assert found["last_tried_timestamp_seconds", "ptwc"] - found["last_good_timestamp_seconds", "ptwc"] == 86400


def test_every_source_is_there_also_when_it_was_never_read(office: Office) -> None:
    """No source is missing; a switched-off one says so, and one never read is not up and has no time."""
    found = figures(office)
    assert {source for name, source in found if name == "up"} == publishers().keys()
    assert (found["on", "gvp"], found["up", "gvp"], found["on", "us-embassy"]) == (0, 0, 0)
    assert ("last_good_timestamp_seconds", "gvp") not in found


WHO = [
    ("", "127.0.0.1", {}, 200),
    ("", "::1", {}, 200),
    ("", "10.1.2.3", {}, 401),
    ("", "127.0.0.1", {"X-Forwarded-For": "203.0.113.9"}, 401),
    ("", "127.0.0.1", {"Forwarded": "for=203.0.113.9"}, 401),
    ("secret", "127.0.0.1", {}, 401),
    ("secret", "10.1.2.3", {"Authorization": "Bearer wrong"}, 401),
    ("secret", "10.1.2.3", {"Authorization": "secret"}, 401),
    ("secret", "10.1.2.3", {"Authorization": "Bearer secret"}, 200),
]


def test_who_may_read_the_figures(office: Office) -> None:
    """Without a token only a caller on this machine, and none that a proxy brings; with one, whoever has it and nobody else."""
    for token, caller, headers, status in WHO:
        guarded = replace(office, settings=Settings(home=office.settings.home, metrics_token=SecretStr(token)))
        answer = ask(guarded, caller=caller, **headers)
        assert (answer.status_code, "lingbao_" in answer.text) == (status, status == 200), (token, caller, headers)
