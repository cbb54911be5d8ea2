"""Places in texts, and country fields of feeds."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.places.finder import find, is_part, resolve
from core.places.names import codes, display


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("几内亚比绍、几内亚、赤道几内亚和巴布亚新几内亚", ("GW", "GN", "GQ", "PG")),
        ("尼日尔与尼日利亚", ("NE", "NG")),
        ("提醒赴尼日利亞、尼日旅客", ("NG", "NE")),
        ("美属萨摩亚与萨摩亚", ("AS", "WS")),
        ("多米尼加和多米尼克", ("DO", "DM")),
        ("Dominica and the Dominican Republic", ("DM", "DO")),
        ("Niger, Nigeria, Guinea, Guinea-Bissau, Equatorial Guinea", ("NE", "NG", "GN", "GW", "GQ")),
        ("Papua New Guinea; American Samoa; Samoa", ("PG", "AS", "WS")),
        ("刚果（金）和刚果(布)", ("CD", "CG")),
        ("DRC and the Republic of the Congo", ("CD", "CG")),
        ("朝鲜、韩国、South Korea, North Korea", ("KP", "KR")),
        ("寮國、義大利、紐西蘭、沙烏地阿拉伯", ("LA", "IT", "NZ", "SA")),
        ("マリ共和国とソマリア", ("ML", "SO")),
        ("우크라이나 및 러시아", ("UA", "RU")),
        ("Côte d'Ivoire, Cote d’Ivoire", ("CI",)),
        ("TURKEY: a turkey is a bird", ("TR",)),
        ("马里兰州、新墨西哥州、北爱尔兰、内蒙古口岸", ("US", "GB")),
        ("约旦河西岸", ("PS",)),
        ("塞班", ("MP",)),
        ("泰柬边境局势", ("KH", "TH")),
        ("赴美加留学", ("US", "CA")),
        ("克什米尔", ("IN", "PK")),
        ("最近日本地震频发", ("JP",)),
        ("春节日本游、学生日本研学", ("JP",)),
        ("以巴黎为例", ("FR",)),
        ("驻中非使馆", ("CF",)),
        ("最近海地局势", ("HT",)),
        ("驻特多使馆", ("TT",)),
    ],
)
def test_names_that_contain_one_another_are_told_apart(text: str, expected: tuple[str, ...]) -> None:
    """The longest name counts, in the script and wording each source uses."""
    assert find(text).countries == expected


@pytest.mark.parametrize(
    "text",
    [
        "沿海地区有大风", "中非关系与中非合作论坛", "日本脑炎疫苗", "近日本地居民", "参加奥运会", "模特多人",
        "Grenade found", "Chili peppers", "司法国际合作", "summary of a jersey", "サマリー", "正在美容院",
        "中国公民请注意", "提醒北京市民", "Georgia State University", "Male visitors", "万象更新",
    ],
)  # fmt: skip
def test_words_that_only_resemble_a_country_are_no_place(text: str) -> None:
    """No country is read out of ordinary words, nationalities and blocked phrases."""
    assert find(text).countries == ()


def test_a_sea_or_a_continent_is_reported_and_not_guessed() -> None:
    """An area without one country is unresolved, so that an officer sees it."""
    found = find("几内亚湾和印度洋海域 Sahel")
    assert found.countries == ()
    assert found.unresolved == ("几内亚湾", "印度洋", "Sahel")
    assert not found.worldwide


def test_an_ambiguous_character_lists_its_candidates() -> None:
    """A post named by one character that several countries share is left to an officer."""
    assert find("驻乌大使馆通知").ambiguous == ("乌: UA UZ UG UY",)
    assert find("刚果局势").ambiguous == ("刚果: CD CG",)


def test_the_text_and_then_the_issuing_post_settle_an_ambiguous_character() -> None:
    """A full name in the text decides first, the host second, custom third."""
    assert find("驻加纳使馆提醒在加中国公民").countries == ("GH",)
    assert find("提醒在加中国公民", host="GH").countries == ("GH",)
    assert find("提醒在加中国公民").countries == ("CA",)
    assert find("提醒在乌中国公民", host="UZ").countries == ("UZ",)
    assert find("提醒在乌中国公民", host="FR").ambiguous
    assert find("西班牙瓦伦西亚洪水").countries == ("ES",)


def test_nationality_and_landmark_are_no_place() -> None:
    """Where the victim is from, and what a region borders on, is not where the danger is."""
    assert find("中国香港游客在日本遇袭").countries == ("JP",)
    assert find("俄罗斯籍男子在泰国被捕").countries == ("TH",)
    assert find("贝宁与布基纳法索接壤地区").countries == ("BJ",)


def test_a_lone_nationality_is_shown_to_an_officer() -> None:
    """泰国游客 alone may mean visitors from or to Thailand: it is neither sent nor dropped."""
    found = find("泰国游客请注意")
    assert (found.countries, found.unresolved) == ((), ("泰国",))


def test_worldwide_needs_words_that_say_so() -> None:
    """No place in a text is not yet the whole world."""
    assert find("提醒海外中国公民").worldwide
    assert not find("提醒中国公民").worldwide


@pytest.mark.parametrize(
    ("field", "expected"),
    [
        ("Israel, the West Bank and Gaza", ("IL", "PS")),
        ("Israel and Palestine", ("IL", "PS")),
        ("Mainland China, Hong Kong & Macau", ("CN", "HK", "MO")),
        ("French West Indies", ("GP", "MQ", "MF", "BL")),
        ("Kingdom of Denmark", ("DK", "FO", "GL")),
        ("Northern Marianas", ("MP",)),
        ("Saba", ("BQ",)), ("Sint Eustatius", ("BQ",)), ("Bonaire", ("BQ",)),
        ("Azores", ("PT",)), ("Canary Islands", ("ES",)), ("XK", ()), ("Kosovo*", ("XK",)),
        ("Island", ("IS",)), ("Congo", ("CG",)), ("Korea, Republic of", ("KR",)),
        ("Iran (Islamic Republic of)", ("IR",)),
        ("Bahrain ", ("BH",)), ("Türkei", ("TR",)), ("Southeast of Honshu, Japan", ("JP",)),
        ("Saudi Arabia's border regions with Yemen", ("SA",)),
        ("Georgia", ("GE",)), ("The Gambia", ("GM",)), ("Virgin Islands, British", ("VG",)),
        ("Schengen countries*", ()), ("Global", ()), ("", ()), ("Atlantis", ()),
    ],
)  # fmt: skip
def test_a_country_field_is_read_as_a_whole(field: str, expected: tuple[str, ...]) -> None:
    """Joint names give all their countries; what is not known gives none."""
    assert resolve(field) == expected


def test_every_shown_name_resolves_to_its_country() -> None:
    """What the console shows can be typed back."""
    for code in codes():
        assert resolve(display(code, "zh")) == (code,)
        assert resolve(display(code, "en")) == (code,)


def test_parts_are_told_from_countries() -> None:
    """An entry for a part of a country must not speak for the whole of it."""
    assert all(is_part(name) for name in ("Saba", "Azores", "Somaliland", "Canary Islands", "加沙", "巴厘岛"))
    assert not any(is_part(name) for name in ("Spain", "Palestine", "西班牙", "Atlantis", "Northern Marianas"))


@given(st.text(max_size=60))
def test_any_text_can_be_searched(text: str) -> None:
    """Whatever a publisher sends, the search answers with known codes and spans inside the text."""
    found = find(text)
    assert set(found.countries) <= codes()
    assert all(0 <= span.start < span.end <= len(found.text) for span in found.spans)
