"""Receipts, beside the sweep: the providers are asked for the end of what they took and never reported."""

from __future__ import annotations

from dataclasses import asdict
from datetime import timedelta
from typing import Annotated

from prefect import flow, task
from prefect.cache_policies import NO_CACHE

from flows.form import titled
from flows.office import open_here
from notify.office import Office
from notify.settling import ask_for_receipts


@task(cache_policy=NO_CACHE)
def ask(office: Office, within: timedelta) -> dict[str, int]:
    """Ask for the ends that were never reported; return how many were told."""
    return asdict(ask_for_receipts(office, within))


@flow(name="receipts", retries=0)
def receipts(
    within_seconds: Annotated[int, titled("最长工作时间（秒） Longest work in seconds", ge=0, le=3600)] = 300,
) -> dict[str, int]:
    """Ask for the ends that were never reported; return how many were told.

    Args:
        within_seconds: 到时停止，余下的留给下一次 Stop after this many seconds and leave the rest to the next run.
    """
    return ask(open_here(), timedelta(seconds=within_seconds))
