"""`lingbao people` and `lingbao employer`."""

from __future__ import annotations

from typing import Annotated

import typer

from cli.context import Context
from cli.show import as_json, language, lines, say, table
from core.clock import parse_moment
from core.database import reading, writing
from core.i18n import t
from core.places.names import display
from notify.manual import read_countries
from registry import scope
from registry.employers import add_employer, find_employer, list_employers

app = typer.Typer(no_args_is_help=True)
employers = typer.Typer(no_args_is_help=True)
Json = Annotated[bool, typer.Option("--json", help="输出 JSON Print JSON.")]


@app.command("where")
def where(
    context: typer.Context,
    at: Annotated[str, typer.Option(metavar="ISO", help="哪一天 Which day.")] = "",
    json: Json = False,
) -> None:
    """各国家（地区）人数。How many people are where, by country."""
    here: Context = context.obj
    day = (parse_moment(at) if at else here.office.clock.now()).date()
    with reading(here.office.engine) as connection:
        found = scope.count_by_country(connection, here.actor, day)
    if json:
        lines({"country": c.country, "abroad": c.abroad, "planned": c.planned, "doubtful": c.doubtful} for c in found)
        return
    rows = [(display(c.country, language()), c.abroad, c.planned or "", c.doubtful or "") for c in found]
    table([t("Country"), t("There"), t("Leaving for it"), t("Doubtful")], rows)


@app.command("list")
def list_(
    context: typer.Context,
    country: Annotated[str, typer.Option(help="国家（地区） Country or region.")] = "",
    employer: Annotated[str, typer.Option(metavar="CODE", help="派出单位代码 Employer.")] = "",
    limit: Annotated[int, typer.Option(min=1, max=900, help="最多 At most.")] = 50,
    after: Annotated[int, typer.Option(help="从此编号之后 After this number.")] = 0,
    json: Json = False,
) -> None:
    """登记人员（每次查看都有记录）。People, page by page; each look is written to the audit log."""
    here: Context = context.obj
    actor = here.actor  # proven in a transaction of its own: not inside the one below
    code = read_countries([country])[0] if country else None
    with writing(here.office.engine) as connection:
        company = find_employer(connection, actor, employer).employer_id if employer else None
        found = scope.list_people(
            connection, actor, here.office.keys, now=here.office.clock.now(), country=code, employer=company,
            limit=limit, after=after,
        )  # fmt: skip
    if json:
        lines({"id": p.registrant_id, "name": p.name, "language": p.language, "addresses": [f"{a.channel}:{a.value}" for a in p.addresses],
               "postings": [{"country": s.country, "city": s.city, "status": s.status} for s in p.postings]} for p in found)  # fmt: skip
        return
    rows = [(p.registrant_id, p.name, "; ".join(f"{display(s.country, language())} {s.city}" for s in p.postings),
             ", ".join(a.value for a in p.addresses)) for p in found]  # fmt: skip
    table([t("Number"), t("Name"), t("Where"), t("Addresses")], rows)


@employers.command("add")
def add(
    context: typer.Context,
    code: Annotated[
        str,
        typer.Argument(help="统一社会信用代码或本办代码 Unified social credit code, or a code of the office's own."),
    ],
    name: Annotated[str, typer.Argument(help="名称 Name.")],
    district: Annotated[str, typer.Option(help="区县 District.")] = "",
    sector: Annotated[str, typer.Option(help="行业 Sector.")] = "",
) -> None:
    """登记派出单位。Add a company."""
    here: Context = context.obj
    actor = here.actor  # proven in a transaction of its own: not inside the one below
    with writing(here.office.engine) as connection:
        add_employer(
            connection, actor, code=code, name=name, now=here.office.clock.now(), district=district, sector=sector
        )
    say(t("Employer {code} is registered. Check its roster: lingbao roster check FILE", code=code))


@employers.command("list")
def list_all(context: typer.Context, json: Json = False) -> None:
    """派出单位列表。Companies."""
    here: Context = context.obj
    with reading(here.office.engine) as connection:
        found = list_employers(connection, here.actor)
    if json:
        for one in found:
            as_json({"code": one.code, "name": one.name, "district": one.district, "sector": one.sector})
        return
    table([t("Code"), t("Name"), t("District"), t("Sector")], [(e.code, e.name, e.district, e.sector) for e in found])
