"""Reading a backup into an empty database and an empty folder. What it holds is proven before it is believed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, MetaData
from sqlalchemy.exc import DataError, IntegrityError

from core.backup.faults import BadBackup
from core.backup.home import is_known
from core.backup.manifest import Manifest, read_manifest
from core.backup.rows import Shape, fill, go_on_numbering, shapes
from core.backup.sealing import MAGIC, unsealed
from core.backup.tape import GZIP, Member, members
from core.database import MIGRATIONS, alembic_config, reading, upgrade, writing
from core.errors import WrongSetting, WrongUse
from core.i18n import t


@dataclass(frozen=True)
class Outside:
    """What can be said of a backup without its key: its size in bytes, when it was written, whether it is sealed."""

    size: int
    written_at: datetime
    sealed: bool


@dataclass(frozen=True)
class Restored:
    """What was read: the manifest, and how many rows of each table came."""

    manifest: Manifest
    rows: Counter[str]

    def missing(self) -> list[tuple[str, int, int]]:
        """Return the tables whose rows are not as many as the manifest says: name, said, found."""
        notes = self.manifest.tables
        return [(one.name, one.rows, self.rows[one.name]) for one in notes if one.rows != self.rows[one.name]]


def outside(path: Path) -> Outside:
    """Look at a backup from outside.

    Raises:
        WrongUse: there is no such file.
        BadBackup: it does not begin as a backup does.
    """
    with _opened(path) as handle:
        begins = handle.read(len(MAGIC))
    if begins != MAGIC and not begins.startswith(GZIP):
        raise BadBackup(t("{path} is no backup: it does not begin as one.", path=path.name))
    facts = path.stat()
    return Outside(facts.st_size, datetime.fromtimestamp(facts.st_mtime, UTC), begins == MAGIC)


@contextmanager
def _opened(path: Path) -> Iterator[BinaryIO]:
    try:
        handle = path.open("rb")
    except OSError as error:
        raise WrongUse(t("{path} cannot be read: {error}", path=path, error=str(error.strerror))) from error
    with handle:
        yield handle


@contextmanager
def _stream(path: Path, secret: str) -> Iterator[BinaryIO]:
    is_sealed = outside(path).sealed
    if is_sealed and not secret:
        raise WrongUse(t("This backup is sealed: give the secret key with --identity FILE."))
    with _opened(path) as handle:
        if not is_sealed:
            yield handle
            return
        with unsealed(handle, secret) as stream:
            yield stream


def is_empty(engine: Engine) -> bool:
    """Tell whether a database has no table at all."""
    with reading(engine) as connection:
        found = MetaData()
        found.reflect(connection)
        return not found.tables


def read_backup(path: Path, secret: str, engine: Engine, folder: Path) -> Restored:
    """Fill an empty database with the rows of a backup, bring it to the newest schema, and put its files into a folder.

    Args:
        secret: the secret key; empty if the backup is not sealed.

    Raises:
        WrongUse: the file cannot be read, or the key is missing.
        BadBackup: it does not open, or holds something that has no place in it. The database and the folder are as they were
            left: to be thrown away by the caller.
        WrongSetting: it was made by a newer version of this program.
    """
    with _stream(path, secret) as stream:
        tape = members(stream)
        first = next(tape, None)
        if first is None or not first.is_manifest:
            raise BadBackup(t("This is no backup of this program: it does not begin as one."))
        manifest = read_manifest(first.content)
        _make_tables(engine, manifest)
        try:
            with writing(engine) as connection:
                counts = _rows_and_files(connection, manifest, tape, folder)
        except (IntegrityError, DataError) as error:
            raise BadBackup(
                t("The rows of the backup contradict each other: {error}", error=str(error.orig)[:200])
            ) from error
    upgrade(engine)
    return Restored(manifest, counts)


def _make_tables(engine: Engine, manifest: Manifest) -> None:
    """Make the tables as they were when the backup was written."""
    known = {script.revision for script in ScriptDirectory(str(MIGRATIONS)).walk_revisions()}
    if manifest.schema not in known:
        raise WrongSetting(
            t("The backup is newer than this program (schema {found}, written by version {program}). Nothing was changed.",
              found=manifest.schema[:40], program=manifest.program[:40])
        )  # fmt: skip
    command.upgrade(alembic_config(engine), manifest.schema)


def _rows_and_files(connection: Connection, manifest: Manifest, tape: Iterator[Member], folder: Path) -> Counter[str]:
    here = {shape.table.name: shape for shape in shapes(connection)}
    notes = {note.name: note for note in manifest.tables}
    counts: Counter[str] = Counter()
    for member in tape:
        if member.is_manifest:
            raise BadBackup(t("The backup says twice what it is."))
        if member.path is not None:
            _put(folder, member.path, member.content)
        elif member.table in here and member.table in notes:
            columns = notes[member.table].columns
            counts[member.table] += fill(connection, here[member.table], columns, member.content)
        else:
            raise BadBackup(t("The backup does not fit its own schema: table {name}.", name=member.table))
    _each(connection, here, go_on_numbering)
    return counts


def _each(connection: Connection, here: dict[str, Shape], act: Callable[..., None]) -> None:
    for shape in here.values():
        act(connection, shape.table)


def _put(folder: Path, path: PurePosixPath, content: bytes) -> None:
    """Write a file of the tape into a folder that is empty at first: nobody else's file is in the way."""
    if not is_known(path):
        raise BadBackup(t("The backup holds something that has no place in one: {name}.", name=repr(str(path)[:80])))
    target = folder / path
    try:
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with target.open("xb") as handle:
            target.chmod(0o600)
            handle.write(content)
    except (FileExistsError, NotADirectoryError) as error:
        raise BadBackup(t("The backup holds a file twice: {name}.", name=repr(str(path)[:80]))) from error
