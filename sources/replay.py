"""Captures instead of the network: `captures.toml` in a folder says which file answers which address, and when.

An address is answered by its newest capture that is not newer than the moment being replayed. An entry is
`source`, `at`, `url`, `file`; instead of a file, `status = 503` or `error = "timeout"` replays a failure.
"""

from __future__ import annotations

import tomllib
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError, model_validator

from core.clock import Clock, iso
from core.errors import SourceBroken, SourceSkipped, WrongUse
from core.i18n import Message, t
from sources.fetch import refusal, timed_out
from sources.model import Capture, Card

LIST_NAME = "captures.toml"


class _Entry(BaseModel):
    """One entry of `captures.toml`. `derived` is for readers: this file was made from another."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    source: str = Field(min_length=1)
    at: AwareDatetime
    url: str = Field(min_length=1)
    file: str = ""
    derived: bool = False
    status: Annotated[int, Field(ge=100, le=599)] = 200
    error: Literal["", "timeout"] = ""
    content_type: str = ""

    @model_validator(mode="after")
    def _has_an_answer(self) -> _Entry:
        if not self.file and self.status == 200 and not self.error:
            raise ValueError("a file, a status other than 200 or an error is needed")
        return self


class ReplayFetcher:
    """Answers from the captures in a folder as they stood at one moment. Fetches nothing."""

    def __init__(self, directory: Path, at: datetime, clock: Clock | None = None) -> None:
        """Read the folder's list. Files are looked for at once, so that a night does not find out at its end.

        Args:
            at: the moment being replayed, as an aware time.
            clock: never asked: a capture carries the moment it was made. Taken so that all fetchers are made alike.

        Raises:
            WrongUse: there is no list, or an entry of it is wrong: named by number.
        """
        self._directory, self._at = directory, at
        self._entries = _entries(directory)

    def get(self, card: Card, url: str, previous: Capture | None) -> Capture:
        """Return the bytes of the newest capture of `url` not newer than `at`.

        Raises:
            SourceSkipped: there is none of the source's first page: it was not read that night.
            SourceBroken: there is none of a further page, or the capture is that of a failure.
        """
        fitting = [one for one in self._entries if (one.source, one.url) == (card.id, url) and one.at <= self._at]
        if not fitting:
            kind = SourceSkipped if url == card.url else SourceBroken
            raise kind(t("{source}: no capture of {url} at {at}.", source=card.id, url=url, at=iso(self._at)))
        entry = max(fitting, key=lambda one: one.at)
        if entry.error:
            raise timed_out(card, url)
        if entry.status != 200:
            raise refusal(card, url, entry.status)
        body = (self._directory / entry.file).read_bytes()
        return Capture(card.id, url, entry.at.astimezone(UTC), body, content_type=entry.content_type)


def moments(directory: Path) -> dict[datetime, set[str]]:
    """Return when something of the folder was captured, oldest first, with the sources it is of.

    Raises:
        WrongUse: there is no list, or an entry of it is wrong.
    """
    found: dict[datetime, set[str]] = {}
    for one in sorted(_entries(directory), key=lambda one: one.at):
        found.setdefault(one.at.astimezone(UTC), set()).add(one.source)
    return found


def _entries(directory: Path) -> tuple[_Entry, ...]:
    path = directory / LIST_NAME
    try:
        found = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise WrongUse(t("{file} cannot be read: {reason}", file=str(path), reason=str(error))) from error
    raw = found.get("capture", [])
    if not isinstance(raw, list):
        raise _wrong(path, 1, t("not a [[capture]] entry"))
    return tuple(_entry(path, number, one) for number, one in enumerate(raw, start=1))


def _entry(path: Path, number: int, raw: object) -> _Entry:
    try:
        entry = _Entry.model_validate(raw)
    except ValidationError as error:
        faults = "; ".join(f"{'.'.join(str(p) for p in e['loc'])}: {e['msg']}" for e in error.errors())
        raise _wrong(path, number, faults) from error
    file = (path.parent / entry.file).resolve()
    if entry.file and not file.is_relative_to(path.parent.resolve()):
        raise _wrong(path, number, t("the file {name} is outside the folder", name=entry.file))
    if entry.file and not file.is_file():
        raise _wrong(path, number, t("the file {name} is missing", name=entry.file))
    return entry


def _wrong(path: Path, number: int, reason: Message | str) -> WrongUse:
    return WrongUse(t("{file}, entry {number}: {reason}", file=str(path), number=number, reason=reason))
