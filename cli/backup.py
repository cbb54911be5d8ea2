"""`lingbao db backup`, `check`, `restore` and `recovery-key`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from cli.context import Context
from cli.show import as_json, out, remark, say, table
from core.backup.read import outside
from core.backup.sealing import new_recovery_key
from core.clock import SystemClock, iso
from core.errors import WrongUse
from core.i18n import t
from notify.backups import back_up
from notify.restore import Report, check_backup, restore

Json = Annotated[bool, typer.Option("--json", help="输出 JSON Print JSON.")]
File = Annotated[Path, typer.Argument(metavar="FILE", help="备份文件 A backup.")]
Identity = Annotated[
    str,
    typer.Option(
        "--identity", metavar="FILE", help="恢复密钥文件，- 为标准输入 File with the secret key; - for stdin."
    ),
]
LONGEST_KEY = 4096
BEGINS = "AGE-SECRET-KEY-1"


def register(app: typer.Typer) -> None:
    """Put these commands under `lingbao db`."""
    app.command("recovery-key")(recovery_key)
    app.command("backup")(backup)
    app.command("check")(check)
    app.command("restore")(restore_)


def recovery_key(json: Json = False) -> None:
    """生成恢复密钥：私钥只显示一次，存入保险柜；公钥写入 lingbao.toml。Make the key of backups: the secret half is shown once,
    for the safe; the public half goes into lingbao.toml."""
    made = new_recovery_key()
    if json:
        as_json({"public": made.public, "secret": made.secret})
        return
    remark(
        t(
            "The secret half opens every backup. It is shown only now: write it down, or print it, and lock it away from this machine."
        )
    )
    out.print(made.secret, markup=False, highlight=False, soft_wrap=True)
    remark(t("This line goes into lingbao.toml in the home directory:"))
    out.print(f'backup_recipient = "{made.public}"', markup=False, highlight=False, soft_wrap=True)


def backup(
    context: typer.Context,
    target: Annotated[
        Path | None,
        typer.Argument(metavar="FILE|DIR", help="文件或目录；省略时用 backup_dir File or directory; else backup_dir."),
    ] = None,
    keep: Annotated[
        int | None, typer.Option(min=1, help="目录中只保留最新几份 Keep so many newest in the directory.")
    ] = None,
    json: Json = False,
) -> None:
    """备份：运行中也完整一致，只有恢复密钥能打开。Back everything up while it runs; only the recovery key opens it."""
    here: Context = context.obj
    here.keep_companies_out()
    made = back_up(here.office.engine, here.settings, here.office.clock.now(), target, keep)
    written = made.written
    if json:
        as_json({
            "file": str(written.path), "bytes": written.size, "rows": written.manifest.rows, "schema": written.manifest.schema,
            "taken_at": iso(written.manifest.taken_at), "deleted": [str(path) for path in made.deleted],
        })  # fmt: skip
        return
    say(t("Backup written: {path}, {rows} rows, {size} kB.", path=written.path, rows=written.manifest.rows,
          size=round(written.size / 1000)))  # fmt: skip
    if made.deleted:
        say(t("{count} older backups were deleted.", count=len(made.deleted)))


def check(context: typer.Context, file: File, identity: Identity = "", json: Json = False) -> None:
    """检查备份。无密钥：只看外观；有密钥：逐行核对、验证台账。Check a backup; with the key all of it: rows, ledger, keys."""
    here: Context = context.obj
    seen = outside(file)
    facts = {"file": str(file), "bytes": seen.size, "written_at": iso(seen.written_at), "sealed": seen.sealed}
    if seen.sealed and not identity:
        if json:
            as_json(facts | {"read": False})
        else:
            say(t("{path}: a sealed backup, {size} kB, written {moment}. Without the key no more can be said: --identity FILE.",
                  path=file.name, size=round(seen.size / 1000), moment=iso(seen.written_at)))  # fmt: skip
        return
    found = check_backup(here.settings, file, _secret(identity))
    _end(found, facts, json=json)


def restore_(context: typer.Context, file: File, identity: Identity = "", json: Json = False) -> None:
    """恢复到空目录和空数据库（可换数据库种类）；恢复后处于演练模式。Restore into an empty place, on either database; it starts in drill."""
    here: Context = context.obj
    found = restore(here.settings, file, _secret(identity), SystemClock().now())
    _end(found, {"file": str(file), "home": str(here.settings.home)}, json=json)


def _secret(identity: str) -> str:
    """Read the secret key: the line that is one, in a file of `recovery-key` as in one of age's own tools."""
    if not identity:
        return ""
    try:
        text = sys.stdin.read(LONGEST_KEY) if identity == "-" else Path(identity).read_text()[:LONGEST_KEY]
    except (OSError, UnicodeDecodeError) as error:
        raise WrongUse(t("The file with the secret key cannot be read: {path}", path=identity)) from error
    return next((line.strip() for line in text.splitlines() if line.startswith(BEGINS)), text.strip() or "-")


def _end(found: Report, facts: dict[str, Any], *, json: bool) -> None:
    if json:
        as_json(facts | _plain(found))
    else:
        _tell(found)
    raise typer.Exit(0 if found.holds else 1)


def _plain(found: Report) -> dict[str, Any]:
    what = found.manifest
    return {
        "read": True, "instance": what.instance, "mode": what.mode, "schema": what.schema, "program": what.program,
        "taken_at": iso(what.taken_at), "rows": what.rows, "missing": [list(one) for one in found.missing],
        "seals": found.ledger.seals, "ledger": found.ledger.holds, "keys": found.sealed_keys, "shut": found.shut,
        "holds": found.holds,
    }  # fmt: skip


def _tell(found: Report) -> None:
    what, ledger = found.manifest, found.ledger
    say(t("Instance {instance}, mode {mode}, schema {schema}, as of {moment}: {rows} rows in {tables} tables.",
          instance=what.instance, mode=what.mode, schema=what.schema, moment=iso(what.taken_at), rows=what.rows,
          tables=len(what.tables)))  # fmt: skip
    if found.missing:
        say(t("These tables do not have as many rows as the backup says:"))
        table([t("Table"), t("Said"), t("Found")], found.missing)
    if found.shut:
        say(t("{count} of {tried} data keys open with no master key of the backup: what they protect cannot be read.",
              count=found.shut, tried=found.sealed_keys))  # fmt: skip
    else:
        say(t("{tried} data keys were tried: all open.", tried=found.sealed_keys))
    if ledger.holds:
        say(t("The ledger holds: {seals} seals.", seals=ledger.seals))
    else:
        say(t("The ledger does not hold: {faults} seals, {texts} texts and {captures} captures. See `lingbao ledger verify`.",
              faults=len(ledger.faults), texts=len(ledger.wrong_texts), captures=len(ledger.wrong_captures)))  # fmt: skip
    for one in found.remarks:
        say(one)
