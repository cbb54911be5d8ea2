"""Phone numbers as rosters write them."""

from __future__ import annotations

import random

import phonenumbers
import pytest

from registry.cells import Problem
from registry.phones import Phone, plain_mobile, read_phone, read_phones

MOBILE = "+8613800138000"
ZAMBIA = "+260977123456"


@pytest.mark.parametrize(
    ("text", "host", "expected"),
    [
        ("13800138000", "ZM", MOBILE),
        ("13800138000", None, MOBILE),
        ("138 0013 8000", "ZM", MOBILE),
        ("１３８００１３８０００", "ZM", MOBILE),
        ("8613800138000.0", None, MOBILE),
        ("86-13800138000", "AO", MOBILE),
        ("0086 138 0013 8000", "AO", MOBILE),
        ("+86 (0)138-0013-8000", "AO", MOBILE),
        ("'13800138000", "CN", MOBILE),
        ("=13800138000", "CN", MOBILE),
        ("13800138000（微信同号）", "ZM", MOBILE),
        ("手机：13800138000", "ZM", MOBILE),
        ("138,001,380,00", "ZM", None),
        ("+260 977 123456", None, ZAMBIA),
        ("00260977123456", "AO", ZAMBIA),
        ("0977123456", "ZM", ZAMBIA),
        ("260977123456", "ZM", ZAMBIA),
        ("260-977-123456", "ZM", ZAMBIA),
        ("0977123456", None, None),
        ("977123456", None, None),
        ("260977123456", None, ZAMBIA),
        ("15123456789", "DE", "+8615123456789"),
        ("0535-1234567", "CN", "+865351234567"),
        ("(202) 555-0143", "US", "+12025550143"),
        ("13105551234", "US", None),
        ("13998765432", "BR", None),
        ("8.6138E+12", "ZM", None),
        ("8.61E12", "ZM", None),
        ("2.60977E+11", "ZM", None),
        ("zhangsan88", "ZM", None),
        ("1800FLOWERS", "US", None),
        ("李某（妻）13800138000", "CN", None),
        ("12345", "ZM", None),
        ("+86 138", "CN", None),
    ],
)
def test_one_number(text: str, host: str | None, expected: str | None) -> None:
    """A number is made E.164 where it is certain, and handed back with a reason where it is not."""
    found = read_phone(text, host_country=host)
    if expected is None:
        assert isinstance(found, Problem)
        assert found.reason.render("zh") != ""
    else:
        assert isinstance(found, Phone)
        assert found.e164 == expected


def test_an_assumed_country_is_told() -> None:
    """Whatever was assumed about the country is written down; what the number says itself is not remarked upon."""
    chinese, local = read_phone("13800138000", host_country="ZM"), read_phone("0977123456", host_country="ZM")
    plain = read_phone("+260977123456", host_country="ZM")
    assert isinstance(chinese, Phone)
    assert "+86" in str(chinese.note)
    assert isinstance(local, Phone)
    assert "Zambia (+260)" in str(local.note)
    assert local.note is not None
    assert "赞比亚（+260）" in local.note.render("zh")
    assert isinstance(plain, Phone)
    assert plain.note is None


@pytest.mark.parametrize(
    "text",
    [
        "13800138000/13900139000", "13800138000；13900139000", "13800138000、13900139000", "13800138000，13900139000",
        "13800138000,13900139000", "13800138000\n13900139000", "13800138000 13900139000",
        "微信同号13800138000/13900139000",
    ],
)  # fmt: skip
def test_several_numbers_in_a_cell(text: str) -> None:
    """All usual marks between numbers are understood, and no number is lost."""
    found = read_phones(text, host_country="ZM")
    assert [one.e164 for one in found if isinstance(one, Phone)] == [MOBILE, "+8613900139000"]


def test_a_comma_that_groups_digits_parts_nothing() -> None:
    """A number shown with thousands separators is one number."""
    (found,) = read_phones("13,800,138,000", host_country="ZM")
    assert isinstance(found, Phone)
    assert found.e164 == MOBILE


def test_a_bad_number_does_not_take_a_good_one_with_it() -> None:
    """Of two numbers in a cell the good one is used and the bad one handed back."""
    good, bad = read_phones("13800138000/8.61E+12", host_country="ZM")
    assert isinstance(good, Phone)
    assert isinstance(bad, Problem)
    assert bad.read == "8.61E+12"


def test_the_short_way_reads_as_the_library_does() -> None:
    """Numbers read without the library, in every country, are the ones the library reads, and no fixed lines."""
    chance, short = random.Random(7), 0
    for region in sorted(phonenumbers.SUPPORTED_REGIONS):
        example = phonenumbers.example_number_for_type(region, phonenumbers.PhoneNumberType.MOBILE)
        code = str(phonenumbers.country_code_for_region(region))
        for _ in range(30):
            rest = list(str(example.national_number) if example else str(chance.randrange(10**9)))
            for _ in range(chance.randint(0, 3)):
                rest[chance.randrange(len(rest))] = chance.choice("0123456789")
            number = f"+{code}{''.join(rest)}"
            if plain_mobile(number):
                short += 1
                parsed = phonenumbers.parse(number, None)
                assert phonenumbers.is_valid_number(parsed)
                assert phonenumbers.number_type(parsed) != phonenumbers.PhoneNumberType.FIXED_LINE
                assert phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164) == number
    assert short > 1000


def test_fixed_lines_are_known() -> None:
    """A Chinese fixed line is told from a mobile number, because text messages will not arrive there."""
    fixed, mobile = read_phone("0535-1234567", host_country="CN"), read_phone("13800138000", host_country="CN")
    assert isinstance(fixed, Phone)
    assert isinstance(mobile, Phone)
    assert (fixed.fixed, mobile.fixed) == (True, False)
