"""What the doctor finds, and what it looks at it with. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Engine

from core.clock import Clock
from core.i18n import Message, t
from core.settings import Settings
from notify.office import Office


class Status(StrEnum):
    """How a thing is."""

    OK = "ok"
    WARNING = "warning"
    FAULT = "fault"
    SKIPPED = "skipped"


STATUS_WORDS: Mapping[Status, Message] = {
    Status.OK: t("all right"), Status.WARNING: t("look at this"), Status.FAULT: t("broken"), Status.SKIPPED: t("not looked at"),
}  # fmt: skip


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at.

    Attributes:
        name: of the check, always the same: what `--json` is read by.
        todo: what a person should do; none where nothing is to be done.
        mended: `--fix` has put it right.
    """

    name: str
    status: Status
    words: Message
    todo: Message | None = None
    mended: bool = False


def ok(name: str, words: Message) -> Finding:
    """Return that a thing is as it must be."""
    return Finding(name, Status.OK, words)


def warning(name: str, words: Message, todo: Message) -> Finding:
    """Return that a thing needs a look, and that the office works meanwhile."""
    return Finding(name, Status.WARNING, words, todo)


def fault(name: str, words: Message, todo: Message) -> Finding:
    """Return that a thing is broken."""
    return Finding(name, Status.FAULT, words, todo)


def skipped(name: str, words: Message, todo: Message | None = None) -> Finding:
    """Return that a thing was not looked at, and why."""
    return Finding(name, Status.SKIPPED, words, todo)


@dataclass(frozen=True)
class Tools:
    """How the doctor reaches beyond the database, each given so that a test can give another.

    Attributes:
        connect: open a line to a host and port, with TLS if so told; raises OSError.
        date_of: the moment that the server at an address says it is; raises OSError.
        free_mb: free space on the disk of an office's home.
    """

    connect: Callable[[str, int, bool], None]
    date_of: Callable[[str], datetime]
    free_mb: Callable[[Office], int]


@dataclass(frozen=True)
class Wish:
    """What was asked for on the command line.

    Attributes:
        fix: mend what can be mended safely.
        offline: open no line to another machine.
        prefect_url: address of the API of a Prefect server; empty: none is known.
        patience: seconds to wait for a run of the Prefect server's scheduler, and for the receipt of a test message.
    """

    fix: bool = False
    offline: bool = False
    prefect_url: str = ""
    patience: float = 60.0


@dataclass(frozen=True)
class Patient:
    """What is looked at, before it is known whether there is an office in it."""

    settings: Settings
    engine: Engine
    clock: Clock
    tools: Tools
    wish: Wish = field(default_factory=Wish)


Check = Callable[[Patient], Iterable[Finding]]
OfficeCheck = Callable[[Patient, Office], Iterable[Finding]]
