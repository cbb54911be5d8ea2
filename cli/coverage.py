"""`lingbao coverage`: can we reach our people, before anything happens?"""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Any

import typer

from cli.context import Context
from cli.show import as_json, language, say, table
from core.audit import record
from core.clock import parse_moment
from core.database import reading, writing
from core.i18n import t
from core.places.names import display
from notify.manual import read_countries
from registry.coverage import Cover, Fault, ToMend, by_country, only_home_numbers
from registry.employers import find_employer, list_employers
from registry.scope.coverage import cover, people_there, phones_of, to_mend, without_place

FAULTS = {
    Fault.NO_PLACE: t("no place known"),
    Fault.NO_WAY: t("no way to reach them"), Fault.SHARED_WAY: t("only a number shared with others"),
    Fault.ONE_WAY: t("one way only"), Fault.DEAD_ADDRESS: t("a dead address"),
    Fault.STALE: t("not confirmed for 90 days"), Fault.HOME_NUMBER: t("only Chinese numbers"),
}  # fmt: skip


def coverage(
    context: typer.Context,
    country: Annotated[str, typer.Option(help="国家（地区） Country or region.")] = "",
    employer: Annotated[str, typer.Option(metavar="CODE", help="派出单位代码 Employer.")] = "",
    numbers: Annotated[
        bool,
        typer.Option(
            "--numbers",
            help="也找出只有 +86 号码的人（记入审计） Also find those with +86 numbers only; written to the audit.",
        ),
    ] = False,
    limit: Annotated[int, typer.Option(min=1, help="待改进名单最多 At most, in the list of what to mend.")] = 100,
    at: Annotated[str, typer.Option(metavar="ISO", help="哪一天 Which day.")] = "",
    json: Annotated[bool, typer.Option("--json", help="输出 JSON Print JSON.")] = False,
) -> None:
    """可联络程度：谁联系不上，先补什么。How well people can be reached, and what to mend first."""
    here: Context = context.obj
    actor = here.actor  # proven in a transaction of its own: not inside the ones below
    day = (parse_moment(at) if at else here.office.clock.now()).date()
    with reading(here.office.engine) as connection:
        codes = {one.employer_id: one.code for one in list_employers(connection, actor)}
        wanted: dict[str, Any] = {
            "country": read_countries([country])[0] if country else None,
            "employer": find_employer(connection, actor, employer).employer_id if employer else None,
        }
        covers = cover(connection, actor, day, **wanted)
        mend = to_mend(connection, actor, day, limit=limit, **wanted)
        lost = without_place(connection, actor, employer=wanted["employer"])  # perhaps in the country asked for
    if numbers:
        with writing(here.office.engine) as connection:
            there = people_there(connection, actor, day, **wanted)
            phones = phones_of(connection, actor, sorted({one.registrant_id for one in there}), here.office.keys)
            record(connection, actor=actor.name, action="people.numbers", subject="registrant", now=here.office.clock.now(),
                   detail=f"{len(phones)} people")  # fmt: skip
        mend = _with_home_numbers(mend, there, phones)[:limit]
    _show(covers, mend, lost, codes, json=json)


def _with_home_numbers(
    mend: tuple[ToMend, ...], there: list[ToMend], phones: dict[int, tuple[str, ...]]
) -> tuple[ToMend, ...]:
    """Add the fault to those who have it, and those who have no other."""
    known = {(one.registrant_id, one.country): one for one in (*there, *mend)}  # those to mend already come last
    bad = {person for person, values in phones.items() if only_home_numbers(values)}
    order = {(one.registrant_id, one.country): place for place, one in enumerate(mend)}
    found = [
        replace(one, faults=(*one.faults, Fault.HOME_NUMBER)) if one.registrant_id in bad else one
        for one in known.values()
    ]
    found = [one for one in found if one.faults]
    return tuple(sorted(found, key=lambda one: order.get((one.registrant_id, one.country), len(order))))


def _show(
    covers: tuple[Cover, ...], mend: tuple[ToMend, ...], lost: tuple[ToMend, ...], codes: dict[int, str], *, json: bool
) -> None:
    if json:
        as_json({
            "countries": [_json(one, codes) for one in by_country(covers)], "companies": [_json(one, codes) for one in covers],
            "mend": [_mend_json(one, codes) for one in mend],
            "no_place": len(lost), "no_place_people": [_mend_json(one, codes) for one in lost],
        })  # fmt: skip
        return
    rows: list[tuple[Cover, object]] = [(one, t("all companies")) for one in by_country(covers)]
    rows += [
        (one, codes.get(one.employer_id or 0, t("residents"))) for one in sorted(covers, key=lambda one: one.score)
    ]
    table([t("Country"), t("Company"), t("Score"), t("People"), t("No way"), t("One way"), t("Of these shared"),
           t("Two or more"), t("Dead"), t("Stale")],
          [(display(one.country, language()), who, one.score, one.people, one.none, one.one, one.shared, one.more, one.dead, one.stale)
           for one, who in rows])  # fmt: skip
    if lost:
        say(t("No place known, so no alert finds them: {count} people.", count=len(lost)))
        table([t("Person"), t("Company"), t("What")],
              [(one.registrant_id, codes.get(one.employer_id or 0, t("residents")),
                "; ".join(FAULTS[fault].render(language()) for fault in one.faults)) for one in lost])  # fmt: skip
    if mend:
        say(t("To mend:"))
        table([t("Person"), t("Company"), t("Country"), t("What"), t("Reason")],
              [(one.registrant_id, codes.get(one.employer_id or 0, t("residents")), display(one.country, language()),
                "; ".join(FAULTS[fault].render(language()) for fault in one.faults), "; ".join(one.reasons))
               for one in mend])  # fmt: skip


def _mend_json(one: ToMend, codes: dict[int, str]) -> dict[str, Any]:
    return {"person": one.registrant_id, "employer": codes.get(one.employer_id or 0, ""), "country": one.country,
            "faults": list(one.faults), "reasons": list(one.reasons)}  # fmt: skip


def _json(one: Cover, codes: dict[int, str]) -> dict[str, Any]:
    return {"country": one.country, "employer": codes.get(one.employer_id or 0, ""), "score": one.score,
            "people": one.people,
            "no_way": one.none, "one_way": one.one, "shared_way": one.shared,
            "more_ways": one.more, "dead": one.dead, "stale": one.stale}  # fmt: skip
