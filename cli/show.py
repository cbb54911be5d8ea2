"""How the command speaks: results on stdout, everything else on stderr; tables for people, JSON for machines."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import orjson
from rich.cells import cell_len
from rich.console import Console
from rich.table import Table

from core.i18n import Language, Message, both, choose_language

WHOLE, FOLDED = 17, 8
"""Columns of the terminal: what is no wider is kept on one line, what is wider may be folded down to so much."""
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
    """Print a table with titles in the person's language. On a narrow terminal cells are folded, never cut: a number that lacks
    its end is another number."""
    # A console made now is as wide as the terminal is now. A cell may quote a source: brackets in it are no orders.
    console = Console()
    heads, cells = [title.render(language()) for title in titles], [[_cell(value) for value in row] for row in rows]
    shown = Table(box=None, pad_edge=False, header_style="bold")
    for head, least in zip(heads, _least(heads, cells, console.width), strict=True):
        shown.add_column(head, overflow="fold", min_width=least)
    for row in cells:
        shown.add_row(*row)
    console.print(shown, markup=False)


def _least(heads: Sequence[str], rows: Sequence[Sequence[str]], width: int) -> list[int | None]:
    """Return how narrow each column may become: numbers, moments and short names stay on one line, if there is room for that."""
    longest = [max((cell_len(row[at]) for row in rows), default=0) for at in range(len(heads))]
    wanted = [one if one <= WHOLE else FOLDED for one in longest]
    room = width - 2 * len(heads)
    return list(wanted) if sum(wanted) <= room else [None] * len(heads)


def _cell(value: object) -> str:
    if isinstance(value, Message):
        return value.render(language())
    if isinstance(value, Mapping):
        return ", ".join(f"{k} {v}" for k, v in value.items())
    return "" if value is None else str(value)
