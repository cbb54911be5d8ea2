"""Fixtures of the flows: one Prefect server for all their tests, and two nights of feeds."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy.engine import URL

from cli.demo_feeds import write_feeds
from tests.flows.postgres import postgres, programs
from tests.flows.running import Server, prefect_server

FIRST, SECOND = datetime(2026, 11, 18, 18, 30, tzinfo=UTC), datetime(2026, 11, 19, 18, 30, tzinfo=UTC)


@pytest.fixture(scope="session")
def prefect_database() -> Iterator[URL | None]:
    """Give a database on a PostgreSQL of this machine for Prefect's server; None where there is none: it then takes SQLite."""
    found = programs()
    if found is None:
        yield None
        return
    with postgres(found) as url:
        yield url


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory, prefect_database: URL | None) -> Iterator[Server]:
    """Give a running Prefect server; skip where none can start."""
    home = tmp_path_factory.mktemp("prefect")
    try:
        with prefect_server(home, prefect_database) as running:
            yield running
    except TimeoutError as error:
        pytest.skip(f"{error}: {(home / 'server.log').read_text()[-500:]}")


@pytest.fixture(scope="session")
def feeds(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the captures of two nights; in the second one things have changed, and a source is broken."""
    return write_feeds(tmp_path_factory.mktemp("feeds") / "captures", FIRST, SECOND)
