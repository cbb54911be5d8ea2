"""`lingbao canary`: prove each channel end to end, with a marked message to an address of the office's own."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Annotated

import typer

from cli.context import Context
from cli.show import language, lines, say, table
from core.clock import iso
from core.errors import WrongSetting
from core.i18n import Message, t
from notify.canary.send import addresses, round_trip
from notify.canary.tables import Canary
from notify.canary.watch import is_settled, trouble
from notify.ledger.terms import channel_words
from notify.words import state_words


def canary(
    context: typer.Context,
    wait: Annotated[
        int | None,
        typer.Option(min=0, metavar="SECONDS", help="最多等多久 Wait at most; none: as canary_minutes says."),
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="输出 JSON Print JSON.")] = False,
) -> None:
    """通道自检：每个渠道发一条测试，等回执。Send one marked message over each channel, and wait for its receipt."""
    here: Context = context.obj
    here.keep_companies_out()
    if not addresses(here.settings):
        raise WrongSetting(
            t("No canary is set: write one address of the office's own for each channel into `canaries`.")
        )
    seconds = here.settings.canary_minutes * 60 if wait is None else wait
    by = here.actor.name if here.user else "system"
    found = asyncio.run(round_trip(here.office.tools(), here.office.name, timedelta(seconds=seconds), by=by))
    now = here.office.clock.now()
    faults = {one.id: trouble(one, now) for one in found}
    if json:
        lines(_json(one, faults[one.id]) for one in found)
    else:
        table([t("Channel"), t("State"), t("Receipt")], [_row(one) for one in found])
        for fault in filter(None, faults.values()):
            say(fault)
    raise typer.Exit(1 if any(faults.values()) else 0)


def _row(one: Canary) -> tuple[object, ...]:
    state = state_words(f"provider_{one.status}") if one.status else one.code or one.outcome
    if one.heard_at is not None:
        return (
            channel_words(one.channel),
            state,
            t("came back after {count} s", count=int((one.heard_at - one.sent_at).total_seconds())),
        )
    return channel_words(one.channel), state, t("none is to be expected") if is_settled(one) else t("not yet")


def _json(one: Canary, fault: Message | None) -> dict[str, object]:
    return {
        "channel": one.channel, "outcome": one.outcome, "code": one.code, "status": one.status, "sent_at": iso(one.sent_at),
        "due_at": iso(one.due_at), "heard_at": iso(one.heard_at), "fault": None if fault is None else fault.render(language()),
    }  # fmt: skip
