"""Phone numbers as rosters write them, made into E.164 or handed back with a reason. Pure.

A number is never repaired by guessing: what a spreadsheet has rounded, or what could belong to two countries, is
asked about.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

import phonenumbers
from phonenumbers import (
    COUNTRY_CODE_TO_REGION_CODE,
    NumberParseException,
    PhoneMetadata,
    PhoneNumber,
    PhoneNumberFormat,
    PhoneNumberType,
    country_code_for_region,
)

from core.i18n import Message, t
from registry.cells import Problem, clean, names

SCIENTIFIC = re.compile(r"\d(?:\.\d+)?[eE]\+?\d+")
FLOAT_TAIL = re.compile(r"(?<=\d{5})\.0+$")
FRACTION = re.compile(r"\d{7,}\.\d+")
EXTENSION = re.compile(r"\d\s*(?:转|分机|内线|ext\.?|extension|x)\s*[:.]?\s*\d{1,6}$", re.IGNORECASE)
THOUSANDS = re.compile(r"\d{1,3}(?:,\d{3})+")
BETWEEN = re.compile(r"[/;、\n\r|]+")
MAYBE_BETWEEN = re.compile(r"[,\s]+")
# Words written around a number. A word that is not in this list stays, and the number is handed back.
LABELS = re.compile(
    r"微信(?:同号|同步|号)?|同微信|手机号?码?|电话号?码?|联系|本人|国内|国外|境外|当地|whats\s?app|wechat|mobile|phone|tel|cell|同号"
    r"|[:=*#\"'`]",
    re.IGNORECASE,
)
EMPTY_BRACKETS = re.compile(r"\(\s*\)|\[\s*\]")
NUMBER = re.compile(r"\+?[\d\s().\-]+")
PLAIN = re.compile(r"\+?\d{7,15}")
CHINESE_MOBILE = re.compile(r"1[3-9]\d{9}")
DIGITS_TO_STAND_ALONE = 7
DIGITS_WITH_CODE = 11
"""Where nobody told the country, so many digits that are a mobile number with a + are one with its country code."""


@dataclass(frozen=True)
class Phone:
    """A valid number.

    Attributes:
        e164: `+` and digits.
        fixed: a fixed line by its number: text messages will hardly arrive.
        note: which country was assumed, if the number did not say so itself.
    """

    e164: str
    fixed: bool = False
    note: Message | None = None


def split_phones(text: str) -> tuple[str, ...]:
    """Return the single numbers written in one cell. Commas and blanks part numbers only if each part can be one."""
    plain = clean(text)
    if PLAIN.fullmatch(plain):
        return (plain,)
    if THOUSANDS.fullmatch(plain):
        return (plain.replace(",", ""),)
    parts: list[str] = []
    for piece in BETWEEN.split(plain):
        finer = [part for part in MAYBE_BETWEEN.split(piece) if part]
        safe = all(sum(c.isdigit() for c in part) >= DIGITS_TO_STAND_ALONE for part in finer)
        parts += finer if safe else [piece.strip()]
    return tuple(part for part in parts if part)


def read_phones(text: str, *, host_country: str | None) -> tuple[Phone | Problem, ...]:
    """Read every number in a cell, each as a `Phone` or as what is wrong with it."""
    if PLAIN.fullmatch(text):
        return (_of_digits(text, text, host_country),)
    return tuple(read_phone(part, host_country=host_country) for part in split_phones(text))


def read_phone(text: str, *, host_country: str | None) -> Phone | Problem:
    """Read one number.

    Args:
        text: as written.
        host_country: where the person is (ISO alpha-2): assumed for numbers without a country code; None: nothing is
            assumed.
    """
    plain = clean(text)
    if PLAIN.fullmatch(plain):
        return _of_digits(text, plain, host_country)
    if EXTENSION.search(plain):
        return Problem(text, t("A number with an extension cannot be reached. Write a mobile number."))
    if SCIENTIFIC.search(plain) or (FRACTION.fullmatch(plain) and not FLOAT_TAIL.search(plain)):
        return Problem(
            text, t("Digits were lost in the spreadsheet. Format the column as text and type the number again.")
        )
    plain = EMPTY_BRACKETS.sub("", LABELS.sub("", FLOAT_TAIL.sub("", plain))).strip()
    if not NUMBER.fullmatch(plain):
        return Problem(text, t("This is no phone number. Write digits only, with + and the country code."))
    digits = re.sub(r"\D", "", plain.replace("(0)", ""))
    return _of_digits(text, f"+{digits}" if plain.startswith("+") else digits, host_country)


def calling_code(number: str) -> str:
    """Return the country code of a number in E.164, without the plus (`86`): codes are free of prefixes (ITU-T E.164).

    Empty: there is no such code.
    """
    starts = (number[1 : length + 1] for length in (1, 2, 3))
    return next((one for one in starts if one.isdigit() and int(one) in COUNTRY_CODE_TO_REGION_CODE), "")


def _of_digits(text: str, digits: str, host_country: str | None) -> Phone | Problem:
    if digits.startswith("+"):
        return _parsed(text, digits, None, None)
    if digits.startswith("00"):
        return _parsed(text, f"+{digits[2:]}", None, None)
    return _without_code(text, digits, host_country)


def _without_code(text: str, digits: str, host: str | None) -> Phone | Problem:
    if digits.startswith("86") and CHINESE_MOBILE.fullmatch(digits[2:]):
        return _parsed(text, f"+{digits}", None, t("The + before 86 was added."))
    if CHINESE_MOBILE.fullmatch(digits):
        if host not in {None, "CN"} and _also_local(digits, str(host)):
            return Problem(
                text, t("This number could be Chinese or local. Write it with +86 or with the local country code.")
            )
        return _parsed(text, f"+86{digits}", None, t("Taken as a Chinese mobile number (+86)."))
    if host is None:
        if len(digits) >= DIGITS_WITH_CODE and plain_mobile(f"+{digits}"):
            return Phone(f"+{digits}", False, t("The + was added."))
        return Problem(text, t("The country of this number is not known. Write it with + and the country code."))
    whole = _local_mobile(digits, host)
    if whole:
        return Phone(whole, False, _taken_as(host))
    return _parsed(text, digits, host, _taken_as(host))


@cache
def _taken_as(host: str) -> Message:
    return t("Taken as a number of {country} (+{code}).", country=names([host]), code=country_code_for_region(host))


def _also_local(digits: str, host: str) -> bool:
    # People write a local number as it is dialled inside the country: 13 99876-5432 in Brazil, 1 310 … in North
    # America. Where a 0 is dialled first (Germany), eleven digits without it are no local writing.
    try:
        number = phonenumbers.parse(digits, host)
    except NumberParseException:
        return False
    if phonenumbers.number_type(number) == PhoneNumberType.UNKNOWN:
        return False
    local = re.sub(r"\D", "", phonenumbers.format_number(number, PhoneNumberFormat.NATIONAL))
    return digits == local or (number.country_code == 1 and digits == f"1{local}")


def _parsed(text: str, digits: str, region: str | None, note: Message | None) -> Phone | Problem:
    if region is None and plain_mobile(digits):
        return Phone(digits, False, note)
    try:
        number = phonenumbers.parse(digits, region)
    except NumberParseException:
        return Problem(text, t("This is no phone number. Write digits only, with + and the country code."))
    kind = phonenumbers.number_type(number)
    if kind == PhoneNumberType.UNKNOWN:
        return Problem(text, _invalid(number))
    return Phone(phonenumbers.format_number(number, PhoneNumberFormat.E164), kind == PhoneNumberType.FIXED_LINE, note)


def _invalid(number: PhoneNumber) -> Message:
    return t("There is no such number under country code +{code}. Check the digits.", code=number.country_code)


@dataclass(frozen=True)
class _Shapes:
    """The numbers of a country code that belongs to one country only: what any number, a mobile one and a written
    trunk prefix look like after the code; `dialled` is that prefix where it is always the same digits, else empty.
    """

    whole: re.Pattern[str]
    lengths: frozenset[int]
    mobile: re.Pattern[str]
    trunk: re.Pattern[str] | None
    dialled: str


@cache
def _shapes(code: str) -> _Shapes | None:
    regions = COUNTRY_CODE_TO_REGION_CODE.get(int(code), ())
    data = PhoneMetadata.metadata_for_region(regions[0]) if len(regions) == 1 else None
    if data is None or data.mobile is None or data.general_desc is None:
        return None
    mobile, whole = data.mobile.national_number_pattern, data.general_desc.national_number_pattern
    if not mobile or not whole:
        return None
    lengths = frozenset(data.mobile.possible_length or data.general_desc.possible_length)
    trunk = data.national_prefix_for_parsing
    dialled = trunk if trunk and trunk == data.national_prefix and not data.national_prefix_transform_rule else ""
    return _Shapes(re.compile(whole), lengths, re.compile(mobile), re.compile(trunk) if trunk else None, dialled or "")


def plain_mobile(digits: str) -> bool:
    """Tell a mobile number that can be read in one way only, by the same tables as the library, in a tenth of the time.

    `False` says nothing: the library must judge. A number that begins like a trunk prefix is left to it too.
    """
    for length in (1, 2, 3):
        if (shapes := _shapes(digits[1 : length + 1]) if digits[1 : length + 1].isdigit() else None) is not None:
            rest = digits[length + 1 :]
            return (
                len(rest) in shapes.lengths
                and rest[0] != "0"
                and shapes.mobile.fullmatch(rest) is not None
                and shapes.whole.fullmatch(rest) is not None
                and (shapes.trunk is None or shapes.trunk.match(rest) is None)
            )
    return False


def _local_mobile(digits: str, host: str) -> str:
    """Return a mobile number written as it is dialled inside a country, as E.164; empty: the library must judge."""
    code = str(country_code_for_region(host))
    shapes = _shapes(code)
    if shapes is None or not shapes.dialled or not digits.startswith(shapes.dialled):
        return ""
    whole = f"+{code}{digits.removeprefix(shapes.dialled)}"
    return whole if plain_mobile(whole) else ""
