"""`lingbao silence`: keep something quiet for a time, agree to it, end it, and see what is kept quiet."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

import typer

from cli.context import Context
from cli.show import as_json, language, lines, say, table
from core.clock import iso, parse_moment
from core.database import reading, writing
from core.errors import WrongUse
from core.i18n import t
from notify.manual import read_countries
from notify.rules import silences
from notify.rules.silences import NewSilence, is_on
from notify.rules.tables import Silence
from notify.rules.words import conditions, state_of
from notify.store import silences as store
from registry.actors import require_office
from registry.tables import Role
from sources.model import Hazard

app = typer.Typer(no_args_is_help=True)
Number = Annotated[int, typer.Argument(metavar="SILENCE", help="静默编号 Number of the silence.")]
Json = Annotated[bool, typer.Option("--json", help="输出 JSON Print JSON.")]


@app.command("add")
def add(
    context: typer.Context,
    owner: Annotated[str, typer.Option(help="责任人或处室 Who wants it and can be asked.")],
    reason: Annotated[str, typer.Option(help="原因 Why.")],
    until: Annotated[str, typer.Option(metavar="ISO", help="到何时为止，至多 90 天 Until when; 90 days at most.")],
    since: Annotated[
        str, typer.Option("--from", metavar="ISO", help="从何时起；不写为现在 Since when; none: now.")
    ] = "",
    country: Annotated[list[str] | None, typer.Option(help="国家（地区），可重复 Country, repeatable.")] = None,
    hazard: Annotated[list[Hazard] | None, typer.Option(help="风险种类，可重复 Hazard, repeatable.")] = None,
    source: Annotated[list[str] | None, typer.Option(help="信息源，可重复 Source by id, repeatable.")] = None,
    route: Annotated[list[str] | None, typer.Option(help="路由，可重复 Route of the policy, repeatable.")] = None,
    even_4: Annotated[
        bool, typer.Option("--even-4", help="连四级也不发，须另一人同意 Even level 4; a second person must agree.")
    ] = False,
    json: Json = False,
) -> None:
    """静默：一段时间内按规则不发送，改列晨报。Keep something quiet for a time: the brief tells it, nobody else is told."""
    here: Context = context.obj
    require_office(here.actor)
    now = here.office.clock.now()
    known = {one.name for one in here.office.policy.route}
    for name in source or []:
        here.publisher(name)
    for name in route or []:
        if name not in known:
            raise WrongUse(t("There is no route {name} in the policy that holds.", name=name))
    wanted = NewSilence(
        owner, reason, _moment(since) if since else now, _moment(until), read_countries(country or []),
        tuple(hazard or ()), tuple(source or ()), tuple(route or ()), even_4,
    )  # fmt: skip
    with writing(here.office.engine) as connection:
        number = silences.add(connection, wanted, here.actor, now)
    if json:
        as_json({"silence": number})
        return
    say(t("Silence {number} holds until {until}. What it keeps quiet stands in the morning brief.", number=number,
          until=iso(wanted.ends_at)))  # fmt: skip
    if even_4:
        say(
            t(
                "Level 4 goes out all the same until a second person agrees: lingbao silence agree {number}",
                number=number,
            )
        )


@app.command("agree")
def agree(context: typer.Context, silence: Number) -> None:
    """同意静默四级（须另一人）。Agree, as the second person, that even level 4 is kept quiet."""
    here: Context = context.obj
    actor = here.actor
    with writing(here.office.engine) as connection:
        silences.agree(connection, silence, actor, here.office.clock.now())
    say(t("Silence {number} now keeps even level 4 quiet.", number=silence))


@app.command("end")
def end(context: typer.Context, silence: Number) -> None:
    """提前结束静默。End a silence now."""
    here: Context = context.obj
    actor = here.actor
    with writing(here.office.engine) as connection:
        silences.end(connection, silence, actor, here.office.clock.now())
    say(t("Silence {number} is ended.", number=silence))


@app.command("list")
def list_silences(context: typer.Context, json: Json = False) -> None:
    """列出静默，含已到期的。List silences, those that ran out too."""
    here: Context = context.obj
    if here.actor.role != Role.AUDITOR:
        require_office(here.actor)
    now = here.office.clock.now()
    with reading(here.office.engine) as connection:
        found = store.every(connection)
    if json:
        lines(_json(one, now) for one in found)
        return
    titles = [t("Number"), t("State"), t("Owner"), t("Why"), t("Since"), t("Until"), t("Conditions")]
    table(titles, [
        (one.id, state_of(one, now), one.owner, one.reason, f"{one.begins_at:%Y-%m-%d %H:%M}Z", f"{one.ends_at:%Y-%m-%d %H:%M}Z",
         conditions(one, language()))
        for one in found
    ])  # fmt: skip


def _json(one: Silence, now: datetime) -> dict[str, Any]:
    return {
        "silence": one.id, "on": is_on(one, now), "owner": one.owner, "reason": one.reason, "from": iso(one.begins_at),
        "until": iso(one.ends_at), "countries": one.countries, "hazards": one.hazards, "sources": one.sources,
        "routes": one.routes, "even_4": one.even_4, "agreed_by": one.agreed_by,
        "ended_at": None if one.ended_at is None else iso(one.ended_at), "created_by": one.created_by,
    }  # fmt: skip


def _moment(text: str) -> datetime:
    try:
        return parse_moment(text)
    except ValueError as error:
        raise WrongUse(t("{text} is no time with a zone, such as 2026-10-05T08:00:00+08:00.", text=text)) from error
