"""The brief at 07:30: the last night once more, with what is open now; on file, on Prefect's pages, and in the officers' mail."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from prefect import flow, task
from prefect.artifacts import create_markdown_artifact
from prefect.cache_policies import NO_CACHE

from core.clock import iso
from flows.office import open_here
from notify import brief_mail, rundown
from notify.mailings.once import Outcome
from notify.office import Office
from registry.actors import SYSTEM


@task(cache_policy=NO_CACHE)
def look(office: Office) -> tuple[dict[str, Any] | None, str]:
    """Return the last night with its alerts and gaps as they stand now, and its brief; a warning if there was none."""
    return brief_mail.look(office)


@task(cache_policy=NO_CACHE)
def mail(office: Office, summary: dict[str, Any] | None, text: str) -> list[Outcome]:
    """Mail the brief to the officers; a second run on the same day sends none again."""
    return brief_mail.send_brief(office, summary, text, by=SYSTEM.name)


@flow(name="brief")
def brief() -> Path:
    """Write the brief of the last night to its file, to Prefect's pages and to the officers; return the file."""
    office = open_here()
    summary, text = look(office)
    path = rundown.write_brief(office, summary or {"as_of": iso(office.clock.now())}, text)
    create_markdown_artifact(key="morning-brief", markdown=text, description=str(path))
    mail(office, summary, text)
    return path
