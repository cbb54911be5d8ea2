"""The sweep: send what is due, ask about what is in doubt, poll what was never confirmed, read what came back. Every minute."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

from prefect import flow, task
from prefect.cache_policies import NO_CACHE

from flows.form import titled
from flows.office import open_here
from notify import night as work
from notify.duty import calling
from notify.later.catching import catch_up
from notify.mailings.once import Fate
from notify.office import Office
from notify.own.schedule import release_due
from notify.returns import collect
from notify.rollup.send import send_rollups
from notify.safety.rounds.run import run as run_rounds
from registry.actors import SYSTEM

ROLLUPS = timedelta(seconds=15)
"""How long a sweep writes to companies: the next one must not be late for a warning."""


@task(cache_policy=NO_CACHE)
def call_duty(office: Office) -> dict[str, Any]:
    """Call the duty officers who are wanted, before anything that may take long."""
    return asdict(calling.sweep(office))


@task(cache_policy=NO_CACHE)
def release_scheduled(office: Office) -> dict[str, Any]:
    """Release the approved alerts whose moment has come, before what is due is sent."""
    return asdict(release_due(office, datetime.now(UTC)))


@task(cache_policy=NO_CACHE)
def drain(office: Office, within: timedelta) -> dict[str, Any]:
    """Run the engine once over the outbox. Never retried by Prefect: the outbox knows what is left."""
    return asdict(work.send_due(office, datetime.now(UTC), within))


@task(cache_policy=NO_CACHE)
def read_bounces(office: Office) -> dict[str, Any]:
    """Read the mailbox of bounces, if the office has one."""
    return asdict(collect(office)) if office.settings.bounce_mailbox.get_secret_value() else {}


@task(cache_policy=NO_CACHE)
def roll_up(office: Office) -> int:
    """Tell companies what came of alerts, once a round; return how many letters left."""
    done = send_rollups(office, by=SYSTEM.name, within=ROLLUPS)
    return sum(one.fate is Fate.SENT for round_ in done for one in round_.outcomes)


@task(cache_policy=NO_CACHE)
def tell_newcomers(office: Office) -> int:
    """Plan the standing text of alerts in force for whoever came since; return how many notices are new."""
    return catch_up(office, datetime.now(UTC))


@task(cache_policy=NO_CACHE)
def take_rounds(office: Office) -> dict[str, Any]:
    """Take the next steps for whoever was asked whether they are safe and is silent, before what is due is sent."""
    return asdict(run_rounds(office))


@flow(name="sweep", retries=0)
def sweep(
    within_seconds: Annotated[int, titled("最长工作时间（秒） Longest work in seconds", ge=0, le=600)] = 50,
) -> dict[str, Any]:
    """Send what is due and settle what is in doubt; return what was done.

    Args:
        within_seconds: 到时停止，余下的留给下一次 Stop after this many seconds and leave the rest to the next sweep.
    """
    office = open_here()
    # A fault here must not keep notices from leaving either.
    calls = call_duty(office, return_state=True)
    scheduled = release_scheduled(office)
    # Its fault must not keep what waits from leaving; it ends the run as failed when all else is done.
    newcomers = tell_newcomers(office, return_state=True)
    rounds = take_rounds(office, return_state=True)
    sent = drain(office, timedelta(seconds=within_seconds))
    bounces = read_bounces(office)
    return (
        sent
        | bounces
        | {
            "duty": calls.result(),
            "scheduled": scheduled,
            "rollups": roll_up(office),
            "newcomers": newcomers.result(),
            "rounds": rounds.result(),
        }
    )
