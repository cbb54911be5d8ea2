"""The language of an answer, as the caller wishes (RFC 9110, section 12.5.4). Pure."""

from __future__ import annotations

from core.i18n import Language

OURS: dict[str, Language] = {"zh": "zh", "en": "en"}


def language_of(accept: str) -> Language:
    """Return the language that `Accept-Language` prefers among ours; Chinese if it says nothing about them."""
    best: Language = "zh"
    most = 0.0
    for part in accept.split(","):
        name, _, rest = part.strip().partition(";")
        language = OURS.get(name.strip().lower().partition("-")[0])
        weight = _weight(rest)
        if language is not None and weight > most:
            best, most = language, weight
    return best


def _weight(text: str) -> float:
    name, _, value = text.strip().partition("=")
    if name.strip().lower() != "q":
        return 1.0
    try:
        return min(max(float(value), 0.0), 1.0)
    except ValueError:
        return 0.0
