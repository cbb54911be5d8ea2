"""Codes, names, FIPS codes and time zones."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest

from core.places.fips import iso_of_fips
from core.places.names import codes, display, iso2
from core.places.zones import zone, zones


def test_every_code_has_a_name_in_both_languages_and_a_zone_that_exists() -> None:
    """No country can be registered that cannot be shown or has no local time."""
    assert len(codes()) == 250
    for code in codes():
        assert display(code, "zh")
        assert display(code, "en")
        assert ZoneInfo(zone(code))


@pytest.mark.parametrize(
    ("code", "zh"),
    [("HK", "中国香港"), ("MO", "中国澳门"), ("TW", "中国台湾"), ("PS", "巴勒斯坦"), ("CD", "刚果（金）"),
     ("CG", "刚果（布）"), ("AE", "阿联酋"), ("KR", "韩国"), ("SZ", "斯威士兰"), ("XK", "科索沃")],
)  # fmt: skip
def test_chinese_names_are_the_ministry_s(code: str, zh: str) -> None:
    """Names shown to people follow the foreign ministry's wording where CLDR's differ."""
    assert display(code, "zh") == zh


def test_an_unknown_code_is_refused() -> None:
    """A code that is none raises instead of being shown as it is."""
    with pytest.raises(KeyError):
        display("ZZ", "zh")
    with pytest.raises(KeyError):
        zones("ZZ")


def test_three_letter_codes_cover_every_country() -> None:
    """Each country has a three-letter code, and a group's or a dead state's code is nobody's."""
    assert (iso2("DEU"), iso2("cod"), iso2("XKX")) == ("DE", "CD", "XK")
    assert iso2("SUN") is None
    assert iso2("") is None


@pytest.mark.parametrize(
    ("fips", "iso"),
    [("CH", "CN"), ("CN", "KM"), ("GB", "GA"), ("AU", "AT"), ("AS", "AU"), ("NG", "NE"), ("NI", "NG"), ("KS", "KR"),
     ("KN", "KP"), ("SN", "SG"), ("SG", "SN"), ("RS", "RU"), ("GM", "DE"), ("ES", "SV"), ("BM", "MM"), ("CG", "CD"),
     ("CF", "CG"), ("CD", "TD"), ("ZA", "ZM"), ("sf", "ZA"), ("IZ", "IQ"), ("IS", "IL"), ("TU", "TR"), ("UP", "UA")],
)  # fmt: skip
def test_fips_codes_are_not_read_as_iso_codes(fips: str, iso: str) -> None:
    """The pairs that clash with ISO give the country FIPS means."""
    assert iso_of_fips(fips) == iso


def test_fips_knows_every_state_and_no_nonsense() -> None:
    """Every ISO code but those FIPS never had is reached, and what is no FIPS code gives nothing."""
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    reached = {iso_of_fips(a + b) for a in letters for b in letters} - {None}
    assert reached <= codes()
    assert codes() - reached == {"AX", "BQ"}  # Åland counts as Finland there; Bonaire came after FIPS ended
    assert iso_of_fips("NT") is None
    assert iso_of_fips("") is None


@pytest.mark.parametrize(
    ("code", "first"),
    [("CN", "Asia/Shanghai"), ("US", "America/New_York"), ("RU", "Europe/Moscow"), ("AU", "Australia/Sydney"),
     ("BR", "America/Sao_Paulo"), ("CA", "America/Toronto"), ("MN", "Asia/Ulaanbaatar"), ("ID", "Asia/Jakarta"),
     ("CD", "Africa/Kinshasa"), ("KZ", "Asia/Almaty"), ("MX", "America/Mexico_City"), ("PT", "Europe/Lisbon"),
     ("ES", "Europe/Madrid"), ("UA", "Europe/Kyiv"), ("CL", "America/Santiago"), ("NZ", "Pacific/Auckland")],
)  # fmt: skip
def test_the_first_zone_is_where_most_people_live(code: str, first: str) -> None:
    """A posting without a city gets the local time of most people in the country."""
    assert zones(code)[0] == zone(code) == first
    assert len(set(zones(code))) == len(zones(code))
