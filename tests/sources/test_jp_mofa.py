"""Japan's open data: codes of countries, grades by flags, mails without a country and about the whole world."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from xml.etree.ElementTree import Element

import phonenumbers
import pytest
from defusedxml.ElementTree import fromstring

from core.errors import SourceBroken
from core.places.names import codes
from core.places.tables import rows
from sources.model import Advisory, Capture, Grade, Hazard, Known, Reading
from sources.publishers import jp_mofa

OWN = Path(__file__).parent / "captures" / "jp-mofa" / "list.xml"
REAL = Path(__file__).resolve().parents[2].parent / "shared" / "feeds" / "jp-mofa"
TABLE = Path(jp_mofa.__file__).parent / "data" / "jp_mofa_countries.csv"
EXCEPTIONS = {"1000", "1808", "1001", "1002", "9001", "9007", "9039", "9212", "9381", "9689"}
WAR_DAY = "newarrivalL-20260228T1200Z-war-day.xml"


def parse(body: bytes) -> Reading:
    """Read bytes as the answer of the open data."""
    return jp_mofa.parse(Capture("jp-mofa", jp_mofa.CARD.url, datetime(2026, 11, 9, tzinfo=UTC), body))


def own() -> dict[str, Advisory]:
    """Return our own mails by key."""
    return {one.native_id: one for one in parse(OWN.read_bytes()).advisories}


def real(name: str) -> bytes:
    """Return a real capture, or skip the test."""
    if not (REAL / name).is_file():
        pytest.skip(f"no captures in {REAL}")
    return (REAL / name).read_bytes()


def mail(*countries: str, lead: str = "本文", kind: str = "R10", more: str = "") -> bytes:
    """Make a file with one mail."""
    named = "".join(f"<country><cd>{code}</cd></country>" for code in countries)
    return (
        "<?xml version='1.0' encoding='UTF-8'?><opendata lastModified='2026/11/09 08:10:00' mailCount='1'><mail>"
        f"<keyCd>1</keyCd><infoType>{kind}</infoType><leaveDate>2026/11/09 07:30:00</leaveDate>{named}"
        f"<title>テスト</title><lead>{lead}</lead><infoUrl>https://www.anzen.mofa.go.jp/x</infoUrl>{more}</mail></opendata>"
    ).encode()


def codes_of(element: Element) -> list[str]:
    """Return the codes of a mail's countries as they stand."""
    return [entry.findtext("cd") or "" for entry in element.findall("country")]


def test_the_table_follows_the_calling_codes_but_for_its_exceptions() -> None:
    """Each code is the country's calling code in four digits, or its area code where +1 is shared, or a named exception."""
    for row in rows(TABLE):
        calling = phonenumbers.country_code_for_region(row["iso"])
        shares_one = calling == 1 and row["code"] not in EXCEPTIONS
        assert row["iso"] in codes()
        assert row["code"] in EXCEPTIONS or shares_one or row["code"] == f"{calling:04d}", row


def test_no_code_stands_twice_in_the_table() -> None:
    """One code is one country."""
    found = [row["code"] for row in rows(TABLE)]
    assert len(found) == len(set(found))


def test_russia_and_kazakhstan_are_not_mixed_up() -> None:
    """They share a calling code: the plain one is Kazakhstan's, the one with a 9 is Russia's."""
    assert own()["900001"].countries == ("RU",)
    assert own()["900002"].countries == ("KZ",)


def test_the_order_of_the_japanese_alphabet_proves_russia_and_kazakhstan() -> None:
    """A mail that names all countries has 0007 between オランダ and キプロス and 9007 last in Europe, as カ and ロ stand."""
    root = fromstring(real("newarrivalL-20260131T1402Z-C31-C51.xml"))
    longest = max((codes_of(entry) for entry in root.findall("mail")), key=len)
    at = longest.index("0007")
    assert longest[at - 1 : at + 2] == ["0031", "0007", "0357"]
    assert longest[longest.index("9007") - 1] == "0352"
    assert longest[longest.index("9007") + 1] == "0093"


def test_a_code_under_another_region_is_not_believed() -> None:
    """Iran's code under Europe may have come to mean another country: quarantined, not guessed."""
    body = mail("0098").replace(b"<country>", b"<country areaCd='42'>")
    assert [str(bad.reason) for bad in parse(body).quarantined] == ["unknown country code: 0098 (42)"]


def test_flags_grade_parts_and_only_the_text_grades_the_country() -> None:
    """Two flags for Brazil state no national level; 全土 with both levels of Israel states the lower of them."""
    israel, brazil = own()["2026T901"], own()["2026T902"]
    assert (israel.level_national, israel.level_regional_max) == (4, 4)
    assert (brazil.level_national, brazil.level_regional_max) == (Grade.UNSTATED, 3)
    assert brazil.level_words == "危険情報 · レベル1（十分注意）、レベル2（不要不急の渡航は止めてください）"


@pytest.mark.parametrize(("flag", "level"), [(1, 2), (2, 3), (3, 4), (4, 4)])
def test_each_grade_has_its_normalised_level(flag: int, level: int) -> None:
    """1 is 2, 2 is 3, 3 and 4 are 4 (DESIGN section 6)."""
    found = parse(mail("0977", kind="T40", lead=f"全土：レベル{flag}", more=f"<riskLevel{flag}>1</riskLevel{flag}>"))
    assert (found.advisories[0].level_national, found.advisories[0].level_regional_max) == (level, level)


def test_a_national_level_without_its_flag_is_not_believed() -> None:
    """Text and flags must not contradict each other: then the flags alone count."""
    found = parse(
        mail("0977", kind="T40", lead="全土の危険情報をレベル４から引き下げます。", more="<riskLevel1>1</riskLevel1>")
    )
    assert (found.advisories[0].level_national, found.advisories[0].level_regional_max) == (Grade.UNSTATED, 2)


def test_a_lifted_warning_states_no_level() -> None:
    """All flags down is no level 1."""
    assert own()["2026T903"].level is Grade.UNSTATED


def test_an_unknown_flag_is_quarantined() -> None:
    """A flag with another value than yes or no is no zero."""
    assert len(parse(mail("0977", kind="T40", more="<riskLevel4>2</riskLevel4>")).quarantined) == 1


def test_a_mail_that_quotes_a_level_does_not_state_it() -> None:
    """Spot information repeats that level 4 stands already: only a T40 grades."""
    assert own()["2026C904"].level is Grade.UNSTATED


def test_the_warning_on_israel_is_about_the_palestinian_territories_too() -> None:
    """The title names the West Bank and Gaza; the file has Israel's code alone. Jordan is in neither."""
    assert own()["2026T901"].countries == ("IL", "PS")


def test_a_mail_without_a_country_stays_unplaced() -> None:
    """Hawaii in the title is not read: the post is named for the officer."""
    found = own()["900003"]
    assert (found.countries, found.worldwide, found.unresolved) == ((), False, ("在外公館 301E",))


def test_more_than_200_countries_are_the_world_and_200_are_not() -> None:
    """The border between a long list and the whole world."""
    known = [row["code"] for row in rows(TABLE)]
    world, many = parse(mail(*known[:201])).advisories[0], parse(mail(*known[:200])).advisories[0]
    assert (world.worldwide, world.countries) == (True, ())
    assert not many.worldwide
    assert len(many.countries) > 190


def test_times_are_japanese() -> None:
    """07:30 in Tokyo is 22:30 of the day before in UTC."""
    assert own()["900001"].published_at == datetime(2026, 11, 8, 22, 30, tzinfo=UTC)


def test_an_emergency_mail_is_acute_and_a_subject_is_a_hazard() -> None:
    """R20 is the ministry's own word for what happens now; 戦争 in the subjects is conflict."""
    assert own()["900002"].acute
    assert not own()["900001"].acute
    assert own()["2026C904"].hazards == (Hazard.CONFLICT,)


def test_fewer_mails_than_the_file_says_break_the_source() -> None:
    """The file counts its mails: another number is half a file."""
    with pytest.raises(SourceBroken, match="as many mails"):
        parse(OWN.read_bytes().replace(b'mailCount="10"', b'mailCount="11"'))


def test_one_request_is_all_it_takes() -> None:
    """The newest mails of all countries are one file."""
    asked: list[str] = []

    def get(url: str) -> Capture:
        asked.append(url)
        return Capture("jp-mofa", url, datetime(2026, 11, 9, tzinfo=UTC), OWN.read_bytes())

    assert jp_mofa.read(get, Known()).built_at == datetime(2026, 11, 8, 23, 10, tzinfo=UTC)
    assert asked == [jp_mofa.CARD.url]


def test_the_day_war_began_names_iran_and_its_neighbours() -> None:
    """48 mails; Iran, the Gulf and all other neighbours are there by their own codes, none of the codes read as ISO's."""
    found = {one.native_id: one for one in parse(real(WAR_DAY)).advisories}
    named = {code for one in found.values() if len(one.countries) < 10 for code in one.countries}
    assert len(found) == 48
    assert {"IR", "IQ", "KW", "SA", "BH", "QA", "AE", "OM", "TR", "AM", "AF", "PK", "IL", "PS", "LB", "JO"} <= named
    assert found["2026C016"].countries == ("IR",)
    assert found["163145"].countries == ("IQ",)
    assert found["163129"].countries == ("TR",)
    assert found["2026T016"].countries == ("IL", "PS")
    assert (found["2026T016"].level_national, found["2026T016"].level_regional_max) == (4, 4)
    assert len(found["2026C017"].countries) == 51
    assert found["163145"].acute


def test_the_mail_of_31_january_is_about_the_whole_world() -> None:
    """206 codes in one mail are the world, and no list."""
    found = {one.native_id: one for one in parse(real("newarrivalL-20260131T1402Z-C31-C51.xml")).advisories}
    assert [key for key, one in found.items() if one.worldwide] == ["2026C009"]
    assert found["2026C009"].countries == ()


@pytest.mark.parametrize(
    ("name", "unplaced"),
    [
        ("newarrivalL-20260131T1402Z-C31-C51.xml", {"162744", "162743", "162739", "162723"}),
        ("newarrivalL-20260209T0130-min.xml", {"162852"}),
        ("newarrivalL-20260404T0004Z-R20.xml", {"164088", "164085"}),
    ],
)
def test_real_mails_without_a_country_are_unplaced(name: str, unplaced: set[str]) -> None:
    """Mails of posts in the USA and Guam have no country: each goes to an officer, none to everybody."""
    found = parse(real(name)).advisories
    assert {one.native_id for one in found if not one.countries and not one.worldwide} == unplaced
    assert all(one.unresolved for one in found if one.native_id in unplaced)
