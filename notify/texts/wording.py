"""Wordings: the shipped template files and the office's own, both in a sandbox, where an unknown name is an error.

Reading the files is the only effect.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from jinja2 import StrictUndefined, Template
from jinja2.sandbox import ImmutableSandboxedEnvironment

from core.i18n import Language
from notify.texts.rules import Form

TEMPLATES = Path(__file__).parent.parent / "templates"
CHINESE_ONLY = frozenset({"sms_cn"})
"""Carriers at home approve templates in Chinese: whoever reads English gets these, and the English text by another channel."""


@dataclass(frozen=True)
class Wording:
    """A template and the name under which a notice remembers it."""

    name: str
    source: str

    def render(self, values: Mapping[str, object]) -> str:
        """Fill the template.

        Raises:
            jinja2.TemplateError: it asks for a value it is not given, or for something that a sandbox forbids.
        """
        return _template(self.source).render(values)


@cache
def environment(*, html: bool) -> ImmutableSandboxedEnvironment:
    """Return the sandbox in which wordings are filled; with `html`, values are escaped."""
    return ImmutableSandboxedEnvironment(
        undefined=StrictUndefined,
        autoescape=html,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=False,
    )


@cache
def _template(source: str) -> Template:
    return environment(html=False).from_string(source)


@cache
def html_frame() -> Template:
    """Return the frame of the html form of a mail."""
    return environment(html=True).from_string((TEMPLATES / "email.html").read_text(encoding="utf-8"))


@cache
def shipped(form: Form, language: Language) -> Wording:
    """Return the shipped wording of a form, named by its file and the beginning of its hash."""
    name = f"{form}.{'zh' if form in CHINESE_ONLY else language}.txt"
    source = (TEMPLATES / name).read_text(encoding="utf-8")
    return Wording(f"file:{name}@{hashlib.sha256(source.encode()).hexdigest()[:12]}", source)
