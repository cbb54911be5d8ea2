"""The brief at 07:30: the last night once more, with what is open now."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from prefect import flow, task
from prefect.artifacts import create_markdown_artifact
from prefect.cache_policies import NO_CACHE

from flows.office import open_here
from notify import brief as brief_text
from notify import rundown
from notify.office import Office


@task(cache_policy=NO_CACHE)
def look(office: Office) -> dict[str, Any]:
    """Return the last night with its alerts and gaps as they stand now."""
    return rundown.last_night(office)


@flow(name="brief")
def brief() -> Path:
    """Write the brief of the last night to its file and to Prefect's pages; return the file."""
    office = open_here()
    summary = look(office)
    text = brief_text.brief(summary, office.settings.office_name, office.settings.zone, rundown.language(office))
    path = rundown.write_brief(office, summary, text)
    create_markdown_artifact(key="morning-brief", markdown=text, description=str(path))
    return path
