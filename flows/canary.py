"""The canary: every morning one marked message over each channel, to an address of the office's own, and its receipt awaited."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

from prefect import flow, task
from prefect.cache_policies import NO_CACHE

from flows.office import open_here
from notify.canary.send import addresses, round_trip
from notify.canary.watch import trouble
from notify.office import Office
from registry.actors import SYSTEM


@task(cache_policy=NO_CACHE)
def sing(office: Office, within: timedelta) -> dict[str, Any]:
    """Send one message over each channel that has a canary; return how many were sent and which channels were silent."""
    if not addresses(office.settings):
        return {"sent": 0, "silent": []}
    found = asyncio.run(round_trip(office.tools(), office.name, within, by=SYSTEM.name))
    now = office.clock.now()
    return {"sent": len(found), "silent": sorted(one.channel for one in found if trouble(one, now))}


@flow(name="canary", retries=0)
def canary() -> dict[str, Any]:
    """Prove each channel end to end. A silent one is a gap of the next brief and of `lingbao prove`."""
    office = open_here()
    return sing(office, timedelta(minutes=office.settings.canary_minutes))
