"""What of the home directory belongs into a backup: what cannot be made again. Never the database file, logs or Prefect's own."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath

from core.backup.faults import BackupFailed
from core.backup.tape import LARGEST
from core.i18n import t
from core.keys import KEY_FILE
from core.settings import FILE_NAME, Settings

KEYS = PurePosixPath(KEY_FILE.as_posix())
POLICY = PurePosixPath("policy.restored.toml")
"""Where a policy file comes to lie that was outside the home directory."""

WAITING = "spool"
FOLDERS = ("captures", "briefs", "bulletins", "tokens")
KNOWN = frozenset({FILE_NAME, str(POLICY), KEYS.parts[0], WAITING, *FOLDERS})
"""First parts of the paths a backup may hold, beside the policy file in the home directory."""

File = tuple[PurePosixPath, bytes]


def key_lines(settings: Settings) -> list[str]:
    """Return the master keys at hand, each as `name:base64`, the one in use first; wherever they came from."""
    given = settings.master_keys.get_secret_value()
    path = settings.home / KEY_FILE
    text = given or (path.read_text() if path.exists() else "")
    return [part for part in re.split(r"[,\s]+", text) if part]


def waiting(home: Path) -> list[File]:
    """Return what waits to be put into the database. To be read before the database is: then it is in one of them at least."""
    return list(_below(home, WAITING))


def kept(settings: Settings) -> Iterator[File]:
    """Give what lies beside the database for good: the settings, the policy file, captures, briefs, bulletins, tokens."""
    home, policy = settings.home, settings.policy_file
    yield from _one(home / FILE_NAME, PurePosixPath(FILE_NAME))
    if policy is not None:
        inside = policy.parent.resolve() == home.resolve()
        yield from _one(policy, PurePosixPath(policy.name) if inside else POLICY)
    for folder in FOLDERS:
        yield from _below(home, folder)


def is_known(path: PurePosixPath) -> bool:
    """Tell whether a path may stand in a backup: a folder of ours, or a file of settings."""
    alone = len(path.parts) == 1
    return path.parts[0] in KNOWN or (alone and path.suffix == ".toml" and not path.name.startswith("."))


def _below(home: Path, folder: str) -> Iterator[File]:
    for above, folders, names in os.walk(home / folder):
        folders.sort()
        for name in sorted(names):
            if not name.startswith("."):  # a draft of somebody who is writing now
                path = Path(above) / name
                yield from _one(path, PurePosixPath(path.relative_to(home).as_posix()))


def _one(path: Path, name: PurePosixPath) -> Iterable[File]:
    try:
        if not path.is_file():
            return
        content = path.read_bytes()
    except FileNotFoundError:
        return  # it was taken up meanwhile
    if len(content) > LARGEST:
        raise BackupFailed(t("{path} is too large for a backup.", path=path))
    yield name, content
