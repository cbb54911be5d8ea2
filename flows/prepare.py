"""Prefect's own surroundings, set before Prefect is imported: where it keeps its files, no telemetry, no questions.

Measured with Prefect 3.8: offline, telemetry prints tracebacks; on a busy machine the built-in 20 s limit for the embedded
server is too short.
"""

from __future__ import annotations

import os
from pathlib import Path

QUIET = {
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "DO_NOT_TRACK": "1",
    "PREFECT_SERVER_UI_SHOW_PROMOTIONAL_CONTENT": "false",
    "PREFECT_CLI_PROMPT": "false",
    "PREFECT_LOGGING_LEVEL": "WARNING",
    # A broken source is a failed task, and a night without sources a failed flow. The command says so itself, in one line.
    "PREFECT_LOGGING_LOGGERS_PREFECT_TASK_RUNS_LEVEL": "CRITICAL",
    "PREFECT_LOGGING_LOGGERS_PREFECT_FLOW_RUNS_LEVEL": "CRITICAL",
    "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": "120",
    "PREFECT_FLOWS_HEARTBEAT_FREQUENCY": "30",
}


def prepare(home: Path) -> None:
    """Set what is not set yet. Call before the first import of `prefect`."""
    os.environ.setdefault("PREFECT_HOME", str(home / "prefect"))
    for name, value in QUIET.items():
        os.environ.setdefault(name, value)
