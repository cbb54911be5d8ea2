"""`lingbao advisory`: notices that reach the office past all feeds."""

from __future__ import annotations

import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from cli.alert_schedule import read_moment
from cli.context import Context
from cli.show import as_json, remark, say
from core.errors import BadInput
from core.i18n import t
from notify.manual import read_countries
from notify.own.paste import LONGEST, Drafted, Pasted, paste
from registry.actors import require_office

app = typer.Typer(no_args_is_help=True)
MOST_BYTES = 4 * LONGEST + 1


@app.callback()
def group() -> None:
    """收到的提醒 Notices that reach the office past all feeds."""


@app.command("paste")
def paste_notice(
    context: typer.Context,
    origin: Annotated[str, typer.Option(help="来源，通知中会写明 Where it came from, as the notice will say.")],
    origin_en: Annotated[str, typer.Option(help="来源（英文） The same in English.")] = "",
    file: Annotated[
        Path | None,
        typer.Option(exists=True, dir_okay=False, help="文本文件；不写则读标准输入 Text file; none: stdin."),
    ] = None,
    country: Annotated[
        list[str] | None, typer.Option(help="国家（地区），可重复；不写则按标题 Countries; none: as its title says.")
    ] = None,
    home: Annotated[bool, typer.Option("--home", help="确为我使领馆、部委所发 An authority at home speaks.")] = False,
    link: Annotated[str, typer.Option(help="链接 Link.")] = "",
    issued: Annotated[str, typer.Option(metavar="ISO", help="发布时间 When it was issued.")] = "",
    json: Annotated[bool, typer.Option("--json", help="输出 JSON Print JSON.")] = False,
) -> None:
    """录入微信、电话等转来的提醒，生成草稿；不会发送。Paste a notice; it becomes a draft. Nothing is sent."""
    here: Context = context.obj
    require_office(here.actor)
    pasted = Pasted(
        _text(file), origin, origin_en, home, read_countries(country) if country else (), link,
        read_moment(issued) if issued else None,
    )  # fmt: skip
    done = paste(here.office, pasted, here.acting)
    if json:
        as_json(asdict(done))
    else:
        _tell(done)
    raise typer.Exit(0 if done.countries or not done.new else 1)


def _tell(done: Drafted) -> None:
    number = done.alert_id
    if not done.new:
        say(t("Exactly this text was pasted before: it is alert {number}.", number=number))
        return
    say(t("Draft {number} is written. Look at it: lingbao alert preview {number}", number=number))
    if not done.countries:
        remark(
            t(
                "Its title names no country we know. Which is meant? lingbao alert edit {number} --country …",
                number=number,
            )
        )
    for words in done.ambiguous:
        remark(t("This may mean several countries: {words}. Look before you submit it.", words=words))
    for words in done.unresolved:
        remark(t("This looks like a place and was not understood: {words}.", words=words))


def _text(file: Path | None) -> str:
    body = sys.stdin.buffer.read(MOST_BYTES) if file is None else file.read_bytes()[:MOST_BYTES]
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError:
        pass
    try:
        return body.decode("gb18030")
    except UnicodeDecodeError as error:
        raise BadInput(t("The text is neither UTF-8 nor GB18030.")) from error
