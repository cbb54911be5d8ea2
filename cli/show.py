"""How the command speaks: results on stdout, everything else on stderr; tables for people, JSON for machines."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import orjson
import structlog
from rich.console import Console
from rich.table import Table

from core.i18n import Language, Message, both, choose_language

out = Console()
err = Console(stderr=True)


def language() -> Language:
    """Return the language of the person at the command line."""
    return choose_language()


def say(message: Message) -> None:
    """Print a sentence for the person, as a result."""
    out.print(message.render(language()), markup=False, highlight=False, soft_wrap=True)


def remark(message: Message) -> None:
    """Print a sentence beside the result: progress, advice."""
    err.print(message.render(language()), markup=False, highlight=False, soft_wrap=True)


def complain(message: Message) -> None:
    """Print an error: in Chinese first and English second, or in English alone."""
    err.print(both(message, language()), markup=False, highlight=False, soft_wrap=True, style="red")


def as_json(value: Any) -> None:
    """Print one JSON value on one line."""
    sys.stdout.write(orjson.dumps(value, option=orjson.OPT_NON_STR_KEYS).decode() + "\n")


def lines(values: Iterable[Any]) -> None:
    """Print JSON Lines."""
    for value in values:
        as_json(value)


def table(titles: Sequence[Message], rows: Iterable[Sequence[object]]) -> None:
    """Print a table with titles in the person's language."""
    shown = Table(*[title.render(language()) for title in titles], box=None, pad_edge=False, header_style="bold")
    for row in rows:
        shown.add_row(*[_cell(value) for value in row])
    # A console made now is as wide as the terminal is now. A cell may quote a source: brackets in it are no orders.
    Console().print(shown, markup=False)


def _cell(value: object) -> str:
    if isinstance(value, Message):
        return value.render(language())
    if isinstance(value, Mapping):
        return ", ".join(f"{k} {v}" for k, v in value.items())
    return "" if value is None else str(value)


def log_to_stderr(verbose: bool) -> None:
    """Send logs to stderr, as plain lines; with `verbose`, everything from `info` up."""
    level = logging.INFO if verbose else logging.WARNING
    logging.basicConfig(stream=sys.stderr, level=level, format="%(levelname)s %(name)s %(message)s")
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(level),
        processors=[
            structlog.contextvars.merge_contextvars, structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True), structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        # Asked for anew each time: a caller that lends us another stderr takes it back.
        logger_factory=lambda *_: structlog.PrintLogger(sys.stderr),
        cache_logger_on_first_use=False,
    )  # fmt: skip
