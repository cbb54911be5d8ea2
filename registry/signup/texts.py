"""The text of consent, by version: what was shown stays on record, so a version is never changed, only followed by another."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from core.errors import NotFound
from core.i18n import Language, t

DIRECTORY = Path(__file__).parent / "consent"


@cache
def versions() -> tuple[str, ...]:
    """Return the versions there are, oldest first: the month they came into use."""
    return tuple(sorted({file.name.split(".")[0] for file in DIRECTORY.glob("*.md")}))


def current() -> str:
    """Return the version that is shown to those who register now."""
    return versions()[-1]


def consent_text(version: str, language: Language, office: str) -> str:
    """Return the text of a version, in Markdown, with the name of the office.

    Raises:
        NotFound: there is no such version.
    """
    if version not in versions():
        raise NotFound(t("There is no text of consent {version}.", version=version))
    return (DIRECTORY / f"{version}.{language}.md").read_text(encoding="utf-8").replace("{office}", office)
