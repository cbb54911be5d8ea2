"""`lingbao people`."""

from __future__ import annotations

from datetime import date
from typing import Annotated

import typer

from cli import doubles
from cli.context import Context
from cli.register_words import STATUSES, change_cells, word
from cli.show import language, lines, table
from core.audit import record
from core.clock import iso, parse_moment
from core.database import reading, writing
from core.i18n import t
from core.places.names import display
from notify.manual import read_countries
from registry import scope
from registry.employers import find_employer
from registry.people import PostingView
from registry.scope.history import history_of

app = typer.Typer(no_args_is_help=True)
Json = Annotated[bool, typer.Option("--json", help="输出 JSON Print JSON.")]
BETWEEN = {"zh": "，", "en": ", "}


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
        lines({"country": c.country, "abroad": c.abroad, "planned": c.planned, "doubtful": c.doubtful, "stale": c.stale}
              for c in found)  # fmt: skip
        return
    rows = [(display(c.country, language()), c.abroad, c.planned or "", c.stale or "", c.doubtful or "") for c in found]
    table([t("Country"), t("There"), t("Leaving for it"), t("Stale"), t("Doubtful")], rows)


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
    day = here.office.clock.now().date()
    with writing(here.office.engine) as connection:
        company = find_employer(connection, actor, employer).employer_id if employer else None
        found = scope.list_people(
            connection, actor, here.office.keys, now=here.office.clock.now(), country=code, employer=company,
            limit=limit, after=after,
        )  # fmt: skip
    if json:
        lines({"id": p.registrant_id, "name": p.name, "language": p.language, "addresses": [f"{a.channel}:{a.value}" for a in p.addresses],
               "postings": [{"country": s.country, "city": s.city, "status": s.status, "stale": s.stale_on(day)}
                            for s in p.postings], "companion_of": p.companion_of,
               "contacts": [{"name": c.name, "relation": c.relation, "phone": c.phone} for c in p.contacts]}
              for p in found)  # fmt: skip
        return
    rows = [(p.registrant_id, p.name, "; ".join(_stay(s, day) for s in p.postings),
             ", ".join(a.value for a in p.addresses)) for p in found]  # fmt: skip
    table([t("Number"), t("Name"), t("Where"), t("Addresses")], rows)


@app.command("history")
def history(
    context: typer.Context,
    person: Annotated[int, typer.Argument(help="登记编号 Number of the person.")],
    json: Json = False,
) -> None:
    """登记变更历史：何时、何人、改了什么（查看有记录）。Each change of a registration: when, by whom, what; the look is audited."""
    here: Context = context.obj
    actor, now = here.actor, here.office.clock.now()
    with writing(here.office.engine) as connection:
        found = history_of(connection, actor, person)
        record(connection, actor=actor.name, action="people.history", subject=f"registrant/{person}", now=now)
    if json:
        lines({"at": iso(p.at), "by": p.by, "import": p.import_id, "table": p.change.table_name, "row": p.change.row_id,
               "before": p.change.before, "after": p.change.after} for p in found)  # fmt: skip
        return
    table([t("When"), t("Who"), t("Import"), t("Of"), t("Number"), t("Before"), t("After")],
          [(word("at", p.at, language()), p.by, p.import_id or "", *change_cells(p.change, language())) for p in found])  # fmt: skip


def _stay(stay: PostingView, day: date) -> str:
    place = f"{display(stay.country, language())} {stay.city}".strip()
    words = [STATUSES[stay.status], *([t("stale")] if stay.stale_on(day) else [])]
    return f"{place} ({BETWEEN[language()].join(one.render(language()) for one in words)})"


app.command("doubles")(doubles.doubles)
app.command("double")(doubles.double)
