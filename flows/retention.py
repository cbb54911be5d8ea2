"""Retention: once a day, whoever has been back long enough is erased, whoever asked for it and had to wait; and what is over goes."""

from __future__ import annotations

from typing import Any

from prefect import flow, task
from prefect.cache_policies import NO_CACHE

from flows.office import open_here
from notify import erasure
from notify.keeping.tidy import tidy
from notify.office import Office


@task(cache_policy=NO_CACHE)
def erase_due(office: Office) -> dict[str, Any]:
    """Erase who is due; return how many were erased and how many wait. Prefect keeps counts, never people."""
    done = erasure.run_retention(office.engine, office.clock, office.settings.keep_returned_days)
    return {"erased": len(done.erased), "waiting": len(done.waiting)}


@task(cache_policy=NO_CACHE)
def tidy_up(office: Office) -> dict[str, Any]:
    """Delete rows and files whose time is over; return how many of each."""
    done = tidy(office)
    return {"rows": dict(done.rows), "bodies": done.bodies, "freed": done.freed}


@flow(name="retention", retries=0)
def retention() -> dict[str, Any]:
    """Erase everybody whose time of keeping ran out, and delete what is over; return the counts."""
    office = open_here()
    return erase_due(office) | tidy_up(office)
