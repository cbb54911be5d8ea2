"""The home directory: who may read it, and what lies open. Mended by `--fix`."""

from __future__ import annotations

import stat
from collections.abc import Iterable, Iterator
from pathlib import Path

from cli.doctor.model import Finding, Patient, Status, fault, ok, warning
from core.i18n import t
from core.keys import KEY_FILE
from core.settings import FILE_NAME

NAME = "files"
DIRECTORY, FILE = 0o700, 0o600


def check(patient: Patient) -> Iterable[Finding]:
    """Look at the modes of everything in the home directory that holds people's data, keys or secrets."""
    home = patient.settings.home
    if not home.is_dir():
        yield fault(
            NAME, t("There is no directory {path}.", path=home), t("Set LINGBAO_HOME, or run `lingbao db init`.")
        )
        return
    open_ones = [(path, mode) for path, mode in _private(home) if stat.S_IMODE(path.stat().st_mode) & ~mode & 0o077]
    if not open_ones:
        yield ok(NAME, t("Only this user can read {path}.", path=home))
    for path, mode in open_ones:
        shown = f"{stat.S_IMODE(path.stat().st_mode):04o}"
        if patient.wish.fix:
            path.chmod(mode)
            words = t("Others could read {path} (mode {mode}).", path=path, mode=shown)
            yield Finding(NAME, Status.OK, words, mended=True)
        else:
            words = t("Others can read {path} (mode {mode}).", path=path, mode=shown)
            # The key opens everything; the other files lie in a directory that is usually closed.
            make = fault if path == home / KEY_FILE else warning
            yield make(
                NAME, words, t("Run `chmod {mode} {path}`, or `lingbao doctor --fix`.", mode=f"{mode:04o}", path=path)
            )


def _private(home: Path) -> Iterator[tuple[Path, int]]:
    """Yield what only the user of the program may read, with the mode it should have; what is not there is left out.

    What lies in a directory that is closed is closed; keys and tokens must be so by themselves: they are copied about.
    """
    tokens = home / "tokens"
    yield home, DIRECTORY
    yield from ((one, DIRECTORY) for one in (home / KEY_FILE.parent, tokens) if one.is_dir())
    yield from ((one, FILE) for one in (home / KEY_FILE, home / FILE_NAME, *sorted(tokens.glob("*"))) if one.is_file())
