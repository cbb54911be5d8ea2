"""`lingbao safe rounds|phone|unknown`: the rounds to the silent, the list to telephone from, and messages of strangers."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from cli.context import Context
from cli.show import as_json, language, lines, say, table
from core.clock import iso
from core.database import writing
from core.i18n import t
from core.places.names import display
from notify.safety.phone_list import Line, phone_list
from notify.safety.rounds.run import run
from notify.safety.strangers.keep import list_open, settle
from notify.safety.tally import STATE_WORDS
from registry.actors import require_office

Json = Annotated[bool, typer.Option("--json", help="输出 JSON Print JSON.")]


def register(app: typer.Typer) -> None:
    """Hang these commands into `lingbao safe`."""
    app.command("rounds")(rounds)
    app.command("phone")(phone)
    app.command("unknown")(unknown)


def rounds(
    context: typer.Context,
    alert: Annotated[int | None, typer.Option(help="只做这个预警 Only this alert.")] = None,
    json: Json = False,
) -> None:
    """追访未答复的人：换通道、通知单位、联系国内紧急联系人、列入电话名单。Take the next steps for whoever is silent."""
    here: Context = context.obj
    require_office(here.actor)
    done = run(here.office, alert)
    if json:
        as_json(asdict(done))
        return
    planned, told = done.planned, done.told
    say(t("{alerts} roll calls. Asked again: {again}; companies told of: {company}; contacts at home: {home}; to be called: {phone}.",
          alerts=done.alerts, again=planned.again, company=planned.company, home=planned.home, phone=planned.phone))  # fmt: skip
    say(t("Messages: {sent} sent, {failed} not sent, {without} with nobody to go to.", sent=told.sent, failed=told.failed,
          without=told.without))  # fmt: skip


def phone(
    context: typer.Context,
    alert: Annotated[int, typer.Argument(metavar="ALERT", help="预警编号 Alert.")],
    json: Json = False,
) -> None:
    """电话名单：谁求助、谁未答复、号码和已尝试的方式。Whom to call: names, numbers, what was tried; the most pressing first."""
    here: Context = context.obj
    require_office(here.actor)
    with writing(here.office.engine) as connection:
        found = phone_list(connection, alert, here.actor, here.office.keys, here.office.clock.now())
    if json:
        lines(_line(one) for one in found)
        return
    if not found:
        say(t("Nobody is to be called."))
        return
    for one in found:
        _show(one)


def unknown(
    context: typer.Context,
    done: Annotated[
        int | None, typer.Option("--done", metavar="N", help="已处理，删去内容 Settled: forget what it said.")
    ] = None,
    json: Json = False,
) -> None:
    """陌生号码来信：未向其询问过的号码发来的内容。Messages from numbers that were not asked."""
    here: Context = context.obj
    require_office(here.actor)
    now = here.office.clock.now()
    with writing(here.office.engine) as connection:
        if done is not None:
            settle(connection, here.actor, done, now)
        found = list_open(connection, here.actor, here.office.keys, now)
    if json:
        lines({"number": one.stranger_id, "channel": one.channel, "at": iso(one.at), "from": one.number, "words": one.words}
              for one in found)  # fmt: skip
        return
    if not found:
        say(t("No messages from unknown numbers."))
        return
    table([t("No."), t("At"), t("Channel"), t("From"), t("Words")],
          [(one.stranger_id, iso(one.at), one.channel, one.number, one.words) for one in found])  # fmt: skip


def _show(one: Line) -> None:
    """Show one person in lines of their own: in a table a number would be cut off where the window is narrow."""
    say(t("{state}: {name} (person {number}), {place}", state=STATE_WORDS[one.state], name=one.name or t("erased"),
          number=one.registrant_id, place=_place(one)))  # fmt: skip
    say(t("  Numbers: {numbers}", numbers="  ".join(one.numbers) or t("no number is known")))
    for who in one.home:
        say(t("  Contact at home: {who}", who=" ".join(filter(None, who))))
    if one.since is not None:
        say(t("  Asked at {at}", at=f"{one.since:%Y-%m-%d %H:%M}Z"))
    if one.tried:
        say(t("  Tried: {steps}", steps="; ".join(tried.words.render(language()) for tried in one.tried)))


def _place(one: Line) -> str:
    return display(one.country, language()) if one.country else ""


def _line(one: Line) -> dict[str, object]:
    return {
        "person": one.registrant_id, "name": one.name, "state": one.state, "country": one.country or None,
        "employer": one.employer_id, "asked_at": iso(one.since), "numbers": list(one.numbers),
        "home": [{"name": name, "relation": relation, "phone": number} for name, relation, number in one.home],
        "tried": [{"step": tried.step, "at": iso(tried.at), "outcome": tried.outcome} for tried in one.tried],
    }  # fmt: skip
