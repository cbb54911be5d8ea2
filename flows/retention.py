"""Retention: once a day, whoever has been back long enough is erased, and whoever asked for it and had to wait."""

from __future__ import annotations

from typing import Any

from prefect import flow, task
from prefect.cache_policies import NO_CACHE

from flows.office import open_here
from notify import erasure
from notify.office import Office


@task(cache_policy=NO_CACHE)
def erase_due(office: Office) -> dict[str, Any]:
    """Erase who is due; return how many were erased and how many wait. Prefect keeps counts, never people."""
    done = erasure.run_retention(office.engine, office.clock, office.settings.keep_returned_days)
    return {"erased": len(done.erased), "waiting": len(done.waiting)}


@flow(name="retention", retries=0)
def retention() -> dict[str, Any]:
    """Erase everybody whose time of keeping ran out; return the counts."""
    return erase_due(open_here())
