"""Every name of every place we know, in nine languages, as one table. Built once from CLDR and the data files."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cache

from babel import Locale

from core.places.names import codes, display
from core.places.normal import key, normalise, plain
from core.places.tables import DATA, codes_of, names_of, rows

LANGUAGES = ("zh", "zh_Hant", "zh_Hant_HK", "en", "de", "fr", "ja", "ko", "es")
FIELD_ONLY = frozenset(
    {
        ("de", "IS"), ("es", "GD"), ("es", "MU"), ("fr", "GD"), ("fr", "MU"), ("fr", "DM"), ("fr", "CL"), ("ko", "SD"),
        ("ko", "OM"),
    }
)  # fmt: skip
"""CLDR names that are ordinary words elsewhere (de Island, fr Grenade, fr Chili): good only as a whole field."""


class Kind(StrEnum):
    """What a known word stands for."""

    NAME = "name"
    PART = "part"
    EITHER = "either"
    REGION = "region"
    NOT = "not"
    FIELD = "field"


@dataclass(frozen=True)
class Entry:
    """A known word: its kind, and its country codes (several for a joint name, and for `EITHER` the candidates)."""

    kind: Kind
    codes: tuple[str, ...]


@dataclass(frozen=True)
class Guard:
    """When a word does not count: after one of `not_after`, before one of `not_before`, without one of `needs`."""

    not_after: str
    not_before: str
    needs: str

    def allows(self, before: str, after: str) -> bool:
        """Say whether the word counts between the characters `before` and `after` (empty at the ends of the text)."""
        if (before and before in self.not_after) or (after and after in self.not_before):
            return False
        return not self.needs or (bool(before) and before in self.needs)


@cache
def words() -> dict[str, Entry]:
    """Return the words to look for in texts, normalised; Latin ones also without accents and in capitals."""
    found: dict[str, Entry] = {}
    for name, entry in _entries():
        if entry.kind is not Kind.FIELD:
            for form in _forms(name):
                found[form] = entry
    return found


@cache
def fields() -> dict[str, Entry]:
    """Return whole country fields by `key`. A field-only name goes before a name that is ambiguous in texts."""
    found: dict[str, Entry] = {}
    for name, entry in _entries():
        if entry.kind is not Kind.NOT:
            found[key(name)] = entry
    return found | {key(name): entry for name, entry in _entries() if entry.kind is Kind.FIELD}


@cache
def guards() -> dict[str, Guard]:
    """Return the conditions of words that are also parts of ordinary ones (沿海地区 is not Haiti)."""
    return {row["name"]: Guard(row["before"], row["after"], row["needs"]) for row in rows(DATA / "guards.csv")}


def _entries() -> Iterator[tuple[str, Entry]]:
    """Yield every name with its entry; later ones overrule earlier ones."""
    for language in LANGUAGES:
        for code, name in Locale.parse(language).territories.items():
            if code in codes():
                kind = Kind.FIELD if (language, code) in FIELD_ONLY else Kind.NAME
                yield str(name), Entry(kind, (code,))
    for code in sorted(codes()):
        for shown in (display(code, "zh"), display(code, "en")):
            yield shown, Entry(Kind.NAME, (code,))
    for table in ("names.csv", "parts.csv"):
        for row in rows(DATA / table):
            for name in names_of(row):
                yield name, Entry(Kind(row["use"]), codes_of(row))
    for row in rows(DATA / "phrases.csv"):
        for name in names_of(row):
            yield name, Entry(Kind(row["use"]), ())


def _forms(name: str) -> set[str]:
    """Return the spellings to look for: `St.` also as `Saint`, `&` also as `and`, capitals for Latin script."""
    base = normalise(name)
    forms = {base, plain(base), base.replace(" & ", " and ")}
    if base.startswith("St. "):
        forms |= {form.replace("St. ", "Saint ", 1) for form in forms} | {
            form.replace("St. ", "St ", 1) for form in forms
        }
    return forms | {form.upper() for form in forms if len(form) > 3 and form.isascii()}
