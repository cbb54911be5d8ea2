"""`lingbao night` and `lingbao brief`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from cli.context import Context
from cli.show import as_json, out, remark
from core.clock import parse_moment
from core.errors import WrongUse
from core.i18n import t
from notify.brief import brief as brief_text
from notify.night import choose_sources
from notify.rundown import language, last_night
from sources.model import Authority


def night(
    context: typer.Context,
    captures: Annotated[
        Path | None, typer.Option(help="重放这个目录里的抓取 Replay the captures of this directory.")
    ] = None,
    source: Annotated[list[str] | None, typer.Option(help="只读这些信息源 Only these sources.")] = None,
    authority: Annotated[list[Authority] | None, typer.Option(help="只读这些来源 Only home, hazard or peer.")] = None,
    at: Annotated[str, typer.Option(metavar="ISO", help="所处理的夜晚 The night being worked.")] = "",
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="只看不做 Read and decide, keep and send nothing.")
    ] = False,
    json: Annotated[bool, typer.Option("--json", help="输出 JSON Print JSON.")] = False,
) -> None:
    """运行一次：读取信息源、比对、发送、核对。Work one night: read, compare, send, prove."""
    here: Context = context.obj
    here.keep_companies_out()
    moment(at)
    choose_sources(here.office, source or (), authority or ())
    if captures is not None and not (captures / "captures.toml").is_file():
        raise WrongUse(t("There is no captures.toml in {path}.", path=captures))
    summary = work(here, source, authority, at, captures, dry_run)
    if json:
        as_json(summary)
    else:
        show(here, summary)
    raise typer.Exit(0 if summary["status"] == "Completed" and not summary["gaps"] else 1)


def moment(at: str) -> None:
    """Check the time given with `--at`.

    Raises:
        WrongUse: it is no ISO time with a zone.
    """
    try:
        parse_moment(at or "2000-01-01T00:00:00Z")
    except ValueError as error:
        raise WrongUse(
            t("--at: write an ISO time with a zone, such as 2026-10-05T00:00:00Z, not “{text}”.", text=at)
        ) from error


def work(
    here: Context,
    source: list[str] | None,
    authority: list[Authority] | None,
    at: str,
    captures: Path | None,
    dry_run: bool,
) -> dict[str, Any]:
    """Run the night flow in this process and return its summary."""
    from stamina.instrumentation import set_on_retry_hooks

    from flows.prepare import prepare

    prepare(here.settings.home)
    # Every second try for a page would be a line; offline, hundreds. How the source ended in the end is told once.
    set_on_retry_hooks([])
    remark(t("Starting the night …"))
    from flows.night import night as flow

    state = flow(
        source, authority, at or None, str(captures.resolve()) if captures else None, dry_run, return_state=True
    )
    result: Any = state.result(raise_on_failure=False)
    if isinstance(result, BaseException):
        raise result
    return dict(result)


def show(here: Context, summary: dict[str, Any]) -> None:
    """Print the brief of a run."""
    text = brief_text(summary, here.settings.office_name, here.settings.zone, language(here.office))
    out.print(text, markup=False, highlight=False, soft_wrap=True)


def brief(context: typer.Context) -> None:
    """晨报：上一次运行的结果和现在的待办。The brief of the last night, as things stand now."""
    here: Context = context.obj
    here.keep_companies_out()
    show(here, last_night(here.office))
