"""`lingbao dispatch` and `reconcile`."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from dataclasses import asdict
from datetime import timedelta
from typing import Annotated, Any, TypeVar

import typer

from cli.context import Context
from cli.show import as_json, complain, remark, say
from cli.staying import stay
from core.errors import LingbaoError, WrongUse
from core.i18n import t
from notify import engine
from notify import reconcile as reconciling
from notify.duty import calling
from notify.ending import EXIT_CODE, until_told
from notify.engine import Sent
from notify.later.catching import catch_up
from notify.own.schedule import Due, release_due

T = TypeVar("T")
Json = Annotated[bool, typer.Option("--json", help="输出 JSON Print JSON.")]


def dispatch(
    context: typer.Context,
    alert: Annotated[int | None, typer.Option(help="只发这个预警 Only this alert.")] = None,
    until_empty: Annotated[
        bool, typer.Option("--until-empty", help="直到没有可发的 Until nothing is left for a machine.")
    ] = False,
    stays: Annotated[
        bool, typer.Option("--stay", help="持续运行，随到随发 Stay, and send whatever becomes due at once.")
    ] = False,
    json: Json = False,
) -> None:
    """发送待发通知，并核对结果不明的。Drain the outbox, and settle what is in doubt."""
    here: Context = context.obj
    here.keep_companies_out()
    if stays:
        if alert is not None or until_empty:
            raise WrongUse(t("--stay looks after everything: it goes with neither --alert nor --until-empty."))
        _until_told(stay(here.office))
        return
    within = timedelta(days=1) if until_empty else timedelta(0)
    if alert is None:
        call_duty(here)
        tell_due(release_due(here.office, here.office.clock.now()))
        catch_up(here.office, here.office.clock.now())
    done = send(here, within, alert)
    if json:
        as_json(asdict(done))
    else:
        tell(done)
    raise typer.Exit(1 if done.stopped or done.unresolved else 0)


def tell_due(due: Due) -> None:
    """Say what became of the schedules whose moment has come, beside the result."""
    for number in due.released:
        remark(t("Alert {number} was released by its schedule.", number=number))
    for number in due.missed:
        remark(t("Alert {number} was not sent: the time of its schedule is over.", number=number))
    for number in due.unapproved:
        remark(t("Alert {number} should leave now and is not approved.", number=number))
    for number in due.failed:
        remark(t("Alert {number} could not be released by its schedule: lingbao alert schedules", number=number))


def call_duty(here: Context) -> None:
    """Call the duty officers who are wanted; a fault of it is told, and keeps no notice from leaving."""
    try:
        calling.sweep(here.office)
    except LingbaoError as error:
        complain(error.message)


def send(here: Context, within: timedelta, alert: int | None = None) -> Sent:
    """Run the engine from the command line. Told to end, it finishes what is out and exits with the code of the signal."""
    tools = here.office.tools()
    return _until_told(engine.run(tools, moment=here.office.clock.now(), within=within, alert_id=alert))


def _until_told(work: Coroutine[Any, Any, T]) -> T:
    try:
        return asyncio.run(until_told(work))
    except asyncio.CancelledError:
        raise typer.Exit(EXIT_CODE) from None


def tell(done: Sent) -> None:
    """Say what a run of the engine did."""
    say(t("Accepted by providers: {accepted}. Refused: {rejected}. In doubt: {doubt}, of which found {found}, proven absent {absent}, "
          "unresolved {unresolved}. Expired: {expired}.", accepted=done.accepted, rejected=done.rejected, doubt=done.in_doubt,
          found=done.found, absent=done.absent, unresolved=done.unresolved, expired=done.expired))  # fmt: skip
    for channel in done.stopped:
        say(t("Channel {channel} was stopped by its provider: see the account and sender settings.", channel=channel))
    for channel, place in done.places:
        say(t("{channel} cannot reach {place}: see the country and sender settings at the provider. Other countries go on.",
              channel=channel, place=place))  # fmt: skip


def reconcile(context: typer.Context, json: Json = False) -> None:
    """核对结果不明的通知。Ask the providers about every notice in doubt, once."""
    here: Context = context.obj
    here.keep_companies_out()

    async def once() -> reconciling.Findings:
        """Make one pass, and close the channels."""
        tools = here.office.tools()
        try:
            return await reconciling.reconcile(tools)
        finally:
            for channel in tools.channels.values():
                await channel.close()

    found = asyncio.run(once())
    if json:
        as_json(asdict(found))
    else:
        say(t("Found at the provider: {found}. Proven absent: {absent}. To be sent again as severe: {resent}. Unresolved: {unresolved}. "
              "Could not be asked yet: {open}. Statuses fetched: {polled}.", found=found.found, absent=found.absent,
              resent=found.resent, unresolved=found.unresolved, open=found.still_open, polled=found.polled))  # fmt: skip
