"""Sending letters, each once: taken in hand durably before the call, never again where it may have gone out.

What certainly did not go out is tried again, less and less often; what an address refuses goes to the reader's next address.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection

from core.database import writing
from core.i18n import Language
from notify.channels.base import Attachment
from notify.dispatch import Tools
from notify.mailings import store
from notify.mailings.tables import Mailing, MailingKind
from notify.office import Office
from notify.service import Handed, ServiceMessage, send_service
from registry.people import Channel

WITHOUT = "without"
MOST_TRIES = 12
LONGEST_WAIT = timedelta(hours=1)
VALID = 24 * 3600
"""Seconds a relay may keep trying."""


@dataclass(frozen=True)
class MailLetter:
    """One letter to one reader.

    Attributes:
        reader: `employer/3` and the like: an id, never an address.
        addresses: mail addresses of the reader, the first wanted first.
        digest: hash of the facts it tells; empty where nobody compares.
        foreign: the reader agreed to providers abroad.
    """

    kind: MailingKind
    edition: str
    reader: str
    addresses: tuple[str, ...] = field(repr=False)
    language: Language
    title: str
    body: str = field(repr=False)
    html: str = field(default="", repr=False)
    digest: str = ""
    foreign: bool = False
    attachments: tuple[Attachment, ...] = field(default=(), repr=False)


class Fate(StrEnum):
    """What came of a letter in one run."""

    SENT = "sent"
    THERE = "there"
    FAILED = "failed"
    WAITING = "waiting"
    GIVEN_UP = "given-up"
    WITHOUT = "without"


@dataclass(frozen=True)
class Outcome:
    """What came of one letter. `SENT`: it is on its way, or may be; `THERE`: it was before; `WITHOUT`: no address to write to."""

    reader: str
    fate: Fate
    code: str = ""


def send_letters(
    office: Office, letters: Sequence[MailLetter], *, by: str, until: datetime | None = None
) -> list[Outcome]:
    """Send what was not sent yet, one after the other; return what came of each, in order. Repeatable.

    Args:
        until: none is begun after this moment; what is left waits for the next run.
    """
    return asyncio.run(_send_all(office, letters, by, until)) if letters else []


async def _send_all(office: Office, letters: Sequence[MailLetter], by: str, until: datetime | None) -> list[Outcome]:
    tools = office.tools()
    try:
        return [
            Outcome(letter.reader, Fate.WAITING)
            if until is not None and office.clock.now() > until
            else await _send(tools, letter, by)
            for letter in letters
        ]
    finally:
        for channel in tools.channels.values():
            await channel.close()


async def _send(tools: Tools, letter: MailLetter, by: str) -> Outcome:
    with writing(tools.engine) as connection:
        if not letter.addresses:  # an officer must call them: the brief says so
            store.add(connection, _fresh(letter, by) | _words(letter, WITHOUT, tools.clock.now()) | {"tries": 0})
            return Outcome(letter.reader, Fate.WITHOUT)
        taken = _take(connection, letter, by, tools.clock.now())
    if isinstance(taken, Outcome):
        return taken
    number, choice = taken
    handed = await send_service(tools, _message(letter, letter.addresses[choice]), by=by)
    with writing(tools.engine) as connection:
        store.end(connection, number, outcome=handed.outcome, code=handed.code, now=tools.clock.now())
    return Outcome(letter.reader, _fate(handed, choice, letter), handed.code)


def _take(connection: Connection, letter: MailLetter, by: str, now: datetime) -> tuple[int, int] | Outcome:
    """Take a letter in hand: its number and which address; or what keeps us from it."""
    words = _words(letter, "begun", now)
    number = store.add(connection, _fresh(letter, by) | words)
    if number is not None:
        return number, 0
    row = store.get(connection, letter.kind, letter.edition, letter.reader)
    fate = may_go(row, len(letter.addresses), now) if row is not None else Fate.THERE
    if row is None or row.id is None or fate is not Fate.SENT:
        return Outcome(letter.reader, fate, "" if row is None else row.code)
    choice = row.choice + (row.outcome == "refused")
    again = store.take_again(connection, row.id, row.tries, words | {"choice": choice})
    return (row.id, choice) if again else Outcome(letter.reader, Fate.THERE)


def _fresh(letter: MailLetter, by: str) -> dict[str, Any]:
    return {"kind": letter.kind, "edition": letter.edition, "reader": letter.reader, "tries": 1, "choice": 0, "code": "",
            "created_by": by}  # fmt: skip


def _words(letter: MailLetter, outcome: str, now: datetime) -> dict[str, Any]:
    return {"outcome": outcome, "digest": letter.digest, "sha256": _hash(letter), "begun_at": now, "ended_at": None}


def may_go(row: Mailing, addresses: int, now: datetime) -> Fate:
    """Tell what may be done with a letter that was begun before: `SENT` to send it now, else why not. Pure."""
    if row.outcome == "refused":
        return Fate.SENT if row.choice + 1 < addresses else Fate.GIVEN_UP
    if row.outcome == WITHOUT:
        return Fate.SENT if addresses else Fate.WITHOUT
    if row.outcome != "failed":
        return Fate.THERE
    if row.tries >= MOST_TRIES:
        return Fate.GIVEN_UP
    wait = min(LONGEST_WAIT, timedelta(minutes=2 ** min(row.tries, 10) - 1))
    return Fate.SENT if now >= (row.ended_at or row.begun_at) + wait else Fate.WAITING


def _fate(handed: Handed, choice: int, letter: MailLetter) -> Fate:
    if handed.sent:
        return Fate.SENT
    last = handed.outcome == "refused" and choice + 1 >= len(letter.addresses)
    return Fate.GIVEN_UP if last else Fate.FAILED


def _message(letter: MailLetter, address: str) -> ServiceMessage:
    return ServiceMessage(
        f"{letter.kind}/{letter.edition}/{letter.reader}", Channel.EMAIL, letter.language, letter.title, letter.body, address,
        foreign=letter.foreign, valid_seconds=VALID, html=letter.html, attachments=letter.attachments,
    )  # fmt: skip


def _hash(letter: MailLetter) -> str:
    """Hash what is said; the files that go with it are hashed where they are kept."""
    return hashlib.sha256(f"{letter.title}\n{letter.body}\n{letter.html}".encode()).hexdigest()
