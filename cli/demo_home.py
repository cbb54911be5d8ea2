"""The demo's own home: a directory, settings and an environment apart from the office's.

A demo must never touch the office's database, so it works in a directory of its own, which it clears only if it wrote
the marker in it itself.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import shutil
from collections.abc import Iterator, Mapping, MutableMapping
from pathlib import Path

from core.errors import WrongUse
from core.i18n import t
from core.settings import FILE_NAME

MARKER = ".lingbao-demo"
NAME = "demo"
KEPT = "LINGBAO_LANG"
OURS = ("LINGBAO_", "PREFECT_")


@contextlib.contextmanager
def own_directory(home: Path) -> Iterator[Path]:
    """Give the empty directory `demo` of an office's home, for as long as the block lasts; what is in it stays after.

    Raises:
        WrongUse: something else than a demo is there, or another demo works in it now.
    """
    directory = home / NAME
    marker = directory / MARKER
    if directory.is_symlink() or (directory.exists() and not marker.is_file()):
        raise WrongUse(
            t("{path} was not made by a demo and is left alone. Move it away, or choose another home.", path=directory)
        )
    directory.mkdir(parents=True, exist_ok=True)
    with marker.open("a") as handle:
        try:
            # The lock ends with this process, whatever becomes of it; a file with a process number could lie.
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise WrongUse(t("A demo is running in {path}. Stop it first (Ctrl-C there).", path=directory)) from error
        _clear(directory)
        yield directory


def _clear(directory: Path) -> None:
    for path in directory.iterdir():
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        elif path.name != MARKER:
            path.unlink()


def write_settings(directory: Path, values: Mapping[str, str | int | float | list[str]]) -> None:
    """Write the settings file of the demo, so that every later command needs nothing but `LINGBAO_HOME`."""
    # A string, a number or a list of strings is written in JSON as in TOML.
    lines = [f"{name} = {json.dumps(value, ensure_ascii=False)}\n" for name, value in values.items()]
    (directory / FILE_NAME).write_text("".join(lines), encoding="utf-8")


def foreign_settings(environ: Mapping[str, str]) -> list[str]:
    """Return the variables that would go before the demo's own settings, such as `LINGBAO_DATABASE_URL`. Pure."""
    return sorted(name for name in environ if name.upper().startswith(OURS) and name.upper() != KEPT)


def move_in(directory: Path, environ: MutableMapping[str, str]) -> None:
    """Make this process work for the demo's home, and for nothing else.

    A flow reads its settings itself, so they must reach it through the environment of this process. Whatever the
    environment said of the office's own database, providers or Prefect server is taken out: it would win otherwise.
    """
    for name in foreign_settings(environ):
        del environ[name]
    environ["LINGBAO_HOME"] = str(directory)
    # The broken source of the second night is shown in the brief; Prefect would log it as an error as well.
    environ["PREFECT_LOGGING_LEVEL"] = "CRITICAL"
