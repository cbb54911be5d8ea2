"""One child process and everything it starts: begun in a group of its own, and ended with the whole group."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

MOST = 10_000_000
"""Bytes of a log file; a longer one is put aside when its part starts."""

_DIE_WITH_PARENT = 1  # PR_SET_PDEATHSIG of <linux/prctl.h>
_C = ctypes.CDLL(None) if sys.platform == "linux" else None


def begin(command: Sequence[str], env: Mapping[str, str], log: Path) -> subprocess.Popen[bytes]:
    """Start a process; its words go to the end of `log`.

    On Linux it is told to end when we are killed: we could not tell it ourselves.
    """
    if log.exists() and log.stat().st_size > MOST:
        log.replace(log.with_suffix(".old.log"))
    with log.open("ab") as words:
        return subprocess.Popen(
            command, env=env, stdin=subprocess.DEVNULL, stdout=words, stderr=words, start_new_session=True,
            preexec_fn=_end_with_us,
        )  # fmt: skip


def _end_with_us() -> None:
    if _C is not None:
        _C.prctl(_DIE_WITH_PARENT, signal.SIGTERM)


def signal_group(group: int, which: signal.Signals) -> None:
    """Send a signal to whatever is left of a group; nothing, if nothing is."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(group, which)


def is_gone(group: int) -> bool:
    """Tell whether nothing is left of a group. Its first process must have been waited for."""
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return True
    return False


def last_words(log: Path, size: int = 2000) -> str:
    """Return the last line of a log file that says something; empty if there is none."""
    with contextlib.suppress(OSError), log.open("rb") as words:
        words.seek(max(0, log.stat().st_size - size))
        lines = [one.strip() for one in words.read().decode("utf-8", "replace").splitlines()]
        return next((one for one in reversed(lines) if one), "")
    return ""
