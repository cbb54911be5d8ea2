"""When the database cannot be read: then nothing in it can say who is on duty, and the number of the settings is called.

What this instance may do stands in the database too (DESIGN promise 13). So every round of the watchdog that can read it leaves
a note beside it: the mode. Without such a note, or with one that says `sandbox`, nothing leaves this machine. A second note is
made, durably and by one process only, before the call: an outage is told once.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import orjson

from core.clock import iso
from core.database import open_engine, schema_version
from core.errors import StoreBusy
from core.i18n import choose_language, t
from core.settings import Settings
from core.tables import Mode
from notify.channels.base import Accepted, InDoubt, Outgoing
from notify.duty.fallback import fallback_phone
from notify.duty.ladder import ways
from notify.gate import Gate
from notify.providers import open_channels
from notify.ref import ALPHABET
from notify.service import why_not

TRIES, PAUSE = 3, 3.0
"""How often, and how many seconds apart, a database is tried before it counts as gone."""

FOLDER, SEEN, TOLD = "watchdog", "seen.json", "outage.json"


@dataclass(frozen=True)
class Told:
    """What came of telling somebody about an outage.

    Attributes:
        how: `called`, `doubt`, `already` (this outage was told before), `no-number`, `no-note`, or the code why not.
    """

    how: str


def note_seen(settings: Settings, mode: Mode, now: datetime) -> None:
    """Leave a note that the database could be read, and what this instance may do. It ends an outage."""
    folder = settings.home / FOLDER
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    fresh = folder / f"{SEEN}.{os.getpid()}"
    _durable(fresh, {"mode": mode.value, "at": iso(now)}, os.O_TRUNC)
    fresh.replace(folder / SEEN)
    with contextlib.suppress(FileNotFoundError):
        (folder / TOLD).unlink()


def tell(settings: Settings, now: datetime) -> Told:
    """Call the number of the settings: the database cannot be read. Once for an outage, however many ask."""
    mode, phone = _mode(settings), fallback_phone(settings)
    if mode is None:
        return Told("no-note")
    if not phone:
        return Told("no-number")
    try:
        _durable(settings.home / FOLDER / TOLD, {"at": iso(now)}, os.O_EXCL)
    except FileExistsError:
        return Told("already")
    done = asyncio.run(_call(settings, mode, phone))
    if done.how not in {"called", "doubt"}:
        (settings.home / FOLDER / TOLD).unlink()  # certainly not sent: the next round tries again
    return done


def look_at_database(settings: Settings, *, tries: int = TRIES, pause: Callable[[float], None] = time.sleep) -> None:
    """Look whether the database can be read and holds an office; a server that is being restarted gets some seconds.

    Raises:
        StoreBusy, DatabaseError: it cannot, or there is no office in it. None is made.
    """
    engine = open_engine(settings.database)
    try:
        if engine.dialect.name == "sqlite" and not Path(str(engine.url.database)).is_file():
            raise StoreBusy(t("There is no office in this database."))
        for turn in range(tries):
            try:
                version = schema_version(engine)
                break
            except StoreBusy:
                if turn == tries - 1:
                    raise
                pause(PAUSE)
        if version is None:
            raise StoreBusy(t("There is no office in this database."))
    finally:
        engine.dispose()


def _mode(settings: Settings) -> Mode | None:
    try:
        return Mode(orjson.loads((settings.home / FOLDER / SEEN).read_bytes())["mode"])
    except (OSError, ValueError, KeyError):
        return None


async def _call(settings: Settings, mode: Mode, phone: str) -> Told:
    """Try each way once, until one provider takes it, or may have."""
    channels, gate = open_channels(settings, mode), Gate("", mode, settings.drill_allow)
    why = "no-channel"
    try:
        for name in dict.fromkeys(ways(phone, channels)):
            why = why_not(settings, channels, name, foreign=True) or gate.refuse(
                alert_uid="", alert_mode=mode, endpoint=channels[name].endpoint, address=phone
            )
            if why:
                continue
            result = await channels[name].send(_message(settings, mode, phone))
            if isinstance(result, Accepted | InDoubt):
                return Told("called" if isinstance(result, Accepted) else "doubt")
            why = result.code
    finally:
        for channel in channels.values():
            await channel.close()
    return Told(why)


def _message(settings: Settings, mode: Mode, phone: str) -> Outgoing:
    language = choose_language(settings.lang)
    kind = t("Duty call").render(language)
    ref = "".join(secrets.choice(ALPHABET) for _ in range(6))
    mark = t("[DRILL] ").render(language) if mode is Mode.DRILL else ""
    words = t("The database of the office cannot be read: no alert can be sent. Look at it now.").render(language)
    body = f"【{settings.office_name}】{mark}{words} {ref}"
    variables = {
        "office": settings.office_name,
        "kind": f"{mark}{kind}",
        "places": "",
        "title": words[:35],
        "advice": "",
        "ref": ref,
    }
    return Outgoing(
        delivery_id=0, attempt=1, ref=ref, address=phone, language=language, subject="", body=body, html="", valid_seconds=600,
        alert="duty", template="service", variables=variables,
    )  # fmt: skip


def _durable(path: Path, value: object, how: int) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | how, 0o600)
    try:
        os.write(handle, orjson.dumps(value))
        os.fsync(handle)
    finally:
        os.close(handle)
