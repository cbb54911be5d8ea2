"""`lingbao replay`: past nights through today's rules. Sends nothing and changes nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from cli.context import Context
from cli.show import as_json, language, remark, say, table
from core.database import reading
from core.errors import WrongUse
from core.i18n import t
from core.places.names import display
from notify.policy import load_policy
from notify.replay import Difference, From, Item, Replayed, run
from notify.replay.told import replay_json
from registry.actors import SYSTEM
from registry.employers import list_employers

DIFFERENCES = {
    Difference.SAME: t("as then"), Difference.WOULD_SEND: t("would be sent, was not"),
    Difference.WOULD_NOT_SEND: t("was sent, would not be"), Difference.OTHER_PEOPLE: t("to other people"),
    Difference.WOULD_DRAFT: t("would be a draft, was not"), Difference.WOULD_NOT_DRAFT: t("was a draft, would not be"),
    Difference.DRAFT_SENT: t("a draft as then; an officer released it"), Difference.UNSEEN: t("not decided then"),
}  # fmt: skip


def replay(
    context: typer.Context,
    first: Annotated[str, typer.Option("--from", metavar="DATE", help="第一天 First day, of the office.")],
    last: Annotated[str, typer.Option("--to", metavar="DATE", help="最后一天 Last day, of the office.")],
    policy: Annotated[
        Path | None, typer.Option(help="另一份处置规则文件 Another policy; none: the one in force.")
    ] = None,
    captures: Annotated[Path | None, typer.Option(help="重放这个目录里的抓取 The captures of this directory.")] = None,
    archive: Annotated[
        bool, typer.Option("--archive", help="用现在的解析重读存档 Read the office's archive anew.")
    ] = False,
    people: Annotated[bool, typer.Option("--people", help="列出人员编号 With the numbers of the people.")] = False,
    json: Annotated[bool, typer.Option("--json", help="输出 JSON Print JSON.")] = False,
) -> None:
    """用现在的规则重演过去：会通知谁、与实际有何不同；不发送，不改动。Past nights through today's rules; sends nothing."""
    here: Context = context.obj
    here.keep_companies_out()
    if captures is not None and archive:
        raise WrongUse(t("Give either --captures or --archive."))
    since, until = span(first, last, ZoneInfo(here.settings.zone))
    rules = here.office.policy if policy is None else load_policy(policy)
    remark(t("Going through the nights …"))
    found = run(here.office, rules, since, until, of=captures or (From.ARCHIVE if archive else From.CHANGES))
    with reading(here.office.engine) as connection:
        companies = {one.employer_id: one.code for one in list_employers(connection, SYSTEM)}
    if json:
        as_json(replay_json(found, language(), companies, people=people))
    else:
        _show(found, companies, ZoneInfo(here.settings.zone), people=people)


def span(first: str, last: str, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """Return the beginning of the first day and the end of the last one, as the office counts days.

    Raises:
        WrongUse: a day is none, or the last one comes before the first.
    """
    begin, end = day_of(first), day_of(last)
    if end < begin:
        raise WrongUse(t("--to: the last day lies before the first."))
    return _midnight(begin, zone), _midnight(end + timedelta(days=1), zone)


def day_of(text: str) -> date:
    """Read a day.

    Raises:
        WrongUse: it is none.
    """
    try:
        return date.fromisoformat(text.strip())
    except ValueError as error:
        raise WrongUse(t("“{text}” is no day: write it as 2026-10-05.", text=text)) from error


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time.min, zone)


def _show(found: Replayed, companies: Mapping[int, str], zone: ZoneInfo, *, people: bool) -> None:
    shown = found.shown
    if shown:
        table([t("Night"), t("Source"), t("Title"), t("Rule"), t("Outcome"), t("People"), t("Against what was done")],
              [_row(one, zone) for one in shown])  # fmt: skip
    say(t("{nights} nights, {changes} changes: {actions}.", nights=found.nights, changes=len(found.items),
          actions=", ".join(f"{word} {count}" for word, count in found.actions.items()) or "0"))  # fmt: skip
    if found.held:
        say(t("{count} changes would wait for an officer: too many at once.", count=found.held))
    everybody = found.people
    say(t("By rule, {count} people would be told of something.", count=len(everybody)))
    if everybody:
        countries = Counter(display(one.country, language()) for one in everybody.values())
        employers = Counter(companies.get(one.employer_id or 0, "–") for one in everybody.values())
        say(t("By country: {counts}.", counts=_counts(countries)))
        say(t("By company: {counts}.", counts=_counts(employers)))
    if people and everybody:
        say(t("Their numbers: {numbers}.", numbers=", ".join(map(str, sorted(everybody)))))
    for one in found.remarks:
        say(one)


def _counts(counted: Counter[str]) -> str:
    return ", ".join(f"{name} {count}" for name, count in sorted(counted.items()))


def _row(one: Item, zone: ZoneInfo) -> tuple[object, ...]:
    people: object = len(one.told.people) if one.draft is not None else ""
    return (
        f"{one.as_of.astimezone(zone):%Y-%m-%d %H:%M}", one.change.source, one.change.advisory.title, one.rule,
        one.outcome, people, DIFFERENCES[one.difference],
    )  # fmt: skip
