"""Words for people, in Chinese and English.

A sentence is carried through the program as a `Message`: its English form with named gaps, and the values for the gaps. It
is put into a language only where a person reads it. Chinese forms live in `core/locale/zh_CN/*.po`, one file per room; a test
holds every `t("…")` in the code against them.
"""

from __future__ import annotations

import gettext
import io
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Literal

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

Language = Literal["zh", "en"]
LOCALE_DIR = Path(__file__).parent / "locale" / "zh_CN"


@dataclass(frozen=True)
class Message:
    """A sentence with named gaps, not yet in any language.

    `text` is the English form with `{name}` gaps; `values` fills them. A value may itself be a `Message`.
    """

    text: str
    values: Mapping[str, object] = field(default_factory=dict)

    def render(self, language: Language) -> str:
        """Return the sentence in `language`."""
        form = self.text if language == "en" else catalogue().gettext(self.text)
        return form.format_map({k: v.render(language) if isinstance(v, Message) else v for k, v in self.values.items()})

    def __str__(self) -> str:
        """Return the English form: what logs and tracebacks show."""
        return self.render("en")


def t(text: str, /, **values: object) -> Message:
    """Mark `text` as a sentence for people. `text` must be a literal, so that the catalogue test can find it."""
    return Message(text, values)


@cache
def catalogue() -> gettext.GNUTranslations:
    """Load and join the Chinese catalogues of all rooms, once."""
    # One table, and no chain of them: a page has hundreds of sentences, and each would be looked for in one file after another.
    joined, buffer = Catalog(locale="zh_CN"), io.BytesIO()
    for path in sorted(LOCALE_DIR.glob("*.po")):
        with path.open("rb") as handle:
            for entry in read_po(handle, locale="zh_CN"):
                if entry.id:
                    joined[entry.id] = entry
    if not joined:
        raise FileNotFoundError(LOCALE_DIR)
    write_mo(buffer, joined)
    buffer.seek(0)
    return gettext.GNUTranslations(buffer)


def choose_language(wanted: str | None = None) -> Language:
    """Choose the language a person reads: `LINGBAO_LANG`, then the locale, then Chinese.

    Args:
        wanted: an explicit wish such as `zh-CN` or `en`; None asks the environment.
    """
    names = ("LINGBAO_LANG", "LC_ALL", "LC_MESSAGES", "LANG")
    text = wanted or next((os.environ[name] for name in names if os.environ.get(name)), "")
    return "en" if text.lower().startswith("en") else "zh"


def both(message: Message, language: Language) -> str:
    """Return an error for a person: for a Chinese reader Chinese first and English second, else English alone."""
    if language == "en":
        return message.render("en")
    return f"{message.render('zh')}\n{message.render('en')}"
