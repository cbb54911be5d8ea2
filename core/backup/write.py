"""Writing a backup: one picture of the database while it runs, and what the home directory needs, into one file."""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import BinaryIO

import pyrage
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, Engine, select

from core.backup import home
from core.backup.faults import BackupFailed
from core.backup.manifest import Manifest
from core.backup.rows import Shape, note_of, parts, shapes
from core.backup.sealing import sealed
from core.backup.tape import Tape, writing_tape
from core.database import reading
from core.errors import WrongUse
from core.i18n import t
from core.settings import Settings
from core.tables import Instance, Seal, table

SUFFIX, PLAIN_SUFFIX = ".age", ".tar.gz"
_STAMP = re.compile(r"-\d{8}T\d{6}Z")


@dataclass(frozen=True)
class Written:
    """A backup that was written: where, what is in it, how large it is in bytes."""

    path: Path
    manifest: Manifest
    size: int


def write_backup(
    engine: Engine, settings: Settings, target: Path, now: datetime, *, recipient: str, rows_only: bool = False
) -> Written:
    """Write a backup. Others may write to the database meanwhile: what they write is not in it.

    Args:
        recipient: public key to which it is sealed; empty: it is not sealed, and must not leave this machine.
        rows_only: without keys and files: for a copy that stays in the home directory.

    Raises:
        WrongUse: there is a file of that name already.
        WrongSetting: `recipient` is no public key.
        BackupFailed: it cannot be written. Nothing is left of it.
    """
    if target.exists():
        raise WrongUse(t("{path} exists already: a backup never takes the place of another file.", path=target))
    # Before the picture is taken: an answer that is read from the spool meanwhile would be in neither.
    lines, waiting = ([], []) if rows_only else (home.key_lines(settings), home.waiting(settings.home))
    with _draft(target) as raw, reading(engine) as connection:
        found = shapes(connection)
        manifest = _manifest(connection, found, now)
        with _sealed(raw, recipient) as stream, writing_tape(stream) as tape:
            tape.manifest(manifest.written())
            if not rows_only:
                _keys(tape, settings, lines)
            for path, content in waiting:
                tape.file(path, content)
            for shape in found:
                for part in parts(connection, shape):
                    tape.rows(shape.table.name, part)
            for path, content in () if rows_only else home.kept(settings):
                tape.file(path, content)
    return Written(target, manifest, target.stat().st_size)


def _keys(tape: Tape, settings: Settings, before: Sequence[str]) -> None:
    """Write the master keys as they were just before and just after: they may be rotated at this very moment."""
    lines = list(dict.fromkeys([*home.key_lines(settings), *before]))
    if lines:
        tape.file(home.KEYS, "".join(f"{line}\n" for line in lines).encode())


def _manifest(connection: Connection, found: Sequence[Shape], now: datetime) -> Manifest:
    one, seal = table(Instance), table(Seal)
    here = connection.execute(select(one.c.uid, one.c.mode).where(one.c.id == 1)).one()
    last = connection.execute(select(seal.c.id, seal.c.link).order_by(seal.c.id.desc()).limit(1)).first()
    schema = MigrationContext.configure(connection).get_current_revision() or ""
    notes = tuple(note_of(connection, shape) for shape in found)
    number, link = (0, "") if last is None else last
    return Manifest(_program(), schema, here.uid, here.mode, now, notes, number, link)


def _program() -> str:
    try:
        return version("lingbao")
    except PackageNotFoundError:
        return ""


@contextmanager
def _sealed(raw: BinaryIO, recipient: str) -> Iterator[BinaryIO]:
    if not recipient:
        yield raw
        return
    with sealed(raw, recipient) as stream:
        yield stream


@contextmanager
def _draft(target: Path) -> Iterator[BinaryIO]:
    """Give a file for the owner's eyes only that takes its name when it is whole and on the disk; else nothing is left of it."""
    draft = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        draft.unlink(missing_ok=True)  # of a process with our number, long dead
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as handle:
            yield handle
            handle.flush()
            os.fsync(handle.fileno())
        draft.rename(target)
        sync_folder(target.parent)
    except (OSError, pyrage.EncryptError) as error:
        raise BackupFailed(
            t("The backup cannot be written to {path}: {error}", path=target, error=str(error))
        ) from error
    finally:
        with contextlib.suppress(OSError):  # it has its name by now, or there is no such place
            draft.unlink()


def sync_folder(folder: Path) -> None:
    """Wait until the names in a folder are on the disk."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def file_name(begin: str, now: datetime, suffix: str = SUFFIX) -> str:
    """Return the name of a new backup: `begin` and the moment, so that names sort by age."""
    return f"{begin}-{now:%Y%m%dT%H%M%SZ}{suffix}"


def in_folder(folder: Path, begin: str) -> list[Path]:
    """Return the backups in a folder whose names were made with `begin`, the newest first."""
    found = [
        path for path in folder.glob(f"{begin}-*")
        if _STAMP.fullmatch(path.name.removeprefix(begin).removesuffix(SUFFIX).removesuffix(PLAIN_SUFFIX))
    ]  # fmt: skip
    return sorted(found, reverse=True)


def keep_newest(folder: Path, begin: str, count: int) -> list[Path]:
    """Delete all but the newest backups of that name in a folder; return what was deleted."""
    over = in_folder(folder, begin)[count:]
    for path in over:
        path.unlink(missing_ok=True)
    return over
