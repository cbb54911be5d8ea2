"""`lingbao sweep`: once, and without Prefect, what the deployment of that name does every minute. For cron and for `lingbao up`."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import typer

from cli.context import Context
from cli.outbox import send, tell, tell_due
from cli.show import complain
from core.errors import LingbaoError
from notify.duty import calling
from notify.later.catching import catch_up
from notify.own.schedule import release_due
from notify.returns import collect
from notify.rollup.send import send_rollups
from notify.safety.rounds.run import run as run_rounds
from registry.actors import SYSTEM

WITHIN = timedelta(seconds=40)
"""How long it sends: what is left waits for the next sweep."""

ROLLUPS = timedelta(seconds=15)


def sweep(context: typer.Context) -> None:
    """做一次每分钟的工作：呼叫值班、到点发布、补发、再问、发送、退信、汇总。One round of what is done every minute."""
    here: Context = context.obj
    here.keep_companies_out()
    office = here.office
    steps: list[Callable[[], object]] = [
        lambda: calling.sweep(office),
        lambda: tell_due(release_due(office, office.clock.now())),
        lambda: catch_up(office, office.clock.now()),
        lambda: run_rounds(office),
        lambda: tell(send(here, WITHIN)),
        lambda: collect(office) if office.settings.bounce_mailbox.get_secret_value() else None,
        lambda: send_rollups(office, by=SYSTEM.name, within=ROLLUPS),
    ]
    done = [_worked(step) for step in steps]
    if not all(done):
        raise typer.Exit(1)


def _worked(step: Callable[[], object]) -> bool:
    """Do one step; a fault of it is told, and keeps no other step from being done."""
    try:
        step()
    except LingbaoError as error:
        complain(error.message)
        return False
    return True
