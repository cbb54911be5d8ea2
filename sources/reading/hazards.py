"""Which hazards a text names, and whether it names something as happening. Pure; the words are in `data/*.csv`.

The table is meant to be explained: each hazard in the answer is there because one of its words is in the text.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from core.places.normal import any_of, normalise
from core.places.tables import rows
from sources.model import Hazard

DATA = Path(__file__).parent / "data"
_GUARDED = re.compile(
    "(?:" + any_of(r"""
    谨防 严防 预防 防范 防备 防御 防止 警惕 提防 当心 小心 应对 做好 关注 注意 避免 风险 可能 或将 易发 高发
    加强 beware\sof risk\sof prepare\sfor
    """) + r")[^,，。;；:：!！\s]{0,10}$"
)  # fmt: skip
_GENERAL = re.compile(any_of(r"""
    季 多发 高发 易发 频发 风险 隐患 演习 演练 周年 谣言 保险 知识 防范 应对 防灾 带来的?风险 预防 威胁 可能
    \sseason \srisk \sdrill
"""))  # fmt: skip
_QUOTED = re.compile(r"\s*[“\"「《『'‘]")


def hazards_of(text: str) -> tuple[Hazard, ...]:
    """Return the hazards whose words are in `text`, in the order of the table; none if no word is."""
    flat = normalise(text)
    return tuple(hazard for hazard, pattern in _table() if pattern.search(flat))


def words_of(text: str, hazard: Hazard) -> tuple[str, ...]:
    """Return the words of `text` for which `hazard` was found: the explanation an officer sees."""
    flat = normalise(text)
    return tuple(dict.fromkeys(m[0] for known, pattern in _table() if known is hazard for m in pattern.finditer(flat)))


def is_acute(text: str) -> bool:
    """Say whether `text` names something as happening now, not merely as a thing to guard against or a season of it."""
    flat = normalise(text)
    events = _events()
    if events["always"].search(flat):
        return True
    return any(_happens(flat, match) for match in events["event"].finditer(flat))


def _happens(text: str, match: re.Match[str]) -> bool:
    before, after = text[: match.start()], text[match.end() : match.end() + 12]
    if _QUOTED.match(after):
        return True
    return _GUARDED.search(before[-24:]) is None and _GENERAL.match(after) is None


@cache
def _table() -> tuple[tuple[Hazard, re.Pattern[str]], ...]:
    return tuple((Hazard(row["hazard"]), re.compile(row["words"])) for row in rows(DATA / "hazards.csv"))


@cache
def _events() -> dict[str, re.Pattern[str]]:
    return {row["use"]: re.compile(row["words"]) for row in rows(DATA / "events.csv")}
