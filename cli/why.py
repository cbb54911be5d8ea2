"""`lingbao why`: why a person was told, or was not."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from cli.context import Context
from cli.replay import day_of
from cli.show import as_json, language, say
from core.clock import iso
from core.database import reading, writing
from core.errors import WrongUse
from core.i18n import t
from notify.why import Asked, Because, Chain, Fate, why_alert, why_night

FATES = {Fate.TOLD: t("told"), Fate.WAITING: t("waits"), Fate.DOUBT: t("in doubt"), Fate.NOT_TOLD: t("not told")}


def why(
    context: typer.Context,
    person: Annotated[int, typer.Option(help="人员编号 Person, by number.")],
    alert: Annotated[int | None, typer.Option(help="预警编号 Alert.")] = None,
    night: Annotated[str, typer.Option(metavar="DATE", help="哪一天的夜晚 The nights of this day.")] = "",
    json: Annotated[bool, typer.Option("--json", help="输出 JSON Print JSON.")] = False,
) -> None:
    """为何通知（或没有通知）一个人：逐条列出规则。Why a person was told, or was not: the chain of rules."""
    here: Context = context.obj
    if (alert is None) == (not night):
        raise WrongUse(t("Give either --alert or --night."))
    asked = Asked(here.office, here.acting, person)
    with writing(here.office.engine) as connection:
        asked.begin(connection, f"alert/{alert}" if alert is not None else f"night/{day_of(night)}")
    with reading(here.office.engine) as connection:
        if alert is not None:
            found = why_alert(connection, asked, alert)
        else:
            found = why_night(connection, asked, day_of(night))
    if json:
        as_json(_json(found))
    else:
        _show(found)


def _json(found: Because) -> dict[str, Any]:
    return {
        "person": found.registrant_id,
        "fate": found.fate.value,
        "chains": [_chain_json(one) for one in found.chains],
        "remarks": [one.render(language()) for one in found.remarks],
    }


def _chain_json(one: Chain) -> dict[str, Any]:
    links = [{"step": x.step.value, "passes": x.passes, "text": x.words.render(language())} for x in one.links]
    return {
        "alert": one.alert_id or None, "version": one.version or None, "change": one.change_id, "title": one.title,
        "as_of": iso(one.as_of), "fate": one.fate.value, "links": links,
    }  # fmt: skip


def _show(found: Because) -> None:
    for one in found.chains:
        say(t("Alert {number}, version {no}: {title}", number=one.alert_id, no=one.version, title=one.title)
            if one.alert_id else t("Change {number}: {title}", number=one.change_id, title=one.title))  # fmt: skip
        for link in one.links:
            say(t("  ✓ {words}", words=link.words) if link.passes else t("  ✗ {words}", words=link.words))
        say(t("  → {fate}", fate=FATES[one.fate]))
    for remark in found.remarks:
        say(remark)
    say(t("Person {number}: {fate}.", number=found.registrant_id, fate=FATES[found.fate]))
