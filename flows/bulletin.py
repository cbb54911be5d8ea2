"""The weekly bulletin: its draft lies on the desk on Friday at 16:00. It leaves only when an officer releases it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from prefect import flow, task
from prefect.artifacts import create_markdown_artifact
from prefect.cache_policies import NO_CACHE

from flows.form import titled
from flows.office import open_here
from notify.bulletin.draft import draft
from notify.bulletin.week import week_at, week_named
from notify.office import Office
from notify.rundown import language

WEEK = r"^(\d{4}-W\d{2})?$"


@task(cache_policy=NO_CACHE)
def write_draft(office: Office, week: str) -> Path:
    """Write the draft of a week to `bulletins/<week>.md` of the home directory, but never over one that is there."""
    settings = office.settings
    chosen = week_named(week, settings.zone) if week else week_at(office.clock.now(), settings.zone)
    path = settings.home / "bulletins" / f"{chosen.name}.md"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(draft(office, chosen, language(office)), encoding="utf-8")
    return path


@flow(name="bulletin")
def bulletin(week: Annotated[str, titled("哪一周 Week", pattern=WEEK)] = "") -> Path:
    """Write the draft of the weekly bulletin for the office to edit; return its file.

    Args:
        week: 如 2026-W47，留空为本周 As 2026-W47; empty: the one that closes now.
    """
    path = write_draft(open_here(), week)
    create_markdown_artifact(key="weekly-bulletin", markdown=path.read_text(encoding="utf-8"), description=str(path))
    return path
