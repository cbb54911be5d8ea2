"""The country cell of a roster. Pure.

What is not certain is doubtful, and so is a place that is no country (在船, 非洲, 国内); what says nothing is refused.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from core.i18n import Message, t
from core.places.finder import find, resolve
from core.places.names import codes as all_codes
from core.places.shorts import customary
from core.places.spans import Role
from registry.cells import clean, names

BETWEEN = re.compile(r"[/;、,，；\n]+| and |和|及")
HOME = frozenset({"国内", "中国", "中国大陆", "大陆", "china", "prc", "cn", "mainlandchina"})
MOST_KEPT = 2
AT_SEA = re.compile(r"在船|船上|海上|公海|远洋|at\s?sea|on\s?board", re.IGNORECASE)


@dataclass(frozen=True)
class Countries:
    """What a country cell says.

    Attributes:
        codes: ISO alpha-2 in order, each once; empty if there is none.
        sure: every word of the cell was understood, and each part of it is one country.
        told: something was said, even if it is no country.
        remark: what the person should know or do; None if there is nothing to say.
    """

    codes: tuple[str, ...]
    sure: bool
    remark: Message | None
    told: bool = True


@lru_cache(maxsize=4096)
def read_countries(text: str) -> Countries:
    """Read a country cell: one country, or several with a mark between them."""
    plain = clean(text)
    if not plain:
        return Countries((), False, t("The country is missing. Fill it in."), told=False)
    if "".join(plain.split()).lower() in HOME:
        return _none(t("This is not abroad. Write the country where the person is, or leave the row out."))
    if AT_SEA.search(plain):
        return _none(t("A ship is no country. Write the country of the next port, or tell the office."))
    whole = _part(plain)
    if whole.sure:
        return whole
    parts = {part.strip(): _part(part.strip()) for part in BETWEEN.split(plain) if part.strip()}
    sure = {code for one in parts.values() if one.sure for code in one.codes}
    # 乌克兰/乌: the short word beside the full one is that country.
    read = [one for word, one in parts.items() if one.sure or not sure.intersection(one.codes or _candidates(word))]
    codes = tuple(dict.fromkeys(code for one in read for code in one.codes if code != "CN"))
    if not codes:
        return next((one for one in read if one.told), read[0]) if read else whole
    if any(not one.sure or "CN" in one.codes for one in read):
        unclear = next((one.remark for one in read if one.codes and one.remark), None)
        remark = t("Read as {codes}, but it is not certain. Write only the country.", codes=names(codes))
        return Countries(codes, False, unclear if len(read) == 1 and unclear else remark)
    return Countries(codes, True, None if len(codes) == 1 else _all_of(codes))


def _part(text: str) -> Countries:
    if text in all_codes():
        return Countries((text,), True, None)
    found = find(text)
    unclear = _candidates(text)
    if unclear and not found.countries:
        # Two (刚果) are both registered, as doubtful; of four (乌) most would only hear of places that are not theirs.
        kept = unclear if len(unclear) <= MOST_KEPT else ()
        return Countries(kept, False, t("This could be {codes}. Write which one.", codes=names(unclear)))
    codes = (*found.countries, *unclear) if unclear or found.unresolved else resolve(text)
    if not codes:
        if found.unresolved:
            return _none(t("A region is no country. Write the country where the person is."))
        return Countries((), False, t("No country was recognised. Write one country, as 赞比亚 or Zambia."), told=False)
    if len(codes) > 1 or not found.countries:
        # One word for several places (港澳台), or a name that only counts as a whole field (中非).
        return Countries(codes, len(codes) == 1, _all_of(codes) if len(codes) > 1 else None)
    inside = {at for span in found.spans if span.role is Role.PLACE for at in range(span.start, span.end)}
    rest = [char for at, char in enumerate(found.text) if at not in inside and char.isalnum()]
    # Something is left over: 尼日尔利亚 is no Niger, and nobody knows which of the two was meant.
    return Countries(codes, not rest and not found.unresolved, None)


def _candidates(text: str) -> tuple[str, ...]:
    """Return the countries a word may mean: 刚果, Korea, and the one-character names of headlines (乌)."""
    if len(text) == 1:
        return customary().get(text, ())
    return tuple(dict.fromkeys(code for one in find(text).ambiguous for code in one.rpartition(": ")[2].split()))


def _all_of(codes: tuple[str, ...]) -> Message:
    return t("Registered in each of {codes}.", codes=names(codes))


def _none(remark: Message) -> Countries:
    return Countries((), False, remark)
