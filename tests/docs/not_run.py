"""Which fenced commands no test of this folder runs, and why. A test holds this to the pages."""

from __future__ import annotations

NOT_RUN: dict[str, tuple[str, ...]] = {}
"""By page: the reasons of its blocks that begin with `# on the server, not run by a test: `, in order."""

ELSEWHERE: dict[str, str] = {
    "lingbao up": "cli/test_up.py::test_an_office_runs_and_stops",
    "prefect server start --host 127.0.0.1": "flows/running.py::prefect_server",
    "prefect work-pool create lingbao --type process": "flows/test_prefect_server.py::",
    "prefect deploy --all": "flows/test_prefect_server.py::",
    "python -m flows.zombies": "flows/test_prefect_server.py::",
    "prefect worker start --pool lingbao": "flows/test_prefect_server.py::",
}
"""Commands that another test runs, with that test: they need a Prefect server, and minutes."""
