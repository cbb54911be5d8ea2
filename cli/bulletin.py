"""`lingbao bulletin`: the weekly bulletin as a draft, as it was released, and its release."""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path
from typing import Annotated

import typer

from cli.context import Context
from cli.show import as_json, language, remark, say, table
from core.clock import iso
from core.database import reading
from core.errors import BadInput, NotFound, WrongUse
from core.i18n import t
from notify.bulletin import correct as correcting
from notify.bulletin import release as releasing
from notify.bulletin import store
from notify.bulletin.draft import draft as drafted
from notify.bulletin.week import Week, week_at, week_named
from notify.bulletin.word import docx
from notify.mailings.once import Fate, Outcome
from notify.markup import page

app = typer.Typer(no_args_is_help=False)
WeekOption = Annotated[
    str, typer.Option("--week", metavar="2026-W47", help="哪一周 Which week; none: the present one.")
]
Json = Annotated[bool, typer.Option("--json", help="输出 JSON Print JSON.")]
FORMS = (".docx", ".html", ".md")


@app.callback(invoke_without_command=True)
def bulletin(
    context: typer.Context,
    week: WeekOption = "",
    out: Annotated[
        Path | None, typer.Option(metavar="FILE", help="写成 .docx、.html 或 .md Write it as one of these.")
    ] = None,
) -> None:
    """境外安全周报：已发布的版本，否则为草稿。The weekly bulletin as it was released; else the draft as it would be now."""
    if context.invoked_subcommand is not None:
        return
    here: Context = context.obj
    here.keep_companies_out()
    chosen = _week(here, week)
    try:
        found = releasing.released(here.office, chosen)
        text, is_draft = found.markdown, False
    except NotFound:
        text, is_draft = drafted(here.office, chosen, language()), True
    if is_draft:
        remark(t("{week}: a draft, not released.", week=chosen.name))
    if out is None:
        sys.stdout.write(text)
    else:
        _write(out, text, chosen)
        say(t("Written: {path}", path=out))


@app.command("draft")
def draft(
    context: typer.Context,
    week: WeekOption = "",
    out: Annotated[
        Path | None, typer.Option(metavar="FILE.md", help="写到哪里 Where to; none: bulletins/ in the home directory.")
    ] = None,
    again: Annotated[bool, typer.Option("--again", help="覆盖已有草稿 Write over a draft that is there.")] = False,
) -> None:
    """写出可编辑的草稿（Markdown）。Write the draft of a week as Markdown, for the office to edit."""
    here: Context = context.obj
    here.keep_companies_out()
    chosen = _week(here, week)
    path = out or here.settings.home / "bulletins" / f"{chosen.name}.md"
    if path.exists() and not again:
        raise WrongUse(t("{path} is there already and may have been edited. To write over it: --again", path=path))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(drafted(here.office, chosen, language()), encoding="utf-8")
    say(
        t(
            "Draft written: {path}. Edit it, then: lingbao bulletin release --week {week} --file {path}",
            path=path,
            week=chosen.name,
        )
    )


@app.command("release")
def release(
    context: typer.Context,
    file: Annotated[Path, typer.Option(metavar="FILE.md", help="编辑好的文件 The edited file.")],
    week: WeekOption = "",
    json: Json = False,
) -> None:
    """发布：封存并邮寄各派出单位，每周每单位一次。Release: seal it and mail it to each company, once a week."""
    here: Context = context.obj
    actor, chosen = here.actor, _week(here, week)
    found = releasing.release(here.office, actor, chosen, _text_of(file), language())
    outcomes = releasing.send(here.office, chosen, by=actor.name)
    _tell(here, chosen, found.sha256, outcomes, json=json)


@app.command("correct")
def correct(
    context: typer.Context,
    file: Annotated[Path, typer.Option(metavar="FILE.md", help="改好的文件 The mended file.")],
    note: Annotated[str, typer.Option(help="更正说明，一句话，印在标题下 What was wrong: a sentence below the title.")],
    week: WeekOption = "",
    json: Json = False,
) -> None:
    """更正已发布的周报：封存新一版，标“更正”，寄给收到过的单位。Correct a released bulletin: a marked edition, to those who got it."""
    here: Context = context.obj
    actor, chosen = here.actor, _week(here, week)
    found = correcting.correct(here.office, actor, chosen, _text_of(file), note)
    outcomes = releasing.send(here.office, chosen, by=actor.name)
    _tell(here, chosen, found.sha256, outcomes, json=json)


@app.command("list")
def list_(context: typer.Context, json: Json = False) -> None:
    """已发布的周报。The bulletins that were released."""
    here: Context = context.obj
    here.keep_companies_out()
    with reading(here.office.engine) as connection:
        found = store.every(connection)
    if json:
        as_json([{"week": one.week, "title": one.title, "sha256": one.sha256, "released_at": iso(one.released_at),
                  "released_by": one.released_by} for one in found])  # fmt: skip
    else:
        table([t("Week"), t("Title"), t("Released"), t("Released by")],
              [(one.week, one.title, iso(one.released_at), one.released_by) for one in found])  # fmt: skip


def _text_of(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(t("{path} cannot be read as text.", path=file)) from error


def _week(here: Context, name: str) -> Week:
    zone = here.settings.zone
    return week_named(name, zone) if name else week_at(here.office.clock.now(), zone)


def _write(path: Path, text: str, week: Week) -> None:
    if path.suffix not in FORMS:
        raise WrongUse(t("{path}: write it as .docx, .html or .md.", path=path))
    title = f"{text.splitlines()[0].lstrip('# ')} {week.name}"
    if path.suffix == ".docx":
        path.write_bytes(docx(text, title, language(), week.ends))
    else:
        path.write_text(page(text, title, language(), red=True) if path.suffix == ".html" else text, encoding="utf-8")


def _tell(here: Context, week: Week, digest: str, outcomes: list[Outcome], *, json: bool) -> None:
    counts = Counter(one.fate for one in outcomes)
    lost = counts[Fate.FAILED] + counts[Fate.GIVEN_UP] + counts[Fate.WAITING]
    if json:
        as_json({"week": week.name, "sha256": digest} | {fate.value: counts[fate] for fate in Fate})
    else:
        say(t("Bulletin {week} is released: {sent} companies are being mailed, {there} had it, {failed} could not be mailed, {without} "
              "have no mail address.", week=week.name, sent=counts[Fate.SENT], there=counts[Fate.THERE], failed=lost,
              without=counts[Fate.WITHOUT]))  # fmt: skip
    raise typer.Exit(1 if lost or counts[Fate.WITHOUT] else 0)
