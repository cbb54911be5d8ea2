"""The sweep: send what is due, ask about what is in doubt, poll what was never confirmed, read what came back. Every minute."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import Any

from prefect import flow, task
from prefect.cache_policies import NO_CACHE

from flows.office import open_here
from notify import night as work
from notify.office import Office
from notify.returns import collect


@task(cache_policy=NO_CACHE)
def drain(office: Office, within: timedelta) -> dict[str, Any]:
    """Run the engine once over the outbox. Never retried by Prefect: the outbox knows what is left."""
    return asdict(work.send_due(office, datetime.now(UTC), within))


@task(cache_policy=NO_CACHE)
def read_bounces(office: Office) -> dict[str, Any]:
    """Read the mailbox of bounces, if the office has one."""
    return asdict(collect(office)) if office.settings.bounce_mailbox.get_secret_value() else {}


@flow(name="sweep", retries=0)
def sweep(within_seconds: int = 50) -> dict[str, Any]:
    """Send what is due and settle what is in doubt; return what was done.

    Args:
        within_seconds: 最长工作时间（秒） Stop after this many seconds and leave the rest to the next sweep.
    """
    office = open_here()
    sent = drain(office, timedelta(seconds=within_seconds))
    return sent | read_bounces(office)
