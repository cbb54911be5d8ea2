"""Shortening by rule: whole sentences or clauses are left out, never a part of a word, a number or a name. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping

from core.i18n import Language

_SENTENCE = re.compile(r"[^。！？!?\n]*(?:[。！？]+[”’」』）]*|[!?]+(?=\s|$)|\n|$)")
_LATIN_STOP = re.compile(r"(?<=[a-z0-9)\"'][.])\s+(?=[\"'(A-Z])")
_CLAUSE = re.compile(r"[，；。：、！？,;:!?](?=\D|$)")
_FRAME = re.compile(r"^.{0,40}?(?:使馆|领馆|外交部|文化和旅游部|商务部)[^，。]{0,12}?(?=提醒)")
"""Who reminds, before "提醒": the signature of the notice or its link say that."""
URL = re.compile(r"https?://\S+|www\.\S+", re.IGNORECASE)
LEFT_OUT: Mapping[Language, tuple[str, str]] = {
    "zh": ("（标题从略）", "安全提醒（标题从略）"), "en": (" (title left out)", "Safety notice (title left out)"),
}  # fmt: skip
FEWEST = 6
"""A clause shorter than this says nothing by itself."""


def sentences(text: str) -> list[str]:
    """Split a text into its sentences, each with its mark; a line is a sentence at least."""
    found = [piece for whole in _SENTENCE.findall(text) for piece in _LATIN_STOP.split(whole)]
    return [one.strip() for one in found if one.strip()]


def join(parts: list[str], language: Language) -> str:
    """Put sentences in a row again; a line without a stop at its end gets one."""
    stop = "。" if language == "zh" else "."
    ended = [one if one[-1] in "。！？.!?：:；;，,”’)）" else one + stop for one in parts]
    return ("" if language == "zh" else " ").join(ended)


def short_title(title: str, room: int, grade: str = "", language: Language = "zh") -> str:
    """Return a title in at most `room` characters: whole, without who reminds, or cut at the end of a clause and marked "…".

    The publisher's grade stays in it: half a sentence without it could say the opposite. Where no clause fits, the grade
    alone is quoted, and that the title is left out.
    """
    plain = URL.sub("", title).strip().rstrip("。.")
    bare = _FRAME.sub("", plain)
    for whole in (plain, bare):
        if len(whole) <= room:
            return whole
    ends = [found.start() for found in _CLAUSE.finditer(bare)] or [found.start() for found in re.finditer(r"\s+", bare)]
    for end in reversed(ends):
        cut = bare[:end].rstrip() + "…"
        if grade and grade not in cut:
            cut = f"“{grade}”{cut}"
        if len(cut) <= room and end >= FEWEST and cut.count("“") == cut.count("”"):
            return cut
    said, alone = LEFT_OUT[language]
    left_out = f"“{grade}”{said}"
    return left_out if grade and len(left_out) <= room else alone


def short_list(names: list[str], room: int, language: Language) -> str:
    """Return names in at most `room` characters; those that do not fit are counted, and no name is cut."""
    zh = language == "zh"
    joiner = "、" if zh else ", "
    whole = joiner.join(names)
    if len(whole) <= room:
        return whole
    for kept in range(len(names) - 1, 0, -1):
        told = joiner.join(names[:kept]) + (f"等{len(names)}国（地区）" if zh else f" and {len(names) - kept} more")
        if len(told) <= room:
            return told
    return f"{len(names)}个国家（地区）" if zh else f"{len(names)} countries"
