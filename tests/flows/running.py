"""Starting what the tests of the flows need: a Prefect server of their own, commands with an environment of their own."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import httpx
from sqlalchemy.engine import URL

from cli.demo_feeds import SOURCES
from flows.prepare import QUIET
from sources.catalog import publishers

ROOT = Path(__file__).resolve().parents[2]
PREFECT = Path(sys.executable).with_name("prefect")
T = TypeVar("T")
LEASES = "prefect.server.concurrency.lease_storage.filesystem"
"""What holds a slot must outlive the server, as in every office."""
FED = frozenset(SOURCES)
"""The sources of which the feeds of the demo hold something; the others are switched off in these tests."""


def free_port() -> int:
    """Return a port on loopback that nobody listens on now."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def environment(home: Path, **more: str) -> dict[str, str]:
    """Return an environment in which nothing of this machine's offices and Prefect servers is left."""
    kept = {k: v for k, v in os.environ.items() if not k.upper().startswith(("LINGBAO_", "PREFECT_", "PYTEST_"))}
    off = ",".join(sorted(set(publishers()) - FED))
    ours = {"LINGBAO_HOME": str(home), "LINGBAO_LANG": "en", "LINGBAO_SOURCES_OFF": off}
    return kept | ours | {"PREFECT_HOME": str(home / "prefect")} | more


@contextlib.contextmanager
def process(
    command: list[str], env: Mapping[str, str], log: Path, cwd: Path = ROOT
) -> Iterator[subprocess.Popen[bytes]]:
    """Run a process with a group of its own while the block lasts; its words go to `log`."""
    with log.open("wb") as handle:
        child = subprocess.Popen(command, env=env, cwd=cwd, stdout=handle, stderr=handle, start_new_session=True)
    try:
        yield child
    finally:
        with contextlib.suppress(ProcessLookupError):  # it ended by itself
            os.killpg(child.pid, signal.SIGTERM)
        try:
            child.wait(20)
        except subprocess.TimeoutExpired:
            os.killpg(child.pid, signal.SIGKILL)
            child.wait(20)


def wait_for(look: Callable[[], T | None], seconds: float, what: str) -> T:
    """Ask until the answer is true, and return it.

    Raises:
        TimeoutError: it never was.
    """
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found = look()
        if found:
            return found
        time.sleep(0.3)
    raise TimeoutError(what)


@dataclass(frozen=True)
class Server:
    """A Prefect server that runs: its API, and the variables that lead a command to it."""

    api: httpx.Client
    variables: Mapping[str, str]

    def deployment(self, name: str) -> dict[str, Any]:
        """Return a deployment, by `flow/name`."""
        answer = self.api.get(f"/deployments/name/{name}")
        answer.raise_for_status()
        found: dict[str, Any] = answer.json()
        return found

    def runs(self, deployment: str, *states: str) -> list[dict[str, Any]]:
        """Return the runs of a deployment that are in one of the states."""
        chosen = {
            "deployments": {"id": {"any_": [deployment]}},
            "flow_runs": {"state": {"type": {"any_": list(states)}}},
        }
        answer = self.api.post("/flow_runs/filter", json=chosen)
        answer.raise_for_status()
        found: list[dict[str, Any]] = answer.json()
        return found

    def start(self, deployment: str, parameters: Mapping[str, Any]) -> httpx.Response:
        """Ask for a run of a deployment, as the form in the pages does."""
        return self.api.post(f"/deployments/{deployment}/create_flow_run", json={"parameters": dict(parameters)})

    def ended(self, run: str, seconds: float = 180) -> dict[str, Any]:
        """Wait for the end of a run; return its state."""

        def look() -> dict[str, Any] | None:
            state: dict[str, Any] = self.api.get(f"/flow_runs/{run}").json()["state"]
            return state if state["type"] in {"COMPLETED", "FAILED", "CRASHED", "CANCELLED"} else None

        state: dict[str, Any] = wait_for(look, seconds, f"run {run} did not end")
        return state


class _Patient(httpx.HTTPTransport):
    """Asks again when the server answers 503, which is its word for "my database is busy": Prefect's own client does so too."""

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request, again and again for some thirty seconds."""
        for pause in (0.5, 1.0, 2.0, 4.0, 8.0, 16.0):
            answer = super().handle_request(request)
            if answer.status_code != httpx.codes.SERVICE_UNAVAILABLE:
                return answer
            answer.close()
            time.sleep(pause)
        return super().handle_request(request)


def prefect_api(url: str) -> httpx.Client:
    """Return a client for the API of a Prefect server, as patient with it as Prefect's own."""
    return httpx.Client(base_url=url, timeout=30, trust_env=False, transport=_Patient())


@contextlib.contextmanager
def prefect_server(home: Path, database: URL | None = None) -> Iterator[Server]:
    """Run a Prefect server on a free port.

    Args:
        database: on PostgreSQL; without it the server makes a SQLite file in `home`.

    Raises:
        TimeoutError: it does not start; its log is in `server.log` of `home`.
    """
    port = free_port()
    url = f"http://127.0.0.1:{port}/api"
    # The port must be said in the environment too: the pages would otherwise look for the API at 4200.
    variables = {**QUIET, "PREFECT_API_URL": url, "PREFECT_SERVER_API_PORT": str(port), "PREFECT_HOME": str(home)}
    stored = {} if database is None else {"PREFECT_SERVER_DATABASE_CONNECTION_URL": _for_prefect(database)}
    env = environment(home / "no-office", **variables, **stored, PREFECT_SERVER_CONCURRENCY_LEASE_STORAGE=LEASES)
    command = [str(PREFECT), "server", "start", "--host", "127.0.0.1", "--port", str(port)]
    with process(command, env, home / "server.log"), prefect_api(url) as api:

        def healthy() -> bool:
            with contextlib.suppress(httpx.TransportError):
                return api.get("/health").status_code == 200
            return False

        wait_for(healthy, 120, "the Prefect server does not start")
        yield Server(api, variables)


def _for_prefect(database: URL) -> str:
    return database.set(drivername="postgresql+asyncpg").render_as_string(hide_password=False)


def run(
    command: list[str], env: Mapping[str, str], seconds: float = 120, cwd: Path = ROOT
) -> subprocess.CompletedProcess[str]:
    """Run a command to its end; return what it said."""
    return subprocess.run(command, env=env, cwd=cwd, capture_output=True, text=True, timeout=seconds, check=False)


def lingbao(env: Mapping[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the `lingbao` command to its end."""
    return run([sys.executable, "-m", "cli", *arguments], env)
