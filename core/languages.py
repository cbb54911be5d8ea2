"""Languages that people read, by their code of two letters (ISO 639-1, as the Unicode CLDR lists them). Pure.

Our own sentences are Chinese and English (`core.i18n.Language`); an office may word notices in others.
"""

from __future__ import annotations

import re
from functools import cache

from babel import Locale, UnknownLocaleError

from core.i18n import Language, Message, t

OURS: tuple[Language, ...] = ("zh", "en")
_CODE = re.compile(r"([a-z]{2})(?:[-_][a-z0-9]{2,8})*")


def is_language(code: str) -> bool:
    """Tell whether this is a code of a language: two small letters, as `fr`."""
    return code in _codes()


def words_in(code: str) -> Language:
    """Return in which of our two languages a reader of this one is told what is not worded in theirs.

    Whoever chose a further language did not choose Chinese. Nothing chosen means Chinese.
    """
    return "zh" if code in ("", "zh") else "en"


def no_language(code: str) -> Message:
    """Say that this is no code of a language."""
    return t(
        "{language} is no language we know: write zh, en or another code of two letters (ISO 639-1), such as fr.",
        language=code,
    )


def language_name(code: str, language: Language) -> str:
    """Return what readers of `language` call a language; its code, if it has no name."""
    return str(Locale.parse(language).languages.get(code, code))


def own_name(code: str) -> str:
    """Return what its own readers call a language."""
    try:
        name = Locale.parse(code).languages.get(code, code)
    except UnknownLocaleError:
        return language_name(code, "en")
    return str(name)[:1].upper() + str(name)[1:]


def read_language(text: str) -> str | None:
    """Return the code of a language that is written by its code (`fr`, `pt-BR`) or its Chinese or English name; else None."""
    word = text.strip().lower()
    found = _CODE.fullmatch(word)
    if found and is_language(found[1]):
        return found[1]
    return _names().get(word)


@cache
def _codes() -> frozenset[str]:
    return frozenset(str(code) for code in Locale.parse("en").languages if len(str(code)) == 2)


@cache
def _names() -> dict[str, str]:
    found: dict[str, str] = {}
    for code in sorted(_codes()):
        chinese = language_name(code, "zh")
        for name in (chinese, chinese.removesuffix("语") + "文", language_name(code, "en").lower()):
            found.setdefault(name, code)
    return found
