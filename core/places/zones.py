"""Time zones of a country, from tzdata's `zone.tab`, the principal one first."""

from __future__ import annotations

from functools import cache
from importlib import resources

from core.places.names import codes

PRINCIPAL = {
    "AQ": "Antarctica/McMurdo",
    "AU": "Australia/Sydney",
    "BR": "America/Sao_Paulo",
    "CA": "America/Toronto",
    "CY": "Asia/Nicosia",
    "FM": "Pacific/Pohnpei",
    "PS": "Asia/Gaza",
    "RU": "Europe/Moscow",
    "UA": "Europe/Kyiv",
    "XK": "Europe/Belgrade",
}
"""Where the table's order is geographic, or silent: the zone where most people live, or the capital's."""

EMPTY_ISLANDS = {"BV": "Etc/UTC", "HM": "Indian/Kerguelen"}
"""Uninhabited islands that tzdata leaves out: UTC, and the zone of the nearest station."""


def zones(code: str) -> tuple[str, ...]:
    """Return the IANA zones of country `code`, the principal one (most populous, or the capital's) first.

    Raises:
        KeyError: `code` is no country code.
    """
    if code not in codes():
        raise KeyError(code)
    listed = _table().get(code, ())
    first = PRINCIPAL.get(code) or EMPTY_ISLANDS.get(code) or listed[0]
    return (first, *(zone for zone in listed if zone != first))


def zone(code: str) -> str:
    """Return the principal IANA zone of country `code`.

    Raises:
        KeyError: `code` is no country code.
    """
    return zones(code)[0]


@cache
def _table() -> dict[str, tuple[str, ...]]:
    text = resources.files("tzdata").joinpath("zoneinfo", "zone.tab").read_text(encoding="utf-8")
    found: dict[str, tuple[str, ...]] = {}
    for line in text.splitlines():
        if line and not line.startswith("#"):
            code, _, name = line.split("\t")[:3]
            found[code] = (*found.get(code, ()), name)
    return found
