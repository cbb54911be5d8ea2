"""The country cell of a roster. Pure. What is not certain is said to be doubtful; what names no country is refused."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from core.i18n import Message, t
from core.places.finder import find, resolve
from core.places.names import codes as all_codes
from core.places.spans import Role
from registry.cells import clean, names

BETWEEN = re.compile(r"[/;、,，；\n]+| and |和|及")
HOME = frozenset({"国内", "中国", "中国大陆", "大陆", "china", "prc", "cn", "mainlandchina"})
AT_SEA = re.compile(r"在船|船上|海上|公海|远洋|at\s?sea|on\s?board", re.IGNORECASE)


@dataclass(frozen=True)
class Countries:
    """What a country cell says.

    Attributes:
        codes: ISO alpha-2 in order, each once; empty if there is none.
        sure: every word of the cell was understood, and each part of it is one country.
        remark: what the person should know or do; None if there is nothing to say.
    """

    codes: tuple[str, ...]
    sure: bool
    remark: Message | None


@lru_cache(maxsize=4096)
def read_countries(text: str) -> Countries:
    """Read a country cell: one country, or several with a mark between them."""
    plain = clean(text)
    if not plain:
        return _none(t("The country is missing. Fill it in."))
    if "".join(plain.split()).lower() in HOME:
        return _none(t("This is not abroad. Write the country where the person is, or leave the row out."))
    if AT_SEA.search(plain):
        return _none(t("A ship is no country. Write the country of the next port, or tell the office."))
    whole = _part(plain)
    if whole is not None and whole.sure:
        return whole
    parts = [part.strip() for part in BETWEEN.split(plain) if part.strip()]
    read = [_part(part) for part in parts]
    codes = tuple(dict.fromkeys(code for one in read if one is not None for code in one.codes if code != "CN"))
    if not codes:
        return _none(t("No country was recognised. Write one country, as 赞比亚 or Zambia."))
    if any(one is None or not one.sure for one in read) or "CN" in {code for one in read if one for code in one.codes}:
        remark = t("Read as {codes}, but it is not certain. Write only the country.", codes=names(codes))
        return Countries(codes, False, remark)
    return _several(codes)


def _part(text: str) -> Countries | None:
    if text in all_codes():
        return Countries((text,), True, None)
    found = find(text)
    codes = resolve(text)
    if not codes or found.ambiguous or found.unresolved:
        return None
    if len(codes) > 1 or not found.countries:
        # One word for several places (港澳台), or a name that only counts as a whole field (中非).
        return Countries(codes, len(codes) == 1, _all_of(codes) if len(codes) > 1 else None)
    inside = {at for span in found.spans if span.role is Role.PLACE for at in range(span.start, span.end)}
    rest = [char for at, char in enumerate(found.text) if at not in inside and char.isalnum()]
    # Something is left over: 尼日尔利亚 is no Niger, and nobody knows which of the two was meant.
    return Countries(codes, not rest, None)


def _several(codes: tuple[str, ...]) -> Countries:
    return Countries(codes, True, None if len(codes) == 1 else _all_of(codes))


def _all_of(codes: tuple[str, ...]) -> Message:
    return t("Registered in each of {codes}.", codes=names(codes))


def _none(remark: Message) -> Countries:
    return Countries((), False, remark)
