"""`lingbao sources list` and `lingbao sources check`: how the sources are, what is wrong and what to do."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer

from cli.context import Context
from cli.show import language, lines, remark, say, table
from core.database import reading
from core.i18n import Message, t
from notify.night import choose_sources
from notify.summary import source_json
from sources import store
from sources.catalog import is_on
from sources.health import advice, ailment, name
from sources.model import Card
from sources.read import SourceReport, SourceStatus, read_source
from sources.tables import SourceState
from sources.wire import load_message

Json = Annotated[bool, typer.Option("--json", help="输出 JSON Print JSON.")]


def list_sources(context: typer.Context, json: Json = False) -> None:
    """所有信息源和健康状况。All sources, and how they are."""
    here: Context = context.obj
    with reading(here.office.engine) as connection:
        known = store.states(connection)
    now = here.office.clock.now()
    rows = [
        _row(
            one.CARD, known.get(one.CARD.id) or SourceState(source_id=one.CARD.id), now, is_on(one.CARD, here.settings)
        )
        for one in here.office.sources.values()
    ]
    if json:
        lines({k: v.render(language()) if isinstance(v, Message) else v for k, v in row.items()} for row in rows)
        return
    zone = ZoneInfo(here.settings.zone)
    titles = [
        t("Source"),
        t("Publisher"),
        t("Authority"),
        t("On"),
        t("Entries"),
        t("Levels"),
        t("Last good read"),
        t("Age"),
    ]
    table(titles, [_cells(row, zone) for row in rows])
    for row in rows:
        if row["reason"] is not None:
            say(
                t(
                    "{source}: {count} tries failed: {reason}",
                    source=row["id"],
                    count=row["failures"],
                    reason=row["reason"],
                )
            )
    remark(
        t(
            "?: unproven, its real pages were never read; the first good live reading proves it. In brackets: what is believable."
        )
    )


def _row(card: Card, state: SourceState, now: datetime, on: bool) -> dict[str, Any]:
    """Describe one source; `age` is in seconds since the last good read, null if there never was one."""
    return {
        "id": card.id, "publisher": card.publisher_zh if language() == "zh" else card.publisher,
        "authority": card.authority.value, "shape": card.shape.value, "url": card.url, "language": card.language,
        "on": on, "unproven": card.unproven and state.proven_at is None, "proven_at": state.proven_at,
        "last_good_at": state.last_good_at, "failures": state.failures, "entries": state.entries,
        "entries_expected": list(card.entries), "known_levels": state.known_levels,
        "known_levels_expected": card.known_levels,
        "age": int((now - state.last_good_at).total_seconds()) if state.last_good_at else None,
        "reason": load_message(state.reason) if state.reason else None,
    }  # fmt: skip


def _cells(row: dict[str, Any], zone: ZoneInfo) -> list[object]:
    fewest, most = row["entries_expected"]
    good: datetime | None = row["last_good_at"]
    return [
        row["id"], row["publisher"], row["authority"], ("✓" if row["on"] else "–") + (" ?" if row["unproven"] else ""),
        f"{row['entries'] or '–'} ({fewest}–{most})", f"{row['known_levels'] or '–'} (≥{row['known_levels_expected']})",
        f"{good.astimezone(zone):%Y-%m-%d %H:%M}" if good else "",
        "" if row["age"] is None else age(timedelta(seconds=row["age"])),
    ]  # fmt: skip


def age(passed: timedelta) -> Message:
    """Return a length of time in its largest fitting unit: minutes below two hours, hours below two days, else days."""
    minutes = max(0, int(passed.total_seconds() // 60))
    if minutes < 120:
        return t("{count} min", count=minutes)
    if minutes < 2 * 24 * 60:
        return t("{count} h", count=minutes // 60)
    return t("{count} d", count=minutes // (24 * 60))


def check_sources(
    context: typer.Context,
    ids: Annotated[list[str] | None, typer.Argument(help="信息源 Sources; none: all.")] = None,
    json: Json = False,
) -> None:
    """现在读取一遍，不保存；说明问题和办法。Read the sources live now and keep nothing; say what is wrong and what to do."""
    here: Context = context.obj
    cards = choose_sources(here.office, ids or ())
    now = here.office.clock.now()
    with here.office.desk(now, None) as desk:
        reports = [read_source(here.office.sources[card.id], desk, now, dry_run=True) for card in cards]
    if json:
        lines(_json(report) for report in reports)
    else:
        table([t("Source"), t("State"), t("Entries"), t("Not read")], [_line(report) for report in reports])
        for report in reports:
            _explain(report)
    raise typer.Exit(
        0 if all(r.status is SourceStatus.READ and not (r.quarantined or r.unread) for r in reports) else 1
    )


def _json(report: SourceReport) -> dict[str, Any]:
    found = None if report.reason is None else ailment(report.reason)
    told = None if found is None else advice(found).render(language())
    return source_json(report, language()) | {"ailment": found, "advice": told}


def _line(report: SourceReport) -> tuple[object, ...]:
    state = report.status.value if report.reason is None else name(ailment(report.reason))
    return report.source, state, report.entries or "", len(report.quarantined) or ""


def _explain(report: SourceReport) -> None:
    """Say what is wrong with one source and what to do, and what of a good reading needs a look."""
    if report.reason is not None:
        say(report.reason)
        say(t("  → {advice}", advice=advice(ailment(report.reason))))
    for one in report.quarantined:
        say(t("{source}: not read: {entry}: {reason}", source=report.source, entry=one.entry, reason=one.reason))
    for note in (*report.unread, *report.notes):
        say(t("{source}: {note}", source=report.source, note=note))
