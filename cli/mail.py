"""`lingbao mail`: undeliverable mail that came back."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from cli.context import Context
from cli.show import as_json, say
from core.errors import WrongUse
from core.i18n import t
from notify import returns
from registry.actors import require_office

app = typer.Typer(no_args_is_help=True)


@app.callback()
def mail() -> None:
    """邮件退信。Undeliverable mail."""


@app.command("bounces")
def bounces(
    context: typer.Context,
    files: Annotated[
        list[Path] | None,
        typer.Argument(help="退信原文文件；空：读设置中的信箱 Mails as files; none: the mailbox of the settings."),
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="输出 JSON Print JSON.")] = False,
) -> None:
    """读取退信：记为未送达，停用不存在的邮箱。Read bounces: notices are marked, mailboxes that are not there are stopped."""
    here: Context = context.obj
    require_office(here.actor)
    if files:
        found = returns.Returned()
        for path in files:
            try:
                raw = path.read_bytes()
            except OSError as error:
                raise WrongUse(t("{path} cannot be read.", path=path)) from error
            returns.take(here.office, raw, found)
    else:
        found = returns.collect(here.office)
    if json:
        as_json(asdict(found))
        return
    say(t("{bounces} bounces, {stopped} addresses stopped, {left} mails that are no bounce of ours left for a person.",
          bounces=found.bounces, stopped=found.stopped, left=found.left))  # fmt: skip
