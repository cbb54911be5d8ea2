"""What is wrong with the fields of a request, in words. Pure. The values sent are never repeated."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from core.i18n import Message, t

PLACES = {"body", "query", "path", "header"}
SENTENCES = {
    "missing": t("This is missing."),
    "extra_forbidden": t("There is no field of this name."),
    "json_invalid": t("This is no JSON."),
    "enum": t("This is none of the words that are allowed here."),
    "literal_error": t("This is none of the words that are allowed here."),
    "string_too_short": t("This is too short."),
    "string_too_long": t("This is too long."),
    "too_short": t("There are too few of these."),
    "too_long": t("There are too many of these."),
    "string_pattern_mismatch": t("This does not have the form that is asked for."),
    "date_from_datetime_parsing": t("A date is written 2026-11-22."),
    "date_parsing": t("A date is written 2026-11-22."),
    "date_type": t("A date is written 2026-11-22."),
    "country": t("This is no code of a country (ISO 3166-1 alpha-2)."),
    "language": t("This is no code of a language (ISO 639-1)."),
    "phone": t("A telephone number is written +8613800138000: plus sign, country code, digits."),
    "mail": t("This is no mail address."),
    "end": t("A stay cannot end before it begins."),
    "name": t("The name is missing."),
}


@dataclass(frozen=True)
class Fault:
    """One field that is wrong: where (`body/postings/0/country`), and what is the matter."""

    at: str
    message: Message


def faults_of(errors: Iterable[dict[str, Any]]) -> tuple[Fault, ...]:
    """Return the faults that pydantic found, in words of our own."""
    return tuple(Fault(_at(one["loc"]), SENTENCES.get(one["type"], OTHER)) for one in errors)


OTHER = t("This is not what is expected here.")


def _at(place: Sequence[object]) -> str:
    known = place if place and place[0] in PLACES else ("body", *place)
    # The caller may have made up the name of a field, of characters that nobody can write.
    return "/".join(str(one) for one in known)[:200].encode("utf-8", "replace").decode()
