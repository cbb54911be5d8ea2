"""Restoring an office out of a backup, and the check of a backup: the same, into a place that is thrown away."""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection, Engine, MetaData
from sqlalchemy.engine import make_url

from core.backup.home import KEYS, key_lines
from core.backup.manifest import Manifest
from core.backup.read import Restored, is_empty, read_backup
from core.clock import iso
from core.database import empty_log, open_engine, reading, writing
from core.errors import WrongSetting, WrongUse
from core.i18n import Message, t
from core.keys import KEY_FILE, KeyGone, MasterKeys, parse_keys
from core.settings import FILE_NAME, Settings
from notify.ledger.check import Checked, check
from notify.restoring import settle_in
from notify.safety.links import Links
from notify.store import restoring as store
from notify.wrapped import WRAPPED
from registry.enrol import index_key
from sources.archive import Archive

SAMPLE = 100
"""Data keys of each kind that are opened to see whether the master keys are the right ones: the oldest and the newest."""

BESIDE = ".restored"


@dataclass(frozen=True)
class Report:
    """What came of a backup that was read whole.

    Attributes:
        missing: tables that do not have as many rows as the backup says: name, said, found.
        ledger: the check of the books.
        sealed_keys: data keys that were tried, and `shut` those that no master key opened.
        remarks: what whoever restores must know or do.
    """

    manifest: Manifest
    missing: tuple[tuple[str, int, int], ...]
    ledger: Checked
    sealed_keys: int
    shut: int
    remarks: tuple[Message, ...] = ()

    @property
    def holds(self) -> bool:
        """Tell whether nothing is wrong."""
        return self.ledger.holds and not self.missing and not self.shut


def check_backup(settings: Settings, path: Path, secret: str) -> Report:
    """Read a backup to its end into a place of its own in the home directory, and prove what it holds. Nothing is left of it.

    Raises: as `core.backup.read.read_backup`.
    """
    settings.home.mkdir(parents=True, exist_ok=True, mode=0o700)
    with tempfile.TemporaryDirectory(prefix=".check-", dir=settings.home) as scratch:
        folder = Path(scratch)
        engine = open_engine(f"sqlite:///{folder / 'check.db'}")
        try:
            found = read_backup(path, secret, engine, folder / "home")
            return _report(engine, found, (folder / "home", settings.home), _keys(folder / "home", settings))
        finally:
            engine.dispose()


def restore(settings: Settings, path: Path, secret: str, now: datetime) -> Report:
    """Restore a backup into an empty home directory and an empty database, which may be of another kind than before.

    The copy is in mode `drill`, and nobody has claimed it: see `notify.restoring`.

    Raises:
        WrongUse: the place is not empty. Nothing was changed.
        Else as `core.backup.read.read_backup`: what was begun is taken away again.
    """
    settings.home.mkdir(parents=True, exist_ok=True, mode=0o700)
    with tempfile.TemporaryDirectory(prefix=".restore-", dir=settings.home) as scratch:
        folder = Path(scratch) / "home"
        folder.mkdir(mode=0o700)
        with _empty_database(settings) as engine:
            found = read_backup(path, secret, engine, folder)
            keys = _keys(folder, settings)
            if keys is None:
                raise WrongSetting(
                    t("The backup holds no master keys, and there are none here: put {path} in its place first, or nothing opens.",
                      path=settings.home / KEY_FILE)
                )  # fmt: skip
            _refuse_other_keys(folder, settings)
            with writing(engine) as connection:
                settle_in(connection, now, found.manifest.taken_at)
            report = _report(engine, found, (folder, settings.home), keys)
            empty_log(engine)
            remarks = _move_in(folder, settings)
    return Report(**{**report.__dict__, "remarks": (*remarks, *_window(found.manifest, now))})


def _window(manifest: Manifest, now: datetime) -> tuple[Message, ...]:
    minutes = max(0, round((now - manifest.taken_at).total_seconds() / 60))
    return (
        t("The backup shows {moment}. Alerts, notices, answers and changes of the {minutes} minutes since are not in it: look at what "
          "the providers and the paper say of that time.", moment=iso(manifest.taken_at), minutes=minutes),
        t("This copy is in mode drill. Live notices wait in it until an administrator says that it is the live one: "
          "`lingbao --as ADMIN db mode live --i-am-the-live-one`."),
    )  # fmt: skip


@contextmanager
def _empty_database(settings: Settings) -> Iterator[Engine]:
    """Give an empty database at the place of the settings; if anything fails, it is empty again."""
    url = make_url(settings.database)
    file = Path(url.database or "") if url.get_backend_name() == "sqlite" else None
    if file is not None and file.exists():
        raise WrongUse(t("{path} exists: a backup is restored only where there is no database yet.", path=file))
    draft = file.with_name(f".{file.name}.restoring") if file is not None else None
    _unlink(draft)
    engine = open_engine(settings.database if draft is None else f"sqlite:///{draft}")
    try:
        if not is_empty(engine):
            raise WrongUse(t("The database is not empty: a backup is restored only where there is no database yet."))
        try:
            yield engine
        except BaseException:
            if draft is None:
                _drop_all(engine)
            raise
        engine.dispose()
        if draft is not None and file is not None:
            draft.rename(file)
    finally:
        engine.dispose()
        _unlink(draft)


def _unlink(draft: Path | None) -> None:
    for suffix in ("", "-wal", "-shm") if draft is not None else ():
        Path(f"{draft}{suffix}").unlink(missing_ok=True)


def _drop_all(engine: Engine) -> None:
    """Empty a database that was empty before."""
    with writing(engine) as connection:
        found = MetaData()
        found.reflect(connection)
        found.drop_all(connection)


def _keys(folder: Path, settings: Settings) -> MasterKeys | None:
    """Return the master keys that came with the backup, and those that are here; None if there are none."""
    path = folder / KEYS
    lines = list(dict.fromkeys([*(path.read_text().split() if path.exists() else []), *key_lines(settings)]))
    return parse_keys(",".join(lines)) if lines else None


def _refuse_other_keys(folder: Path, settings: Settings) -> None:
    path, here = folder / KEYS, key_lines(settings)
    if path.exists() and here and not set(path.read_text().split()) <= set(here):
        raise WrongUse(
            t("There are other master keys here already ({path} or LINGBAO_MASTER_KEYS): take them away first.",
              path=settings.home / KEY_FILE)
        )  # fmt: skip


def _report(engine: Engine, found: Restored, homes: tuple[Path, Path], keys: MasterKeys | None) -> Report:
    # A backup from before an upgrade has no captures of its own: they are in the home directory.
    captures = Archive(next((one for one in homes if (one / "captures").exists()), homes[0]) / "captures")
    with reading(engine) as connection:
        tried, shut = _try_keys(connection, keys)
        links = Links.under(index_key(connection, keys)) if keys is not None and not shut else None
        ledger = check(connection, captures, links=links)
    return Report(found.manifest, tuple(found.missing()), ledger, tried, shut)


def _try_keys(connection: Connection, keys: MasterKeys | None) -> tuple[int, int]:
    """Open some data keys of each kind; return how many were tried, and how many stayed shut."""
    tried = shut = 0
    for column in WRAPPED if keys is not None else ():
        for wrapped in store.sample(connection, column, SAMPLE):
            tried += 1
            try:
                keys.unwrap(wrapped)  # type: ignore[union-attr]
            except KeyGone:
                shut += 1
    return tried, shut


def _move_in(folder: Path, settings: Settings) -> Sequence[Message]:
    """Put the files of the backup into the home directory; what is there already stays."""
    remarks = []
    _disarm(folder / FILE_NAME)
    for source in sorted(path for path in folder.rglob("*") if path.is_file()):
        inner = source.relative_to(folder)
        if inner == KEY_FILE and settings.master_keys.get_secret_value():
            continue  # they are given, and not to lie here
        target = settings.home / inner
        if target.exists():
            if target.read_bytes() == source.read_bytes():
                continue
            target = target.with_name(f"{target.name}{BESIDE}")
            remarks.append(t("{path} is here already; the one of the backup lies beside it.", path=target))
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        shutil.move(source, target)
    return remarks


def _disarm(path: Path) -> None:
    """Take the address of the database out of restored settings: it is that of the old instance, which may still be alive."""
    if path.exists():
        path.write_text(re.sub(r"(?m)^(\s*)(database_url\s*=)", r"\1# of the instance before: \2", path.read_text()))
