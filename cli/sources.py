"""`lingbao sources` and `lingbao classify`."""

from __future__ import annotations

import mimetypes
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from cli import changes, health
from cli import record as recording
from cli.context import Context
from cli.night import moment
from cli.show import as_json, lines, remark, say, table
from core import audit
from core.clock import SystemClock, parse_moment
from core.database import reading, writing
from core.errors import BadInput, SourceBroken
from core.i18n import t
from registry.actors import require_office
from sources import store
from sources.between import between
from sources.check import check
from sources.entries import clean
from sources.model import Capture, Publisher, Reading
from sources.reading.titles import read_title
from sources.wire import advisory_json, change_json, level_json

app = typer.Typer(no_args_is_help=True)
Json = Annotated[bool, typer.Option("--json", help="输出 JSON Print JSON.")]
Files = Annotated[list[Path], typer.Argument(exists=True, dir_okay=False, help="抓取的文件 Captured files.")]


app.command("list")(health.list_sources)
app.command("check")(health.check_sources)
app.command("record")(recording.record)
app.command("changes")(changes.list_changes)
app.command("change")(changes.show_change)


@app.command("parse")
def parse(
    context: typer.Context,
    source: Annotated[str, typer.Argument(metavar="ID", help="信息源 Source.")],
    files: Files,
    url: Annotated[
        str, typer.Option(help="抓取的网址 Address the first file came from; empty: that of the source's list.")
    ] = "",
    at: Annotated[str, typer.Option(metavar="ISO", help="抓取时间 When; entries of its future are named.")] = "",
) -> None:
    """解析抓取的文件，每条提醒一行 JSON。Parse captured files: one JSON object per advisory."""
    moment(at)
    when = parse_moment(at) if at else SystemClock().now()
    publisher = context.obj.publisher(source)
    found = _parse(publisher, files, url, when)
    checked = check(publisher.CARD, found, when, None) if at else found
    lines(advisory_json(advisory) for advisory in checked.advisories)
    for one in checked.quarantined:
        remark(t("Not read: {entry}: {reason}", entry=one.entry, reason=one.reason))
    for note in checked.notes:
        remark(note)
    raise typer.Exit(1 if checked.quarantined else 0)


@app.command("diff")
def diff(
    context: typer.Context,
    source: Annotated[str, typer.Argument(metavar="ID", help="信息源 Source.")],
    old: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="旧 Older capture.")],
    new: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="新 Newer capture.")],
) -> None:
    """比较两次抓取，每个变化一行 JSON。Compare two captures: one JSON object per change. It has no memory: falls are not confirmed."""
    publisher = context.obj.publisher(source)
    later = SystemClock().now()
    before, after = (_parse(publisher, [one], "", later) for one in (old, new))
    found = between(publisher.CARD, before, after, later)
    lines(change_json(change) for change in found.changes)
    for note in found.notes:
        remark(note)


@app.command("held")
def held(context: typer.Context, json: Json = False) -> None:
    """被拦下的成批变化。Changes that came too many at once and wait for an officer."""
    here: Context = context.obj
    with reading(here.office.engine) as connection:
        waiting = store.undecided(connection, held=True)
    if json:
        lines(change_json(one.change) for one in waiting)
        return
    rows = [
        (one.id, one.change.source, one.change.kind.value, one.change.advisory.title, one.change.reason)
        for one in waiting
    ]
    table([t("Number"), t("Source"), t("Change"), t("Title"), t("Why")], rows)


@app.command("release")
def release(
    context: typer.Context, source: Annotated[str, typer.Argument(metavar="ID", help="信息源 Source.")]
) -> None:
    """放行被拦下的变化，下次运行按规则处理。Let held changes go on: the next night decides them by the policy."""
    here: Context = context.obj
    require_office(here.actor)
    with writing(here.office.engine) as connection:
        count = store.release_held(connection, source)
        _record(connection, here, "changes.release", source)
    say(t("{count} changes of {source} go on to the policy.", count=count, source=source))


@app.command("dismiss")
def dismiss(
    context: typer.Context, source: Annotated[str, typer.Argument(metavar="ID", help="信息源 Source.")]
) -> None:
    """不再处理被拦下的变化。Close held changes without telling anybody."""
    here: Context = context.obj
    require_office(here.actor)
    with writing(here.office.engine) as connection:
        count = store.dismiss_held(connection, source, actor=here.actor.name, now=here.office.clock.now())
        _record(connection, here, "changes.dismiss", source)
    say(t("{count} changes of {source} are closed.", count=count, source=source))


def classify(
    at: Annotated[str, typer.Option(metavar="ISO", help="时间 Time the texts are from.")] = "",
) -> None:
    """从标准输入逐行判读标题。Read one text per line from standard input: countries, level, hazards."""
    moment(at)
    for line in sys.stdin:
        text = line.rstrip("\n")
        if not text.strip():
            continue
        found = read_title(text)
        as_json({
            "text": text, "countries": list(found.countries), "ambiguous": list(found.ambiguous),
            "level": level_json(found.level), "level_words": found.level_words,
            "hazards": [hazard.value for hazard in found.hazards], "acute": found.acute,
        })  # fmt: skip


def _parse(publisher: Publisher, files: list[Path], url: str, when: Any) -> Reading:
    """Parse each file as a list of the source, and put the readings together."""
    readings = []
    for path in files:
        kind = mimetypes.guess_type(path.name)[0] or ""
        capture = Capture(publisher.CARD.id, url or publisher.CARD.url, when, path.read_bytes(), kind)
        try:
            readings.append(publisher.parse(capture))
        except SourceBroken as error:
            raise BadInput(t("{path}: {reason}", path=path, reason=error.message)) from error
    whole = Reading(
        tuple(a for r in readings for a in r.advisories), tuple(q for r in readings for q in r.quarantined),
        tuple(n for r in readings for n in r.notes), all(r.complete for r in readings),
    )  # fmt: skip
    return clean(whole)


def _record(connection: Any, here: Context, action: str, source: str) -> None:
    audit.record(
        connection, actor=here.actor.name, action=action, subject=f"source/{source}", now=here.office.clock.now()
    )
