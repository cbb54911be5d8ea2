"""What a run shows in Prefect's own pages while and after it works: how far it is, what was read, where to go on. Never people.

Showing is no part of the work: at the first fault of the server a run shows nothing more, and goes on.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar, cast
from uuid import UUID

import httpx
import structlog
from prefect.artifacts import (
    create_link_artifact,
    create_markdown_artifact,
    create_progress_artifact,
    create_table_artifact,
    update_progress_artifact,
)
from prefect.exceptions import PrefectException

from core.i18n import Language, Message, t
from sources.read import SourceReport, SourceStatus

log = structlog.get_logger(__name__)
T = TypeVar("T")

STEP = 10.0
"""A bar moves by so many per cent at least: each move is a call to the server."""


class Board:
    """The part of Prefect's pages that belongs to one run."""

    def __init__(self, kind: str, language: Language) -> None:
        """Name the board.

        Args:
            kind: begins the keys under which the pages keep what is shown.
            language: of the words.
        """
        self._kind, self._language = kind, language
        self._dark = False
        self._bar: UUID | None = None
        self._shown = 0.0

    def begin(self, words: Message) -> None:
        """Show a bar that stands at nothing."""
        self._bar = self._try(
            lambda: cast(
                UUID, create_progress_artifact(0.0, key=f"{self._kind}-progress", description=self._in_words(words))
            )
        )

    def move(self, done: int, of: int) -> None:
        """Move the bar, if it would be seen to move."""
        now, bar = 100.0 * done / of if of else 100.0, self._bar
        if bar is not None and (now - self._shown >= STEP or now >= 100.0 > self._shown):
            self._shown = now
            self._try(lambda: update_progress_artifact(bar, now))

    def sources(self, reports: Sequence[SourceReport]) -> None:
        """Show a table of what was read: broken ones first."""
        rows = [
            self._row(one) for one in sorted(reports, key=lambda one: (one.status is SourceStatus.READ, one.source))
        ]
        self._try(lambda: create_table_artifact(rows, key=f"{self._kind}-sources"))

    def link(self, url: str, words: Message) -> None:
        """Show a way into the console."""
        self._try(lambda: create_link_artifact(url, self._in_words(words), key=f"{self._kind}-console"))

    def text(self, key: str, markdown: str, description: str = "") -> None:
        """Show a text."""
        self._try(lambda: create_markdown_artifact(markdown, key=key, description=description))

    def _row(self, one: SourceReport) -> dict[str, Any]:
        hours = "" if one.age is None else f"{one.age.total_seconds() / 3600:.1f}"
        row: list[tuple[Message, object]] = [
            (t("Source"), one.source), (t("Reading"), _ended(one)), (t("Entries"), one.entries),
            (t("Changed entries"), len(one.changes)), (t("Hours since it was last read well"), hours), (t("Why"), one.reason or ""),
        ]  # fmt: skip
        return {
            self._in_words(name): self._in_words(value) if isinstance(value, Message) else value for name, value in row
        }

    def _in_words(self, words: Message) -> str:
        return words.render(self._language)

    def _try(self, show: Callable[[], T]) -> T | None:
        if self._dark:
            return None
        try:
            return show()
        except (httpx.HTTPError, PrefectException) as error:
            # The client has tried for a while already: the next call would wait as long.
            self._dark = True
            log.warning("nothing more is shown in Prefect's pages", fault=str(error))
            return None


def _ended(one: SourceReport) -> Message:
    if one.status is SourceStatus.READ:
        return t("read for the first time") if one.first_time else t("read")
    return t("broken") if one.status is SourceStatus.BROKEN else t("skipped")
