"""The spool: an answer that came while the database could not be written waits in a file, sealed, until it can.

Twilio does not bring a message a second time after a 503, and somebody may have written that they need help. Each file is one
message under a data key of its own; it is taken away only when the database has it.
"""

from __future__ import annotations

import json
import os
import secrets
from base64 import b64decode, b64encode
from collections.abc import Callable, Mapping
from pathlib import Path

import structlog

from core.errors import LingbaoError, StoreBusy
from core.keys import KeyGone, MasterKeys, seal, unseal

log = structlog.get_logger(__name__)
FOLDER = Path("spool") / "answers"
CONTEXT = "spool.answer"
BAD = ".bad"
"""Ends the name of a file that does not open, or fits nothing here: it stays, and is not read again."""


def put(home: Path, fields: Mapping[str, str], keys: MasterKeys) -> Path:
    """Write one message durably; return its file.

    Raises:
        OSError: the disk cannot be written either.
    """
    folder = home / FOLDER
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    key, wrapped = keys.new_key()
    sealed = seal(key, json.dumps(dict(fields), ensure_ascii=False), CONTEXT)
    whole = {"wrapped": b64encode(wrapped).decode(), "sealed": b64encode(sealed).decode()}
    draft = folder / f".{secrets.token_hex(16)}"
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as handle:
        json.dump(whole, handle)
        handle.flush()
        os.fsync(handle.fileno())
    final = draft.with_name(f"{draft.name[1:]}.json")
    draft.rename(final)
    _sync(folder)
    return final


def drain(home: Path, take: Callable[[Mapping[str, str]], None], keys: MasterKeys) -> int:
    """Hand every waiting message to `take`, the oldest first; a file goes only after it returned. Returns how many were taken.

    While the database stays busy the rest waits for the next time. Two processes may drain at once: an answer counts once.
    """
    taken = 0
    for file in sorted((home / FOLDER).glob("*.json"), key=_age):
        try:
            whole = json.loads(file.read_text())
            key = keys.unwrap(b64decode(whole["wrapped"]))
            fields = json.loads(unseal(key, b64decode(whole["sealed"]), CONTEXT))
        except FileNotFoundError:
            continue  # another process was first
        except (KeyGone, ValueError, KeyError, TypeError):
            log.error("a spooled answer does not open", file=file.name)
            file.replace(file.with_suffix(BAD))
            continue
        try:
            take(fields)
        except StoreBusy:
            break
        except (LingbaoError, KeyError, ValueError):
            # Of an alert that is not there, or written by another version: it must not stop the rounds of everybody.
            log.error("a spooled answer cannot be taken", file=file.name)
            file.replace(file.with_suffix(BAD))
            continue
        file.unlink(missing_ok=True)
        taken += 1
    return taken


def waiting(home: Path) -> int:
    """Return how many messages wait."""
    return len(list((home / FOLDER).glob("*.json")))


def damaged(home: Path) -> list[str]:
    """Return the names of the files that did not open or fitted nothing here: answers that nobody has read."""
    return sorted(file.name for file in (home / FOLDER).glob(f"*{BAD}"))


def _age(file: Path) -> float:
    try:
        return file.stat().st_mtime
    except FileNotFoundError:
        return 0.0


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
