"""`lingbao sources changes` and `lingbao sources change`: what changed at the publishers, and the difference in words."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer

from cli.context import Context
from cli.night import moment
from cli.show import as_json, language, lines, say, table
from core.clock import parse_moment
from core.database import reading
from core.errors import WrongUse
from core.i18n import Message, t
from notify.brief import KINDS
from sources import store
from sources.difference import Texts, differences
from sources.model import Advisory
from sources.store import StoredChange
from sources.wire import advisory_json, change_json

Json = Annotated[bool, typer.Option("--json", help="输出 JSON Print JSON.")]


def list_changes(
    context: typer.Context,
    ids: Annotated[list[str] | None, typer.Argument(help="信息源 Sources; none: all.")] = None,
    since: Annotated[str, typer.Option(metavar="ISO", help="自何时起 Since; empty: everything kept.")] = "",
    most: Annotated[int, typer.Option(min=1, help="最多几条，最新的在前 At most, the newest first.")] = 50,
    json: Json = False,
) -> None:
    """发布方的变化，最新的在前。What changed at the publishers, the newest first."""
    here: Context = context.obj
    for one in ids or ():
        here.publisher(one)
    moment(since)
    start = parse_moment(since) if since else None
    with reading(here.office.engine) as connection:
        found = store.changes(connection, sources=ids or (), since=start, most=most)
    if json:
        lines(_json(one) for one in found)
        return
    zone = ZoneInfo(here.settings.zone)
    rows = [
        (one.id, f"{one.as_of.astimezone(zone):%Y-%m-%d %H:%M}", one.change.source, KINDS[one.change.kind.value],
         " ".join(one.change.advisory.countries), one.change.advisory.title, one.change.reason)
        for one in found
    ]  # fmt: skip
    table([t("Number"), t("Night"), t("Source"), t("Change"), t("Countries"), t("Title"), t("Why")], rows)


def show_change(
    context: typer.Context,
    number: Annotated[
        int, typer.Argument(help="变化编号 Number of the change, as `lingbao sources changes` lists it.")
    ],
    json: Json = False,
) -> None:
    """一个变化：理由、前后文字的不同、链接。One change: why, what is said no more and what is said now, and where."""
    here: Context = context.obj
    with reading(here.office.engine) as connection:
        one = store.change(connection, number)
    if one is None:
        raise WrongUse(t("There is no change {number}.", number=number))
    if json:
        both = {"before": _text(one.change.before), "after": _text(one.change.after)}
        as_json(_json(one) | both | {"difference": _difference(one)})
        return
    change = one.change
    say(
        t("{source}: {kind}: {title}", source=change.source, kind=KINDS[change.kind.value], title=change.advisory.title)
    )
    say(t("Why: {reason}", reason=change.reason))
    if not change.confirmed:
        say(t("Not confirmed: one more reading must show it."))
    for difference in differences(change.before, change.after):
        say(t("{what}:", what=difference.what))
        for line in difference.before:
            say(t("  − {line}", line=line))
        for line in difference.after:
            say(t("  + {line}", line=line))
    say(t("Address: {url}", url=change.advisory.url))


def _json(one: StoredChange) -> dict[str, Any]:
    night: datetime = one.as_of
    return {"number": one.id, "as_of": night} | change_json(one.change)


def _text(advisory: Advisory | None) -> dict[str, Any] | None:
    return None if advisory is None else advisory_json(advisory)


def _difference(one: StoredChange) -> list[dict[str, Any]]:
    found = differences(one.change.before, one.change.after)
    return [{"what": d.what.render(language()), "before": _words(d.before), "after": _words(d.after)} for d in found]


def _words(texts: Texts) -> list[str]:
    return [one.render(language()) if isinstance(one, Message) else one for one in texts]
