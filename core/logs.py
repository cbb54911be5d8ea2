"""Logs: one line each on stderr, as JSON or as text, with ids in it and nobody's name, number or mail address.

Ids that hold for a while (a request, a command, a night) are bound by `about` and stand in every line until its end. What quotes
people is kept out twice: the code logs ids only, and what comes from libraries is scrubbed here. Of an exception that is not ours
the line has the kind and the place, not the words: those of a library quote what it was given ("invalid literal: 张三").
"""

from __future__ import annotations

import logging
import re
import sys
import traceback
from collections.abc import Mapping, MutableMapping
from contextlib import AbstractContextManager
from pathlib import Path
from types import TracebackType
from typing import Any, Literal

import structlog
from structlog.typing import Processor

from core.errors import LingbaoError, SourceBroken, StoreBusy, WrongSetting

Form = Literal["", "json", "text"]
Exc = tuple[type[BaseException], BaseException, TracebackType | None]

MAIL = re.compile(r"[\w.+-]+(?:@|%40)[\w-]+(?:\.[\w-]+)+")
DIALLED = re.compile(r"(?:\+|%2[Bb])\d[\d \-().]{5,}\d")
"""A number as it is dialled from abroad, in a sentence or in an address of the web."""
BARE = re.compile(r"(?<![\w.:+-])(?!\d{4}-\d{2}-\d{2}\b)(?:\d[ -]?){7,}(?![\w.:+-])")
"""Digits that may be a telephone or identity number; a moment and a hash are none."""
HIDDEN_MAIL, HIDDEN_NUMBER = "‹mail›", "‹number›"

OWN_WORDS = ("timestamp", "level", "request", "message", "provider_id")
"""Fields that hold a moment or an id of digits: only what is plainly dialled is hidden in them."""

OF_NOBODY = (SourceBroken, StoreBusy, WrongSetting)
"""Errors of ours that quote a page, the database or a setting. Others may quote what somebody typed: their gaps stay open."""

LOUD = ("httpx", "httpcore")
"""They log each address they call: numbers stand in those of a provider."""

SERVERS = ("uvicorn", "uvicorn.error", "uvicorn.access")
"""Prefect, once imported, gives them ways of their own to stderr, past the scrubbing."""


def set_up(*, level: int = logging.WARNING, form: Form = "") -> None:
    """Send the logs of this process to stderr, our own and those of libraries, in one form.

    Args:
        form: empty: text on a terminal, else JSON.
    """
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars, structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True), _exception, scrub,
    ]  # fmt: skip
    last = _renderer(form)
    handler = _Stderr()
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[_named, *shared],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, last],
        )
    )
    logging.basicConfig(level=level, handlers=[handler])
    for name in LOUD:
        logging.getLogger(name).setLevel(logging.WARNING)
    for name in SERVERS:
        logging.getLogger(name).handlers.clear()
        logging.getLogger(name).propagate = True
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(level),
        processors=[*shared, last],
        # Asked for anew each time: a caller that lends us another stderr takes it back.
        logger_factory=lambda *_: structlog.PrintLogger(sys.stderr),
        cache_logger_on_first_use=False,
    )


def about(**ids: object) -> AbstractContextManager[Any]:
    """Let these ids stand in every log line of this thread or task until the block ends: `with about(alert=12):`."""
    return structlog.contextvars.bound_contextvars(**ids)


def scrub(logger: object, method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Hide what looks like a number or a mail address in every text of a line."""
    return {name: _scrubbed(value, bare=name not in OWN_WORDS) for name, value in event.items()}


def _scrubbed(value: Any, *, bare: bool) -> Any:
    if isinstance(value, str):
        hidden = DIALLED.sub(HIDDEN_NUMBER, MAIL.sub(HIDDEN_MAIL, value))
        return BARE.sub(HIDDEN_NUMBER, hidden) if bare else hidden
    if isinstance(value, Mapping):
        return {str(name): _scrubbed(one, bare=bare) for name, one in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_scrubbed(one, bare=bare) for one in value]
    return value if isinstance(value, int | float | bool) or value is None else _scrubbed(str(value), bare=bare)


def _exception(logger: object, method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Put an exception as its kind and where it happened; its words only if they are ours."""
    given = event.pop("exc_info", None)
    found: Any = sys.exc_info() if given is True else given
    error = found if isinstance(found, BaseException) else found[1] if found else None
    if error is not None:
        event["error"] = _words(error)
        event["at"] = [
            f"{Path(one.filename).name}:{one.lineno} {one.name}" for one in traceback.extract_tb(error.__traceback__)
        ]
        cause = error.__cause__ or error.__context__
        if cause is not None:
            event["after"] = _words(cause)
    return event


def _words(error: BaseException) -> str:
    kind = type(error).__name__
    if isinstance(error, LingbaoError):
        return f"{kind}: {error if isinstance(error, OF_NOBODY) else error.message.text}"
    return f"{kind}: {error.strerror}" if isinstance(error, OSError) and error.strerror else kind


def _named(logger: object, method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Say which library speaks, and leave out all but its first line: the next ones show the values it had in hand."""
    record = event.get("_record")
    event["logger"] = record.name if isinstance(record, logging.LogRecord) else ""
    event["event"] = str(event["event"]).partition("\n")[0]
    return event


def _renderer(form: Form) -> Processor:
    if form == "text" or (not form and sys.stderr.isatty()):
        return structlog.dev.ConsoleRenderer(colors=False)
    return structlog.processors.JSONRenderer(ensure_ascii=False)


class _Stderr(logging.Handler):
    """Writes to what stderr is now: a test or a caller may have lent us another one."""

    def emit(self, record: logging.LogRecord) -> None:
        """Write one line."""
        sys.stderr.write(self.format(record) + "\n")
