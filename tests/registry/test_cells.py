"""Dates, mail addresses, countries, names and codes as people write them."""

from __future__ import annotations

from datetime import date

import pytest

from core.errors import BadInput
from registry.cells import Problem
from registry.dates import read_date
from registry.employers import check_character, check_code
from registry.mails import read_mails
from registry.masks import mask_address, mask_name
from registry.matching import address_index, name_index
from registry.roster.country import read_countries


@pytest.mark.parametrize(
    "text",
    [
        "2026年3月5日", "２０２６年３月５日", "2026/3/5", "2026-03-05", "2026-3-5", "20260305",
        "46086", "46086.0", " 2026-03-05 00:00:00 ",
    ],
)  # fmt: skip
def test_dates_that_are_read(text: str) -> None:
    """Every form of the strict list gives the day that was meant."""
    assert read_date(text) == date(2026, 3, 5)


@pytest.mark.parametrize(
    "text",
    ["05.03.2026", "3/5/2026", "2026-12", "2026年3月", "春节后", "2026-02-30", "1026-01-01", "29999", "60001", "长期"],
)
def test_dates_that_go_back(text: str) -> None:
    """Everything else goes back to the person with what was read."""
    found = read_date(text)
    assert isinstance(found, Problem)
    assert found.read == text


def test_mails() -> None:
    """Several addresses in a cell are parted, full-width forms made plain, and a bad one is handed back."""
    good, wide, bad = read_mails(
        "wukong@example.com；ｂａｊｉｅ＠example.com foo@gmail,com".replace("gmail,com", "gmail")
    )
    assert (good, wide) == ("wukong@example.com", "bajie@example.com")
    assert isinstance(bad, Problem)


@pytest.mark.parametrize(
    ("text", "codes", "sure"),
    [
        ("赞比亚", ("ZM",), True),
        ("刚果（金）", ("CD",), True),
        ("刚果金", ("CD",), True),
        ("刚果(布)", ("CG",), True),
        ("阿联酋/UAE/迪拜", ("AE",), True),
        ("赞比亚卢萨卡", ("ZM",), True),
        ("中非", ("CF",), True),
        ("中国香港", ("HK",), True),
        ("Trinidad and Tobago", ("TT",), True),
        ("赞比亚、津巴布韦", ("ZM", "ZW"), True),
        ("Zambia and Malawi", ("ZM", "MW"), True),
        ("ZM", ("ZM",), True),
        ("港澳台", ("HK", "MO", "TW"), False),
        ("尼日尔利亚", ("NE",), False),
        ("赞比亚、非洲", ("ZM",), False),
        ("赞比亚/中国", ("ZM",), False),
        ("非洲", (), False),
        ("在船", (), False),
        ("国内", (), False),
        ("中国", (), False),
        ("乌", (), False),
        ("", (), False),
    ],
)
def test_countries(text: str, codes: tuple[str, ...], sure: bool) -> None:
    """A country cell gives countries only where a country stands, and says when it is not certain."""
    found = read_countries(text)
    assert (found.codes, found.sure) == (codes, sure)
    assert found.sure or found.remark is not None


def test_names_and_addresses_are_compared_without_their_dress() -> None:
    """Blanks, width and case do not make another person; one number is one number on every phone channel."""
    key = bytes(32)
    assert name_index(key, "孙 悟空") == name_index(key, "孙　悟空") == name_index(key, "孙悟空")
    assert name_index(key, "Sun Wukong") == name_index(key, "ＳＵＮ wukong") != name_index(key, "孙悟空")
    assert address_index(key, "email", "A@Example.com") == address_index(key, "email", "a@example.com")
    assert address_index(key, "sms", "+8613800138000") == address_index(key, "whatsapp", "+8613800138000")
    assert name_index(key, "x") != name_index(bytes([1]) * 32, "x")


def test_masks() -> None:
    """A masked value keeps too little to reach or name anybody."""
    assert mask_name("孙悟空") == "孙**"
    assert mask_name("孙") == "孙*"
    assert mask_address("+8613800138000") == "+86*********00"
    assert mask_address("wukong@example.com") == "w***@example.com"


def test_unified_social_credit_codes() -> None:
    """A right code passes in its one form, a mistyped one does not, and the office may have codes of its own."""
    body = "91370600MA3C00000"
    code = body + check_character(body)
    assert check_code(f" {code.lower()} ") == code
    wrong = "1" if code[3] != "1" else "2"
    for bad in (code[:3] + wrong + code[4:], "I" + code[1:], "x", "两 字", "", "A" * 41):
        with pytest.raises(BadInput):
            check_code(bad)
    assert check_code("office-7") == "OFFICE-7"
    # Codes that other validators use as their examples: the check character is not ours to define.
    for example in ("91350100M000100Y43", "91310115591693856A"):
        assert check_code(example) == example
