"""The watchdog, every ten minutes: it looks, pages, and makes the calls itself, because the sweep may be what is dead."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import structlog
from prefect import flow, task
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State
from prefect.states import Completed
from sqlalchemy.exc import DatabaseError

from core.clock import SystemClock
from core.database import reading
from core.errors import StoreBusy
from core.settings import load
from core.tables import Mode
from flows.office import open_here
from notify import watchdog as work
from notify.duty import calling, outage
from notify.office import Office
from notify.store.alerts import instance

log = structlog.get_logger(__name__)


def open_watched() -> Office:
    """Open the office; if its database cannot be read, call the number of the settings first, and fail.

    Raises:
        StoreBusy, DatabaseError: the database cannot be read.
    """
    settings = load()
    try:
        outage.look_at_database(settings)
    except (StoreBusy, DatabaseError):
        log.error("the database cannot be read", told=outage.tell(settings, SystemClock().now()).how)
        raise
    return open_here()


@task(cache_policy=NO_CACHE)
def look(office: Office) -> dict[str, Any]:
    """Look, open and close pages; return what was found."""
    with reading(office.engine) as connection:
        outage.note_seen(office.settings, Mode(instance(connection).mode), office.clock.now())
    done = work.watch(office)
    return {"findings": [one.cause for one in done.findings], "opened": done.opened, "settled": done.settled}


@task(cache_policy=NO_CACHE)
def call(office: Office) -> dict[str, Any]:
    """Make the calls that are due."""
    return asdict(calling.call_due(office))


@flow(name="watchdog", retries=0)
def watchdog() -> State[dict[str, Any]]:
    """Look after everything that runs by itself; call the duty officer where a person is needed."""
    office = open_watched()
    found = look(office)
    done = found | {"calls": call(office)}
    if found["findings"]:
        return Completed(name="Findings", message=", ".join(found["findings"]), data=done)
    return Completed(data=done)
