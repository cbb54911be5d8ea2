"""One cell of a table as text, and what is said when it cannot be read. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from core.i18n import Language, Message
from core.places.names import display

# Zero-width and direction marks, soft hyphens and control characters, all but tab and line end: nobody means them.
INVISIBLE = re.compile(
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]"
)
# What a spreadsheet shows where a formula failed.
FAILED = re.compile(r"#(?:N/A|REF!|VALUE!|DIV/0!|NAME\?|NULL!|NUM!|SPILL!|CALC!|GETTING_DATA)")


@dataclass(frozen=True)
class Problem:
    """A value that was not understood: what was read, and what the person can do about it."""

    read: str
    reason: Message


class CountryNames(Message):
    """Names of countries as a part of a sentence, in the language of the reader."""

    def render(self, language: Language) -> str:
        """Return the names with a comma of the language between them."""
        mark = ", " if language == "en" else "、"
        return mark.join(display(code, language) for code in self.text.split())


def names(codes: Iterable[str]) -> CountryNames:
    """Return the names of these countries (ISO alpha-2), for a gap in a sentence."""
    return CountryNames(" ".join(codes))


def clean(text: str) -> str:
    """Return the text with full-width forms made plain (NFKC), invisible characters and outer blanks removed."""
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text)
    return visible(text).strip(" \t\r\n'\"`")


def visible(text: str) -> str:
    """Return the text without invisible characters."""
    return text if text.isprintable() else INVISIBLE.sub("", text)


def is_formula(text: str) -> bool:
    """Tell a formula that was never computed, or that failed (`=A2&B2`, `#N/A`), from a value."""
    return text[:1] in {"=", "＝", "#"} and (text[0] != "#" or FAILED.fullmatch(text) is not None)
