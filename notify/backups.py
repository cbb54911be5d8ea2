"""The backups of an office: at night, by hand, and before its schema is changed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import structlog
from sqlalchemy import Engine, select

from core.backup.write import PLAIN_SUFFIX, SUFFIX, Written, file_name, in_folder, keep_newest, write_backup
from core.database import at_head, reading, schema_version
from core.errors import WrongSetting
from core.i18n import t
from core.settings import Settings
from core.tables import Instance, table

log = structlog.get_logger(__name__)
NAME = "lingbao"
BEFORE = "before"
FOLDER = Path("backups")
"""In the home directory: what is written before an upgrade, and by hand if no other place is named."""

KEEP_BEFORE = 2
"""So many backups from before upgrades are kept: they hold people whom the register has erased since."""

BEFORE_FOR = timedelta(days=30)
"""After so long a backup from before an upgrade is deleted by the nightly run."""


@dataclass(frozen=True)
class Made:
    """A backup that was written, and the older ones that were deleted for it."""

    written: Written
    deleted: tuple[Path, ...] = ()


def back_up(engine: Engine, settings: Settings, now: datetime, target: Path | None, keep: int | None = None) -> Made:
    """Write a backup, sealed to the key of the settings.

    Args:
        target: a file that is not there yet, or a directory; None: the one of the settings, else `backups` in the home directory.
        keep: so many of the newest are kept in the directory; None: all of them.

    Raises:
        WrongSetting: no key is set.
        WrongUse: there is a file of that name.
        BackupFailed: it cannot be written.
    """
    if not settings.backup_recipient:
        raise WrongSetting(
            t(
                "backup_recipient: no key is set, and a backup is never written unsealed. Make one with `lingbao db recovery-key`."
            )
        )
    place = target or settings.backup_dir or settings.home / FOLDER
    as_file = target is not None and not target.is_dir() and target.suffix != ""
    path = place if as_file else place / file_name(NAME, now)
    written = write_backup(engine, settings, path, now, recipient=settings.backup_recipient)
    return Made(written, () if as_file or keep is None else tuple(keep_newest(place, NAME, keep)))


def nightly(engine: Engine, settings: Settings, now: datetime) -> Made | None:
    """Write the backup of the night if the settings name a key and a directory, and delete what is kept long enough."""
    _forget_before(settings, now)
    if not settings.backup_recipient or settings.backup_dir is None:
        return None
    return back_up(engine, settings, now, None, settings.backup_keep)


def newest(settings: Settings) -> datetime | None:
    """Return when the newest nightly backup was written; None if there is none, or the directory cannot be read."""
    found = in_folder(settings.backup_dir, NAME) if settings.backup_dir is not None else []
    try:
        return datetime.fromtimestamp(found[0].stat().st_mtime, UTC) if found else None
    except OSError:
        return None


def before_upgrade(engine: Engine, settings: Settings, now: datetime) -> Written | None:
    """Write the rows of a database with data whose schema is about to change; None if there is nothing to lose.

    Sealed if a key is set. Else as a plain file for its owner's eyes only, without keys: it lies in the home directory, beside
    the keys, and is as secret as the database is.

    Raises:
        BackupFailed: it cannot be written: the schema must not be changed then.
    """
    schema = schema_version(engine)
    if schema is None or at_head(engine) or not settings.backup_before_upgrade or not _has_data(engine):
        return None
    folder, begin = settings.home / FOLDER, f"{BEFORE}-{schema}"
    suffix = SUFFIX if settings.backup_recipient else PLAIN_SUFFIX
    path = folder / file_name(begin, now, suffix)
    if path.exists():
        return None  # another process was first, this very second
    made = write_backup(engine, settings, path, now, recipient=settings.backup_recipient, rows_only=True)
    log.info("backup before upgrade", file=path.name, schema=schema, rows=made.manifest.rows, bytes=made.size)
    for old in _before(folder)[KEEP_BEFORE:]:
        old.unlink(missing_ok=True)
    return made


def _has_data(engine: Engine) -> bool:
    with reading(engine) as connection:
        return connection.execute(select(table(Instance).c.id)).first() is not None


def _before(folder: Path) -> list[Path]:
    """Return the backups from before upgrades, whatever schema they are of, the newest first."""
    found = [*folder.glob(f"{BEFORE}-*-*{SUFFIX}"), *folder.glob(f"{BEFORE}-*-*{PLAIN_SUFFIX}")]
    return sorted(found, key=lambda path: path.name.rpartition("-")[2], reverse=True)


def _forget_before(settings: Settings, now: datetime) -> None:
    for path in _before(settings.home / FOLDER):
        try:
            if path.stat().st_mtime < (now - BEFORE_FOR).timestamp():
                path.unlink(missing_ok=True)
        except FileNotFoundError:
            continue
