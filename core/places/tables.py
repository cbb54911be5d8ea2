"""Read small CSV tables with `#` comments, kept beside the code so that an office can mend them."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

DATA = Path(__file__).parent / "data"


def rows(path: Path) -> Iterator[dict[str, str]]:
    """Yield the rows of the CSV table at `path`, by column name; lines that begin with `#` are comments."""
    with path.open(encoding="utf-8", newline="") as handle:
        yield from csv.DictReader(line for line in handle if not line.startswith("#"))


def names_of(row: dict[str, str]) -> tuple[str, ...]:
    """Return the `|`-separated names of a row."""
    return tuple(name for name in row["names"].split("|") if name)


def codes_of(row: dict[str, str]) -> tuple[str, ...]:
    """Return the space-separated country codes of a row."""
    return tuple(row["codes"].split())
