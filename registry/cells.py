"""One cell of a table as text, and what is said when it cannot be read. Pure."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from core.i18n import Language, Message
from core.places.names import display


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
    """Return the text with full-width forms made plain (NFKC) and outer blanks, also invisible ones, removed."""
    return unicodedata.normalize("NFKC", text).strip(" \t\r\n\u200b\u200e\u200f\u202a\u202c\u2060\ufeff'\"`")
