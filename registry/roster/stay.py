"""Where a roster's row leaves a person: status and dates, with what does not fit together. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

from core.i18n import Message, t
from registry.cells import clean
from registry.tables import PostingStatus

WORDS = {
    PostingStatus.ABROAD: "是 在外 在境外 在国外 在岗 在职 境外 国外 常驻 在任 在项目 已出境 已派出 已抵达 "
    "yes y abroad active on-site onsite",
    PostingStatus.PLANNED: "计划 拟派 待派 拟出境 待出境 计划派出 拟派出 未出境 待出发 未派出 planned",
    PostingStatus.RETURNED: "已回国 回国 已返回 已归国 已离任 离任 已回 返回国内 已撤离 已撤回 returned back",
    PostingStatus.DOUBTFUL: "休假 回国休假 探亲 休假中 不详 未知 待确认 离职 已离职 on-leave leave unknown doubtful",
}
MEANING = {word: status for status, words in WORDS.items() for word in words.split()}
FAR = timedelta(days=731)
NOT_ABROAD = frozenset({"否", "no", "n", "不在外", "不在"})


@dataclass(frozen=True)
class Stay:
    """Status and dates that go into the posting, and what to ask the company; `doubts` empty: nothing."""

    status: PostingStatus
    date_from: date | None
    date_to: date | None
    doubts: tuple[Message, ...] = ()


@lru_cache(maxsize=4096)
def read_stay(text: str, date_from: date | None, date_to: date | None, *, day: date, date_unread: bool) -> Stay:
    """Put the status word and the dates of a row together.

    Args:
        text: the status cell; empty: the dates decide.
        day: today at the office.
        date_unread: one of the dates is written but was not understood.
    """
    if date_from is not None and date_to is not None and date_to < date_from:
        backwards = t("The person returns before leaving: one of the dates is wrong.")
        return Stay(PostingStatus.DOUBTFUL, None, None, (backwards,))
    if date_from is not None and date_from > day + FAR:
        return Stay(PostingStatus.DOUBTFUL, date_from, date_to, (t("The first day is more than two years ahead."),))
    word = clean(text).lower().replace(" ", "")
    if not word:
        status, doubt = _by_dates(date_from, date_to, day, date_unread=date_unread)
    elif word in NOT_ABROAD:
        status, doubt = _not_abroad(date_from, date_to, day)
    else:
        status, doubt = _by_word(word, date_from, date_to, day)
    return Stay(status, date_from, date_to, () if doubt is None else (doubt,))


def _by_dates(
    date_from: date | None, date_to: date | None, day: date, *, date_unread: bool
) -> tuple[PostingStatus, Message | None]:
    if date_unread:
        return PostingStatus.DOUBTFUL, t("Without the date it is not clear whether the person is abroad now.")
    if date_to is not None and date_to < day:
        return PostingStatus.DOUBTFUL, t("The stay should be over. Write 已回国 (returned) or a new date.")
    if date_from is not None and date_from > day:
        return PostingStatus.PLANNED, None
    return PostingStatus.ABROAD, None


def _not_abroad(date_from: date | None, date_to: date | None, day: date) -> tuple[PostingStatus, Message | None]:
    if date_from is not None and date_from > day:
        return PostingStatus.PLANNED, None
    if date_to is not None and date_to <= day:
        return PostingStatus.RETURNED, None
    return PostingStatus.DOUBTFUL, t("Not abroad: write 已回国 (returned) or 计划 (planned).")


def _by_word(
    word: str, date_from: date | None, date_to: date | None, day: date
) -> tuple[PostingStatus, Message | None]:
    status = MEANING.get(word)
    if status is None:
        return PostingStatus.DOUBTFUL, t(
            "This status is not known. Write 在外 (abroad), 计划 (planned) or 已回国 (returned)."
        )
    if status == PostingStatus.DOUBTFUL:
        return status, t("It is not clear whether the person is abroad now. Write 在外 (abroad) or 已回国 (returned).")
    if status == PostingStatus.ABROAD and date_from is not None and date_from > day:
        return PostingStatus.DOUBTFUL, t("Said to be abroad already, but the first day is still to come.")
    if status == PostingStatus.ABROAD and date_to is not None and date_to < day:
        return PostingStatus.DOUBTFUL, t("The stay should be over. Write 已回国 (returned) or a new date.")
    if status == PostingStatus.PLANNED and date_from is None:
        return status, t("Planned, but without a date of departure.")
    if status == PostingStatus.PLANNED and date_from is not None and date_from <= day:
        return status, t("Planned, but the day of departure has come. Write 在外 (abroad) or a new date.")
    return status, None
