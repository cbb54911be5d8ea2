"""`lingbao people doubles` and `double`: who may be one person twice, and what is said of it."""

from __future__ import annotations

from typing import Annotated

import typer

from cli.context import Context
from cli.show import as_json, lines, say, table
from core.database import reading, writing
from core.errors import WrongUse
from core.i18n import t
from registry.doubles import answer_double
from registry.employers import find_employer, list_employers
from registry.scope.doubles import Likeness, Said, alike_within, probable_doubles

Json = Annotated[bool, typer.Option("--json", help="输出 JSON Print JSON.")]
LIKENESS = {Likeness.NAME: t("same name"), Likeness.NUMBER: t("same number, other name")}


def doubles(
    context: typer.Context,
    within: Annotated[
        bool, typer.Option("--within", help="同一单位名单内的疑似重复 Within the list of one company.")
    ] = False,
    employer: Annotated[
        str, typer.Option(metavar="CODE", help="派出单位代码（与 --within 合用） Employer, with --within.")
    ] = "",
    limit: Annotated[int, typer.Option(min=1, help="最多 At most.")] = 200,
    json: Json = False,
) -> None:
    """可能是同一人的登记（不自动合并）。Registrations that are probably one person; never merged by the program."""
    here: Context = context.obj
    if employer and not within:
        raise WrongUse(t("--employer goes with --within: across companies all are compared."))
    if within:
        _alike(here, employer, limit, json=json)
        return
    with reading(here.office.engine) as connection:
        found = probable_doubles(connection, here.actor, limit=limit)
        codes = {one.employer_id: one.code for one in list_employers(connection, here.actor)}
    pairs = [(one.registrant_ids, [codes.get(e or 0, "") for e in one.employer_ids]) for one in found]
    if json:
        lines({"people": list(people), "employers": theirs} for people, theirs in pairs)
        return
    alone = t("registered alone")
    table([t("Number"), t("Company"), t("Probably the same"), t("Company")],
          [(people[0], theirs[0] or alone, people[1], theirs[1] or alone) for people, theirs in pairs])  # fmt: skip


def _alike(here: Context, employer: str, limit: int, *, json: bool) -> None:
    actor = here.actor
    with reading(here.office.engine) as connection:
        company = find_employer(connection, actor, employer).employer_id if employer else None
        found = alike_within(connection, actor, employer=company, limit=limit)
        codes = {one.employer_id: one.code for one in list_employers(connection, actor)}
    if json:
        lines({"people": list(one.registrant_ids), "employer": codes.get(one.employer_id, ""), "likeness": one.likeness,
               "said": one.said or ""} for one in found)  # fmt: skip
        return
    table([t("Company"), t("Number"), t("Perhaps the same"), t("In common"), t("Said")],
          [(codes.get(one.employer_id, ""), *one.registrant_ids, LIKENESS[one.likeness], t("the same: end one of the two") if one.said
            else "") for one in found])  # fmt: skip
    if found:
        say(t("Answer: {command}", command="lingbao people double ONE TWO two-people|the-same"))


def double(
    context: typer.Context,
    one: Annotated[int, typer.Argument(help="登记编号 Number of a person.")],
    two: Annotated[int, typer.Argument(help="另一登记编号 Number of the other one.")],
    said: Annotated[Said, typer.Argument(help="two-people 两人；the-same 同一人 Two people, or one and the same.")],
    json: Json = False,
) -> None:
    """回答疑似重复：两人或同一人（不自动合并）。Say whether two entries of one company are two people; nothing is merged."""
    here: Context = context.obj
    actor = here.actor  # proven in a transaction of its own: not inside the one below
    with writing(here.office.engine) as connection:
        answer_double(connection, actor, one, two, said, here.office.clock.now())
    if json:
        as_json({"people": sorted((one, two)), "said": said})
        return
    if said is Said.TWO:
        say(t("{one} and {two} are two people: they are not listed any more.", one=one, two=two))
        return
    say(t("{one} and {two} are one person. Nothing was merged: end the stays of one of the two, so that nobody is told twice.",
          one=one, two=two))  # fmt: skip
    say(t("For instance: {command}", command=f"lingbao person correct {two} --posting NUMBER --status returned"))
