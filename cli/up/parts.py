"""The parts of an office that runs on one machine, and how each is started. Pure."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from core.i18n import Message, t
from flows.prepare import QUIET

SWEEP_EVERY, WATCH_EVERY = 60.0, 600.0
WEEK = 7 * 24 * 3600
LOOPBACK = "127.0.0.1"


@dataclass(frozen=True)
class Wanted:
    """What is to run.

    Attributes:
        home: the office's directory.
        host, port: where the console listens.
        prefect: port of the Prefect server; 0: without Prefect.
        sandbox: port of the sandbox providers; 0: none.
    """

    home: Path
    host: str
    port: int
    prefect: int
    sandbox: int


@dataclass(frozen=True)
class Part:
    """One process that is kept running.

    Attributes:
        name: of its log file.
        title: its name for people.
        command: the program and its arguments.
        health: address that answers 200 when it works; empty: it works when it runs.
        every: it runs to its end and is started again after so many seconds; 0: it must not end.
        carries: others lean on it: it is stopped after them.
    """

    name: str
    title: Message
    command: tuple[str, ...]
    health: str = ""
    every: float = 0.0
    carries: bool = False


def parts_of(wanted: Wanted) -> list[Part]:
    """Return the parts in the order in which they are started."""
    found = []
    if wanted.sandbox:
        found.append(
            Part("sandbox", t("the sandbox providers"), _lingbao("sandbox", "--port", wanted.sandbox),
                 f"http://{LOOPBACK}:{wanted.sandbox}/_sandbox/health", carries=True)
        )  # fmt: skip
    if wanted.prefect:
        server = ("-m", "prefect", "server", "start", "--host", LOOPBACK, "--port", wanted.prefect)
        found.append(
            Part("prefect", t("the Prefect server"), _python(*server),
                 f"http://{LOOPBACK}:{wanted.prefect}/api/health", carries=True)
        )  # fmt: skip
    found += [
        Part("console", t("the console"), _lingbao("serve", "--host", wanted.host, "--port", wanted.port),
             f"http://{within_reach(wanted.host)}:{wanted.port}/healthz"),
        Part("dispatcher", t("the dispatcher"), _lingbao("dispatch", "--stay")),
        # Beside Prefect, not in it: it must find out that Prefect is dead.
        Part("watchdog", t("the watchdog"), _lingbao("watchdog", "--page"), every=WATCH_EVERY),
    ]  # fmt: skip
    if wanted.prefect:
        return [*found, Part("schedules", t("the runner of schedules"), _python("-m", "flows.served"))]
    return [*found, Part("sweep", t("the sweep"), _lingbao("sweep"), every=SWEEP_EVERY)]


def environment(wanted: Wanted, present: Mapping[str, str]) -> dict[str, str]:
    """Return the environment of the parts: what is `present`, what it lacks for Prefect, and one home and server for all."""
    prefect = {
        **QUIET,
        "PREFECT_HOME": str(wanted.home / "prefect"),
        # A run every minute: what is older than a week is let go.
        "PREFECT_SERVER_SERVICES_DB_VACUUM_ENABLED": "events,flow_runs",
        "PREFECT_SERVER_SERVICES_DB_VACUUM_RETENTION_PERIOD": str(WEEK),
        # In memory, which run holds the one slot of its deployment would be forgotten with the server, and the slot lost.
        "PREFECT_SERVER_CONCURRENCY_LEASE_STORAGE": "prefect.server.concurrency.lease_storage.filesystem",
    }
    ours = {"LINGBAO_HOME": str(wanted.home)}
    if secret := present.get("PREFECT_SERVER_API_AUTH_STRING"):
        prefect["PREFECT_API_AUTH_STRING"] = secret  # what the server asks for, our own runs must say
    if wanted.prefect:
        # The port in the environment too: the pages of Prefect would otherwise ask port 4200.
        ours["PREFECT_SERVER_API_PORT"] = str(wanted.prefect)
        ours["PREFECT_API_URL"] = f"http://{LOOPBACK}:{wanted.prefect}/api"
    return {**prefect, **present, **ours}


def within_reach(host: str) -> str:
    """Return where a listener on `host` answers from this machine."""
    return LOOPBACK if host in {"", "0.0.0.0", "::"} else host  # noqa: S104 - an address to compare with


def _python(*arguments: object) -> tuple[str, ...]:
    return (sys.executable, *[str(one) for one in arguments])


def _lingbao(*arguments: object) -> tuple[str, ...]:
    return _python("-m", "cli", *arguments)
