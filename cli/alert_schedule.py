"""`lingbao alert schedule`: when an approved alert leaves by itself."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated

import typer

from cli.context import Context
from cli.show import lines, say, table
from core.clock import iso, parse_moment
from core.database import reading, writing
from core.errors import WrongUse
from core.i18n import t
from notify import alerts
from notify.own import schedule as scheduling
from notify.own import store
from notify.own.tables import ScheduleState
from notify.store import alerts as alert_store
from registry.actors import require_office

Number = Annotated[int, typer.Argument(metavar="ALERT", help="预警编号 Number of the alert.")]
STATES = {
    ScheduleState.WAITING: t("waits for its moment"), ScheduleState.SENT: t("released at its moment"),
    ScheduleState.MISSED: t("not sent: its time was over"), ScheduleState.FAILED: t("not sent: it could not be released"),
    ScheduleState.WITHDRAWN: t("taken back, or sent by hand"),
}  # fmt: skip


def read_moment(text: str) -> datetime:
    """Read a moment an officer typed.

    Raises:
        WrongUse: it is no ISO time with a zone.
    """
    try:
        return parse_moment(text)
    except ValueError as error:
        raise WrongUse(
            t("Write an ISO time with a zone, such as 2026-11-23T08:00:00+08:00, not “{text}”.", text=text)
        ) from error


def set_schedule(
    context: typer.Context,
    alert: Number,
    at: Annotated[str, typer.Option(metavar="ISO", help="何时发送 When it leaves.")],
    expire_hours: Annotated[
        int, typer.Option(min=1, max=72, help="过期小时 Not sent later than so many hours after.")
    ] = 6,
) -> None:
    """定时发送：到时已批准才发。Let an alert leave at a moment, if it is approved by then."""
    here: Context = context.obj
    require_office(here.actor)
    moment, acting = read_moment(at), here.acting
    with writing(here.office.engine) as connection:
        version_id = alerts.find(connection, alert).id or 0
        scheduling.set_schedule(connection, version_id, moment, timedelta(hours=expire_hours), acting)
    say(t("Alert {number} leaves at {moment} if it is approved by then, and not later than {hours} hours after.",
          number=alert, moment=iso(moment), hours=expire_hours))  # fmt: skip


def unschedule(context: typer.Context, alert: Number) -> None:
    """取消定时，由人发送。Take a schedule back: the alert leaves when somebody sends it."""
    here: Context = context.obj
    require_office(here.actor)
    with writing(here.office.engine) as connection:
        done = scheduling.withdraw(connection, alerts.find(connection, alert).id or 0, here.acting)
    if done:
        say(t("Alert {number} is not scheduled any more.", number=alert))
    else:
        say(t("Alert {number} had no schedule that waits.", number=alert))


def schedules(
    context: typer.Context, json: Annotated[bool, typer.Option("--json", help="输出 JSON Print JSON.")] = False
) -> None:
    """定时列表。Schedules, the newest first, and what became of each."""
    here: Context = context.obj
    require_office(here.actor)
    with reading(here.office.engine) as connection:
        found = [(alert_store.version(connection, one.version_id).alert_id, one) for one in store.schedules(connection)]
    if json:
        lines({"alert": number, "at": iso(one.at), "expires_at": iso(one.expires_at), "state": one.state,
               "reason": one.reason, "by": one.created_by} for number, one in found)  # fmt: skip
        return
    table([t("Alert"), t("Leaves at"), t("Not after"), t("State"), t("Set by"), t("Reason")], [
        (number, iso(one.at), iso(one.expires_at), STATES[ScheduleState(one.state)], one.created_by, one.reason)
        for number, one in found
    ])  # fmt: skip
