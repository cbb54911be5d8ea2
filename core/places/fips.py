"""FIPS 10-4 country codes, as the US travel feed still uses them, against ISO codes. They clash: FIPS CH is China."""

from __future__ import annotations

from functools import cache

from core.places.tables import DATA, rows


def iso_of_fips(code: str) -> str | None:
    """Return the ISO alpha-2 code of the FIPS 10-4 code `code` (either case), or None if there is no such code."""
    return _table().get(code.strip().upper())


@cache
def _table() -> dict[str, str]:
    return {row["fips"]: row["iso"] for row in rows(DATA / "fips.csv")}
