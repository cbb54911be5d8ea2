"""Which column of a roster means what. Pure.

Words are compared without blanks, marks and brackets. What is in no list here is not read, and the report says so.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from registry.cells import clean


class Column(StrEnum):
    """What a column holds. Those after `consent abroad` are known and not read.

    Identity papers and birth dates are never read: an alert does not need them (PIPL art. 6), so their cells are not
    kept.
    """

    NAME = "name"
    COUNTRY = "country"
    CITY = "city"
    PHONE_ABROAD = "phone abroad"
    PHONE_HOME = "phone at home"
    EMAIL = "email"
    SITE = "site"
    DATE_FROM = "from"
    DATE_TO = "to"
    STATUS = "status"
    LANGUAGE = "language"
    CONSENT_ABROAD = "consent abroad"
    POSITION = "position"
    NOT_NEEDED = "not needed"
    NEVER_READ = "never read"


def _words() -> Iterator[tuple[str, Column]]:
    for line in (Path(__file__).parent / "columns.csv").read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            column, _, words = line.partition(",")
            yield from ((word, Column(column)) for word in words.split())


MEANING = dict(_words())
SEVERAL = frozenset({Column.PHONE_ABROAD, Column.PHONE_HOME, Column.EMAIL})
UNREAD = frozenset({Column.POSITION, Column.NOT_NEEDED, Column.NEVER_READ})
REACHING = SEVERAL | {Column.COUNTRY, Column.CITY}
MARKS = re.compile(r"[\s*:()\[\]/、,.·_\-\"'?]+|（|）")
IN_BRACKETS = re.compile(r"\([^)]*\)|\[[^\]]*\]")
SECRET = re.compile(r"护照|身份证|证件|出生|passport|birth", re.IGNORECASE)


@dataclass(frozen=True)
class Header:
    """The header row, understood.

    Attributes:
        names: every column as written, by position.
        found: the positions of what is read; several only for phones and mails.
        not_needed: columns that are known and not used; `never_read`: those with identity papers, left out of
            everything.
        unknown: columns with a name that is in no list; `repeated`: a second one of what can be there once.
    """

    names: tuple[str, ...]
    found: dict[Column, tuple[int, ...]] = field(default_factory=dict)
    not_needed: tuple[str, ...] = ()
    never_read: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    repeated: tuple[str, ...] = ()

    @property
    def secret(self) -> frozenset[int]:
        """Return the positions of the columns that are never read."""
        return frozenset(at for at, name in enumerate(self.names) if name in self.never_read)

    def name_of(self, column: Column) -> str:
        """Return the header as written of the first column with this meaning; our own word for it if there is none."""
        return self.names[self.found[column][0]] if column in self.found else column.value


def meaning(name: str) -> Column | None:
    """Return what a header means; None if it is in no list. The words in brackets may be left out."""
    plain = clean(name).lower()
    found = MEANING.get(MARKS.sub("", plain)) or MEANING.get(MARKS.sub("", IN_BRACKETS.sub("", plain)))
    if found is None and SECRET.search(plain):
        return Column.NEVER_READ
    return found


def read_header(cells: Sequence[str]) -> Header | None:
    """Understand a row as the header; None if it is none: a header names the people, and a place or a way to reach
    them.
    """
    meanings = [meaning(cell) if cell else None for cell in cells]
    if Column.NAME not in meanings or not REACHING.intersection(meanings):
        return None
    names = tuple(" ".join(cell.split()) for cell in cells)
    found: dict[Column, tuple[int, ...]] = {}
    repeated = []
    for at, one in enumerate(meanings):
        if one is None or one in UNREAD:
            continue
        if one in found and one not in SEVERAL:
            repeated.append(names[at])
        else:
            found[one] = (*found.get(one, ()), at)
    by = {one: tuple(name for name, m in zip(names, meanings, strict=True) if m == one) for one in UNREAD}
    unknown = tuple(name for name, m in zip(names, meanings, strict=True) if m is None and name)
    not_needed = (*by[Column.POSITION], *by[Column.NOT_NEEDED])
    return Header(names, found, not_needed, by[Column.NEVER_READ], unknown, tuple(repeated))
