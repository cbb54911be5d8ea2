"""`lingbao people import`, `imports` and `export`: people as files, of no company in, of everybody one may see out."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import IO, Annotated

import typer

from cli.context import Context
from cli.imports import show_imports, tell_import
from cli.rosters import File, Json
from cli.show import as_json, language, remark, say
from core.database import reading, writing
from core.errors import WrongUse
from core.i18n import t
from notify.manual import read_countries
from registry.actors import Actor, require_office
from registry.employers import find_employer
from registry.enrol import index_key
from registry.export import ExportPage, export_pages, record_export
from registry.export_files import Form, write_people
from registry.roster.apply import Residents, import_roster, preview_roster
from registry.roster.check import check_roster
from registry.roster.undo import imports_of
from registry.scope.people import Chosen
from registry.tables import Ground


class HeldOn(StrEnum):
    """On what ground the office itself may hold people (PIPL art. 13): its duty by law, or their consent."""

    STATUTORY = Ground.STATUTORY.value
    CONSENT = Ground.CONSENT.value


def import_(
    context: typer.Context,
    file: File,
    apply: Annotated[bool, typer.Option("--apply", help="写入 Write it; without, only a preview.")] = False,
    ground: Annotated[
        HeldOn,
        typer.Option(
            help="新登记者的合法性基础：法定职责或本人同意 Legal ground for new people: duty by law, or consent."
        ),
    ] = HeldOn.STATUTORY,
    foreign: Annotated[
        bool,
        typer.Option(
            "--foreign", help="新登记者均已单独同意经境外服务商发送 New people agreed separately to providers abroad."
        ),
    ] = False,
    json: Json = False,
) -> None:
    """导入不属于任何单位的人员（留学生、自由职业者、家属）；不加 --apply 只预览。Take residents of no company into the register."""
    here: Context = context.obj
    actor = here.actor  # proven in a transaction of its own: not inside the one below
    require_office(actor)
    now = here.office.clock.now()
    report = check_roster(file.read_bytes(), file.name, now.date())
    residents = Residents(Ground(ground.value), foreign)
    done = None
    with writing(here.office.engine) as connection:
        secret = index_key(connection, here.office.keys)
        if apply:
            done = import_roster(
                connection, actor, residents, report, keys=here.office.keys, index_key=secret, now=now
            )  # fmt: skip
        plan = done.plan if done else preview_roster(connection, actor, residents, report, index_key=secret)
    tell_import(report, plan, done, json=json)
    raise typer.Exit(0 if report.clean else 1)


def imports(context: typer.Context, json: Json = False) -> None:
    """已导入且未撤销的人员文件；撤销用 roster undo。Files of residents that were applied and stand; `roster undo` takes one back."""
    here: Context = context.obj
    actor = here.actor
    require_office(actor)
    with reading(here.office.engine) as connection:
        found = imports_of(connection, actor, None)
    show_imports(found, json=json)


def export(
    context: typer.Context,
    country: Annotated[str, typer.Option(metavar="XX", help="只要在此国家（地区）的 Only those there.")] = "",
    employer: Annotated[str, typer.Option(metavar="CODE", help="派出单位代码 Employer.")] = "",
    residents: Annotated[
        bool, typer.Option("--residents", help="只要不属于任何单位的 Only those of no company.")
    ] = False,
    form: Annotated[Form, typer.Option("--format", help="格式 Format.")] = Form.CSV,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output", "--out", metavar="FILE", help="写到文件（仅本人可读） Write to a file only its owner can read."
        ),
    ] = None,
    json: Json = False,
) -> None:
    """导出人员（可再导入），每段停留一行；有审计记录。Write people as a roster that can be imported again, one row per stay; audited."""
    here: Context = context.obj
    actor = here.actor  # proven in a transaction of its own: not inside the one below
    if residents and employer:
        raise WrongUse(t("Give either --employer or --residents: a resident is of no company."))
    if output is None and json:
        form = Form.JSONL
    if output is None and form is Form.XLSX:
        raise WrongUse(t("An .xlsx needs a file: give --output FILE."))
    if output is not None:
        _refuse_if_there(output)
    code = read_countries([country])[0] if country else None
    with reading(here.office.engine) as connection:
        company = find_employer(connection, actor, employer).employer_id if employer else None
    chosen = Chosen(code, company, residents)
    written = Written()
    folder = output.parent if output is not None else None
    with tempfile.NamedTemporaryFile(dir=folder, prefix=".people-", delete=False) as handle:  # 0600
        try:
            _write(here, actor, chosen, handle, form, written)
            _hand_over(handle, output)
        finally:
            Path(handle.name).unlink(missing_ok=True)
    _tell(written, actor, output, json=json)


@dataclass
class Written:
    """What went into a file so far."""

    rows: int = 0
    people: int = 0
    ids: list[str] = field(default_factory=list)

    def count(self, pages: Iterator[ExportPage]) -> Iterator[ExportPage]:
        """Pass pages on and count them."""
        for page in pages:
            self.rows += len(page.rows)
            self.people += page.people
            self.ids.append(page.ids)
            yield page


def _write(here: Context, actor: Actor, chosen: Chosen, handle: IO[bytes], form: Form, written: Written) -> None:
    """Write the file, then the audit: nobody gets a line of it before the look is durable."""
    now = here.office.clock.now()
    with reading(here.office.engine) as connection:
        pages = written.count(export_pages(connection, actor, here.office.keys, chosen))
        write_people(handle, pages, form, language(), now.date())
    handle.flush()
    os.fsync(handle.fileno())
    with writing(here.office.engine) as connection:
        record_export(connection, actor, written.ids, now)


def _hand_over(handle: IO[bytes], output: Path | None) -> None:
    """Give the file its name, or its content to whoever reads stdout."""
    if output is None:
        handle.seek(0)
        shutil.copyfileobj(handle, sys.stdout.buffer)
        sys.stdout.flush()
        return
    _refuse_if_there(output)  # once more: it took a while
    Path(handle.name).rename(output)


def _refuse_if_there(output: Path) -> None:
    if output.exists():
        raise WrongUse(t("{path} is there already.", path=output))
    if not output.parent.is_dir():
        raise WrongUse(t("There is no folder {path}.", path=output.parent))


def _tell(written: Written, actor: Actor, output: Path | None, *, json: bool) -> None:
    if output is not None and json:
        as_json({"file": str(output), "people": written.people, "rows": written.rows, "masked": not actor.sees_plain})
    elif output is not None:
        say(
            t(
                "Written to {path}: {rows} rows of {people} people.",
                path=output,
                rows=written.rows,
                people=written.people,
            )
        )
    if not actor.sees_plain:
        remark(t("Names, addresses and contacts are masked: this file cannot be imported."))
