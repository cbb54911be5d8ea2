"""Country codes (ISO 3166-1 alpha-2 and XK) and the names people see.

Codes come from tzdata's `iso3166.tab`, names from CLDR through Babel, and where China's foreign ministry writes another
short form, from `data/display.csv`.
"""

from __future__ import annotations

from functools import cache
from importlib import resources

from babel import Locale
from babel.core import get_global

from core.i18n import Language
from core.places.tables import DATA, rows

KOSOVO = "XK"
"""Not in ISO 3166-1; the user-assigned code all feeds use for Kosovo."""

KOSOVO_ALPHA3 = ("XKX", "XKO", "RKS", "UNK", "KOS")
"""Three-letter codes seen for Kosovo; none is ISO's."""


@cache
def codes() -> frozenset[str]:
    """Return every country code the program knows: ISO 3166-1 alpha-2 and XK."""
    table = resources.files("tzdata").joinpath("zoneinfo", "iso3166.tab").read_text(encoding="utf-8")
    return frozenset(line.split("\t")[0] for line in table.splitlines() if line and not line.startswith("#")) | {KOSOVO}


@cache
def display(code: str, language: Language) -> str:
    """Return the name of country `code` for people who read `language`.

    Raises:
        KeyError: `code` is none of `codes()`.
    """
    if code not in codes():
        raise KeyError(code)
    return _own().get((code, language)) or str(Locale.parse(language).territories[code])


@cache
def _own() -> dict[tuple[str, str], str]:
    return {(row["code"], language): row[language] for row in rows(DATA / "display.csv") for language in ("zh", "en")}


def iso2(iso3: str) -> str | None:
    """Return the two-letter code of the ISO 3166-1 alpha-3 code `iso3` (either case), or None if there is none."""
    return _alpha3().get(iso3.strip().upper())


@cache
def _alpha3() -> dict[str, str]:
    aliases = get_global("territory_aliases")
    found = {k: v[0] for k, v in aliases.items() if len(k) == 3 and k.isalpha() and len(v) == 1 and v[0] in codes()}
    return found | dict.fromkeys(KOSOVO_ALPHA3, KOSOVO)
