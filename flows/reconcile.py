"""Doubts, beside the sweep: the providers are asked about every notice of which nobody knows whether it left."""

from __future__ import annotations

from dataclasses import asdict
from datetime import timedelta
from typing import Annotated

from prefect import flow, task
from prefect.cache_policies import NO_CACHE

from flows.form import titled
from flows.office import open_here
from notify.office import Office
from notify.settling import settle_doubts


@task(cache_policy=NO_CACHE)
def settle(office: Office, within: timedelta) -> dict[str, int]:
    """Ask about everything in doubt; return how many came to which end. Nothing is sent from here."""
    return asdict(settle_doubts(office, within))


@flow(name="reconcile", retries=0)
def reconcile(
    within_seconds: Annotated[int, titled("最长工作时间（秒） Longest work in seconds", ge=0, le=3600)] = 300,
) -> dict[str, int]:
    """Ask about everything in doubt; return how many came to which end. Nothing is sent from here.

    Args:
        within_seconds: 到时停止，余下的留给下一次 Stop after this many seconds and leave the rest to the next run.
    """
    return settle(open_here(), timedelta(seconds=within_seconds))
