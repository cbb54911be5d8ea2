"""`lingbao night` and `lingbao brief`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from cli.context import Context
from cli.show import as_json, out, remark, say
from core.clock import parse_moment
from core.errors import WrongUse
from core.i18n import t
from notify import brief_mail
from notify.brief import brief as brief_text
from notify.mailings.once import Fate
from notify.night import choose_sources
from notify.rundown import has_findings, language, last_night
from registry.actors import SYSTEM
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
    raise typer.Exit(1 if has_findings(summary) else 0)


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


def brief(
    context: typer.Context,
    mail: Annotated[
        bool,
        typer.Option(
            "--mail", help="寄给 brief_to 中的工作人员，每天一次 Mail it to the officers of brief_to, once a day."
        ),
    ] = False,
) -> None:
    """晨报：上一次运行的结果和现在的待办。The brief of the last night, as things stand now."""
    here: Context = context.obj
    here.keep_companies_out()
    if not mail:
        show(here, last_night(here.office))
        return
    summary, text = brief_mail.look(here.office)
    done = brief_mail.send_brief(here.office, summary, text, by=here.actor.name if here.user else SYSTEM.name)
    lost = sum(one.fate not in {Fate.SENT, Fate.THERE} for one in done)
    say(t("The brief: {sent} mailed now, {there} had it, {lost} could not be mailed.", lost=lost,
          sent=sum(one.fate is Fate.SENT for one in done), there=sum(one.fate is Fate.THERE for one in done)))  # fmt: skip
    raise typer.Exit(1 if lost else 0)
