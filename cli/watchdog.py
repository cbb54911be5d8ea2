"""`lingbao watchdog`: is everything as it should be this night? It needs no Prefect: cron or systemd may run it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

import typer
from sqlalchemy.exc import DatabaseError

from cli.context import Context
from cli.show import as_json, language, remark, say, table
from core.clock import SystemClock, iso
from core.database import reading
from core.errors import StoreBusy
from core.i18n import Message, t
from core.settings import Settings
from core.tables import Mode
from notify import watchdog as work
from notify.duty import calling, outage
from notify.duty.findings import Finding
from notify.office import Office
from notify.store.alerts import instance

TOLD = {
    "called": t("The number of the settings was called."), "doubt": t("The number of the settings may have been called."),
    "already": t("This outage was told before: nobody is called again."),
    "no-number": t("Nobody was called: set `duty_phone`."),
    "no-note": t("Nobody was called: no earlier round of the watchdog left a note of what this instance may do."),
}  # fmt: skip


def watchdog(
    context: typer.Context,
    page: Annotated[
        bool, typer.Option("--page", help="需要人时呼叫值班员 Call the duty officer if a person is needed.")
    ] = False,
    json: Annotated[bool, typer.Option("--json", help="输出 JSON Print JSON.")] = False,
) -> None:
    """夜间值守：夜间任务、信息源、预警、存疑、通道、调度、磁盘是否正常。Is everything as it should be? Exit 1 if not."""
    here: Context = context.obj
    try:
        outage.look_at_database(here.settings)
        here.keep_companies_out()
        now = here.office.clock.now()
        found = work.look(here.office, now)
    except (StoreBusy, DatabaseError) as error:
        _no_database(here.settings, error, page=page, json=json)
        raise typer.Exit(1) from None
    if page:
        _page(here.office, found, now)
    if json:
        as_json({"at": iso(now), "findings": [_json(one) for one in found]})
    else:
        _show(found)
    raise typer.Exit(1 if found else 0)


def _page(office: Office, found: Sequence[Finding], now: datetime) -> None:
    """Open and close pages, make the calls that are due, and leave the note for an outage."""
    with reading(office.engine) as connection:
        mode = Mode(instance(connection).mode)
    outage.note_seen(office.settings, mode, now)
    done = work.act(office, found, now)
    called = calling.call_due(office)
    remark(t("Pages opened: {opened}, closed: {settled}; messages and calls made: {handed}.", opened=done.opened,
             settled=done.settled, handed=called.handed))  # fmt: skip


def _no_database(settings: Settings, error: Exception, *, page: bool, json: bool) -> None:
    words = t("The database of the office cannot be read: {error}", error=_reason(error))
    how = outage.tell(settings, SystemClock().now()).how if page else ""
    told = TOLD.get(how, t("Nobody was called: {code}.", code=how)) if page else None
    if json:
        finding = {"cause": "database", "text": words.render(language()), "todo": "", "wanted": True}
        as_json({"at": iso(SystemClock().now()), "findings": [finding], "told": how})
        return
    say(words)
    if told is not None:
        say(told)


def _reason(error: Exception) -> Message | str:
    # The first line only: what follows may hold SQL with its values.
    return error.message if isinstance(error, StoreBusy) else str(getattr(error, "orig", error)).splitlines()[0]


def _show(found: list[Finding]) -> None:
    if not found:
        say(t("Everything is as it should be."))
        return
    table(
        [t("Calls somebody"), t("What"), t("What to do")],
        [(t("yes") if one.wanted else t("no"), one.words, one.todo) for one in found],
    )


def _json(one: Finding) -> dict[str, object]:
    return {
        "cause": one.cause,
        "text": one.words.render(language()),
        "todo": one.todo.render(language()),
        "wanted": one.wanted,
    }
