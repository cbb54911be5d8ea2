"""`lingbao sources record`: a capture and what was read from it, side by side, for a person to review."""

from __future__ import annotations

import json
import mimetypes
from pathlib import Path
from typing import Annotated, Any

import typer

from cli.context import Context
from cli.night import moment
from cli.show import remark, say
from core.clock import parse_moment
from core.errors import SourceBroken, WrongUse
from core.i18n import t
from sources.check import check
from sources.health import advice, ailment
from sources.model import Capture, Card, Reading
from sources.wire import store_advisory


def record(
    context: typer.Context,
    source: Annotated[str, typer.Argument(metavar="ID", help="信息源 Source.")],
    out: Annotated[Path, typer.Option(help="目录 Directory the folder ID is made in.")],
    url: Annotated[str, typer.Option(help="网址 Address; empty: that of the source's list.")] = "",
    file: Annotated[
        Path | None, typer.Option(exists=True, dir_okay=False, help="已有文件 Take this file instead of asking.")
    ] = None,
    at: Annotated[str, typer.Option(metavar="ISO", help="抓取时间 When FILE was fetched; empty: now.")] = "",
) -> None:
    """抓取并写成测试用文件夹，供人工核对。Fetch or take a capture, and write it with what was read from it, for review."""
    moment(at)
    publisher = context.obj.publisher(source)
    folder = out / source
    if folder.exists() and any(folder.iterdir()):
        raise WrongUse(t("{folder} is not empty: an expectation somebody wrote is never overwritten.", folder=folder))
    capture = _capture(context.obj, publisher.CARD, url or publisher.CARD.url, file, at)
    folder.mkdir(parents=True, exist_ok=True)
    page = folder / f"list{suffix(capture, file)}"
    page.write_bytes(capture.body)
    try:
        reading = publisher.parse(capture)
    except SourceBroken as error:
        remark(t("The bytes were kept in {path}; nothing could be read from them.", path=page))
        remark(advice(ailment(error.message)))
        raise
    expected = folder / "expected.json"
    expected.write_text(json.dumps(expectation(reading), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    believable = _believable(publisher.CARD, reading, capture)
    _review(publisher.CARD, reading, folder)
    raise typer.Exit(0 if believable and not reading.quarantined else 1)


def expectation(reading: Reading) -> dict[str, Any]:
    """Write a reading as it stands in the `expected.json` beside a capture."""
    return {
        "advisories": [store_advisory(one) for one in reading.advisories],
        "quarantined": [[one.entry, str(one.reason)] for one in reading.quarantined],
        "notes": [str(one) for one in reading.notes],
        "complete": reading.complete,
    }


def suffix(capture: Capture, file: Path | None) -> str:
    """Return the ending of the capture's file: as it was, as the header says, or as the first bytes look."""
    if file is not None and file.suffix:
        return file.suffix
    kind = capture.content_type.partition(";")[0].strip().lower()
    start = capture.body.removeprefix(b"\xef\xbb\xbf").lstrip()[:200].lower()
    if kind.endswith("json") or start[:1] in (b"{", b"["):
        return ".json"
    if kind.endswith("xml") or start.startswith(b"<?xml") or b"<rss" in start:
        return ".xml" if b"<html" not in start else ".html"
    return ".html"


def _capture(here: Context, card: Card, url: str, file: Path | None, at: str) -> Capture:
    now = here.office.clock.now()
    if file is not None:
        kind = mimetypes.guess_type(file.name)[0] or ""
        return Capture(card.id, url, parse_moment(at) if at else now, file.read_bytes(), kind)
    with here.office.desk(now, None) as desk:
        return desk.fetcher.get(card, url, None)


def _believable(card: Card, reading: Reading, capture: Capture) -> bool:
    """Say whether the night would believe this reading; a small sample of one's own need not be believable."""
    try:
        check(card, reading, capture.fetched_at, None)
    except SourceBroken as error:
        remark(error.message)
        remark(advice(ailment(error.message)))
        return False
    return True


def _review(card: Card, reading: Reading, folder: Path) -> None:
    """Say what a person must look at before these files mean anything."""
    found, levels = reading.advisories, sum(isinstance(one.level, int) for one in reading.advisories)
    say(
        t(
            "{folder}: {count} entries, {levels} with a level, {bad} not read.",
            folder=folder,
            count=len(found),
            levels=levels,
            bad=len(reading.quarantined),
        )
    )
    placeless = sum(not (one.countries or one.worldwide) for one in found)
    say(t("Review against the publisher's own page:"))
    say(t("- key, title, level and countries of every entry; {count} entries name no country", count=placeless))
    say(t("- dates in UTC, hazards, and every text under `unresolved` and `quarantined`"))
    say(t("- terms of use before it is shared: {terms}. In the project, put texts of your own in.", terms=card.terms))
