"""Which column of a roster means what. Pure.

Words are compared without blanks, marks and brackets. What is in no list here is not read, and the report says so.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import cached_property
from pathlib import Path

from registry.cells import clean


class Column(StrEnum):
    """What a column holds. Those after `credit code` are known and not read.

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
    PROJECT = "project"
    DATE_FROM = "from"
    DATE_TO = "to"
    STATUS = "status"
    LANGUAGE = "language"
    CONSENT_ABROAD = "consent abroad"
    EMERGENCY = "emergency contact"
    EMERGENCY_RELATION = "emergency relation"
    EMERGENCY_PHONE = "emergency phone"
    CREDIT_CODE = "credit code"
    POSITION = "position"
    NOT_NEEDED = "not needed"
    NEVER_READ = "never read"


def _words() -> Iterator[tuple[str, Column]]:
    for line in (Path(__file__).parent / "columns.csv").read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            column, _, words = line.partition(",")
            yield from ((word, Column(column)) for word in words.split())


MEANING = dict(_words())
OWN_WORD = {column: word for word, column in reversed(MEANING.items())}
"""The first Chinese word for a column: what we call it ourselves."""
CHINESE = re.compile(r"[\u4e00-\u9fff]")
CONTACT = frozenset({Column.EMERGENCY, Column.EMERGENCY_RELATION, Column.EMERGENCY_PHONE})
PHONES = frozenset({Column.PHONE_ABROAD, Column.PHONE_HOME})
SEVERAL = PHONES | {Column.EMAIL, Column.EMERGENCY, Column.EMERGENCY_PHONE}
UNREAD = frozenset({Column.POSITION, Column.NOT_NEEDED, Column.NEVER_READ})
REACHING = PHONES | {Column.EMAIL, Column.COUNTRY, Column.CITY, Column.SITE, Column.PROJECT}
MARKS = re.compile(r"[\s*:()\[\]/、,.·_\-\"'?]+|（|）")
IN_BRACKETS = re.compile(r"\([^)]*\)|\[[^\]]*\]")
SECRET = re.compile(r"护照|身份证|证件|出生|passport|birth", re.IGNORECASE)
# Whatever else a heading says: these are the numbers of others, and no notice may go there.
OTHERS = re.compile(r"紧急|应急|家属|亲属|emergency|next\s*of\s*kin", re.IGNORECASE)
NUMBERS = re.compile(r"电话|手机|号码|方式|phone|mobile|tel|number", re.IGNORECASE)
KINSHIP = re.compile(r"关系|relation", re.IGNORECASE)
# Headings that say "phone" and not whose: they belong to the person named left of them.
PHONE_WORDS = "电话 手机 手机号 手机号码 电话号码 联系电话 联系方式 联系手机 phone mobile telephone tel"
WHOSE = frozenset(PHONE_WORDS.split())
NUMBERING = frozenset(("序号", "编号", "no", "#", "number"))
FILLED_IN_BY = frozenset(("填报人", "填表人", "制表人", "审核人", "负责人", "联络员", "联系人"))


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

    @cached_property
    def places(self) -> tuple[tuple[Column, int, str], ...]:
        """Return meaning, position and heading of every column that is read."""
        return tuple((column, at, self.names[at]) for column, found in self.found.items() for at in found)

    @cached_property
    def numbering(self) -> frozenset[int]:
        """Return the positions of running numbers (序号): they stand before empty rows too."""
        return frozenset(at for at, name in enumerate(self.names) if MARKS.sub("", clean(name).lower()) in NUMBERING)

    @cached_property
    def secret(self) -> frozenset[int]:
        """Return the positions of the columns that are never read."""
        return frozenset(at for at, name in enumerate(self.names) if name in self.never_read)

    def name_of(self, column: Column) -> str:
        """Return the header as written of the first column with this meaning; our own word for it, in the language of the
        headers, if there is none.
        """
        if column in self.found:
            return self.names[self.found[column][0]]
        chinese = any(CHINESE.search(name) for name in self.names)
        return OWN_WORD[column] if chinese else column.value


def meaning(name: str) -> Column | None:
    """Return what a header means; None if it is in no list. The words in brackets may be left out."""
    plain = clean(name).lower()
    found = MEANING.get(MARKS.sub("", plain)) or MEANING.get(MARKS.sub("", IN_BRACKETS.sub("", plain)))
    if found is None and SECRET.search(plain):
        return Column.NEVER_READ
    if found in {None, *PHONES} and OTHERS.search(plain):
        numbers, kinship = NUMBERS.search(plain), KINSHIP.search(plain)
        return Column.EMERGENCY_PHONE if numbers else Column.EMERGENCY_RELATION if kinship else Column.EMERGENCY
    return found


def meanings(cells: Sequence[str]) -> list[Column | None]:
    """Return what each heading of a row means. "电话" right of another person's column is that person's number."""
    found = [meaning(cell) if cell else None for cell in cells]
    for at in range(1, len(found)):
        if found[at] == Column.PHONE_ABROAD and _plain(cells[at]) in WHOSE:
            if found[at - 1] in CONTACT and Column.EMERGENCY_PHONE not in found[:at]:
                found[at] = Column.EMERGENCY_PHONE
            elif _plain(cells[at - 1]) in FILLED_IN_BY:
                found[at] = Column.NOT_NEEDED
    return found


def _plain(name: str) -> str:
    return MARKS.sub("", clean(name).lower())


def read_header(cells: Sequence[str]) -> Header | None:
    """Understand a row as the header; None if it is none: a header names the people, and a place or a way to reach
    them.
    """
    told = meanings(cells)
    if Column.NAME not in told or not REACHING.intersection(told):
        return None
    names = tuple(" ".join(cell.split()) for cell in cells)
    found: dict[Column, tuple[int, ...]] = {}
    repeated = []
    for at, one in enumerate(told):
        if one is None or one in UNREAD:
            continue
        if one in found and one not in SEVERAL:
            repeated.append(names[at])
        else:
            found[one] = (*found.get(one, ()), at)
    by = {one: tuple(name for name, m in zip(names, told, strict=True) if m == one) for one in UNREAD}
    unknown = tuple(name for name, m in zip(names, told, strict=True) if m is None and name)
    not_needed = (*by[Column.POSITION], *by[Column.NOT_NEEDED])
    return Header(names, found, not_needed, by[Column.NEVER_READ], unknown, tuple(repeated))


def with_unnamed(header: Header, places: Iterable[int]) -> Header:
    """Return the header with the columns that hold something and have no heading, named by their letters."""
    names = list(header.names)
    new = []
    for at in sorted(places):
        names += [""] * (at + 1 - len(names))
        names[at] = letters(at)
        new.append(names[at])
    return replace(header, names=tuple(names), unknown=(*header.unknown, *new)) if new else header


def letters(at: int) -> str:
    """Return the letters a spreadsheet shows above a column: 0 is A, 26 is AA."""
    return (letters(at // 26 - 1) if at >= 26 else "") + chr(ord("A") + at % 26)
