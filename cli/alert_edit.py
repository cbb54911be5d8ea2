"""`lingbao alert edit`: a draft, changed before it is submitted: where, for whom, how grave, in which words."""

from __future__ import annotations

from typing import Annotated

import typer

from cli.context import Context
from cli.show import as_json, say
from core.database import writing
from core.i18n import t
from notify import alerts
from notify.edit import Edit, edit
from notify.manual import read_countries
from notify.own.audience import audience_of
from notify.own.targets import Targets, retargeted
from notify.size import size_of
from registry.actors import require_office

Words = list[str] | None


def edit_draft(
    context: typer.Context,
    alert: Annotated[int, typer.Argument(metavar="ALERT", help="预警编号 Number of the alert.")],
    country: Annotated[Words, typer.Option(help="国家（地区） Countries, in place of those it has.")] = None,
    level: Annotated[int | None, typer.Option(min=1, max=4, help="等级 Level.")] = None,
    title: Annotated[str | None, typer.Option(help="标题（中文） Title in Chinese.")] = None,
    title_en: Annotated[str | None, typer.Option(help="标题（英文） Title in English.")] = None,
    body: Annotated[str | None, typer.Option(help="正文（中文） Text in Chinese.")] = None,
    body_en: Annotated[str | None, typer.Option(help="正文（英文） Text in English.")] = None,
    place: Annotated[
        Words, typer.Option(help="地区、城市，替换原有 Regions, cities, in place of those it has.")
    ] = None,
    employer: Annotated[Words, typer.Option(help="派出单位代码，替换原有 Employers, in place of those it has.")] = None,
    person: Annotated[
        list[int] | None, typer.Option(help="人员编号，替换原有 People, in place of those it has.")
    ] = None,
    group: Annotated[Words, typer.Option(help="已存人群，替换原有 Saved groups, in place of those it has.")] = None,
    everybody: Annotated[
        bool, typer.Option("--everybody", help="去掉未写明的范围限定 Take away the targets that are not named here.")
    ] = False,
    json: Annotated[bool, typer.Option("--json", help="输出 JSON Print JSON.")] = False,
) -> None:
    """修改草稿（提交前）：国家、范围、等级、文字。Change a draft before it is submitted. It becomes this user's draft too."""
    here: Context = context.obj
    require_office(here.actor)
    countries = read_countries(country) if country else None
    targets = Targets(place, employer, person, group, everybody)
    with writing(here.office.engine) as connection:
        version = alerts.find(connection, alert)
        audience = (
            retargeted(connection, audience_of(connection, version.id or 0), targets) if targets.changes else None
        )
        wanted = Edit(
            countries, level, title, title_en=title_en, body_zh=body, body_en=body_en, audience=audience
        )  # fmt: skip
        edit(connection, version, wanted, here.acting)
        people = size_of(connection, alerts.find(connection, alert)).people
    if json:
        as_json({"alert": alert, "people": people})
        return
    say(t("Draft {number} is changed. It is for {people} people now.", number=alert, people=people))
