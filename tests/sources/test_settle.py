"""Open abbreviations: settled by the countries' own recent notices, or left to an officer."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from sources.model import Advisory, Hazard, Reading
from sources.notices import Line, notice
from sources.settle import RECENT, settle

DAY = datetime(2026, 11, 10, tzinfo=UTC)


def said(title: str, days_before: int = 0) -> Advisory:
    """Return a notice as the lists of Chinese sources give it."""
    line = Line(title, f"{DAY - timedelta(days=days_before):%Y-%m-%d}", "/a/t20261110_1.html")
    return notice("cn-mofcom", line, "https://example.cn/list/")


OPEN = said("再次提醒在乌中国公民防范空袭风险")
CLEAR = said("提醒在乌克兰中国公民防范空袭", 5)


def test_the_title_alone_leaves_it_open() -> None:
    """The example is one that needs settling: four countries may be meant, and it names a danger."""
    assert OPEN.countries == ()
    assert [set(one.split()) for one in OPEN.ambiguous] == [{"乌:", "UA", "UG", "UY", "UZ"}]
    assert Hazard.OTHER not in OPEN.hazards


def test_the_same_danger_in_one_candidate_settles_it_and_is_named() -> None:
    """A notice five days before warns of the same in Ukraine by name: 乌 is Ukraine, and the note says why."""
    found = settle(Reading((OPEN, CLEAR), ()), {})
    assert found.advisories[0].countries == ("UA",)
    assert found.advisories[0].ambiguous == ("乌: UA",)
    assert "UA" in str(found.notes[0])
    assert CLEAR.title in str(found.notes[0])


@pytest.mark.parametrize(
    "others",
    [
        (),
        (said("提醒在乌克兰中国公民防范空袭", RECENT.days + 1),),
        (said("提醒在乌克兰中国公民防范空袭", -1),),
        (said("提醒在乌克兰中国公民防范电信诈骗", 5),),
        (said("提醒在法国中国公民防范空袭", 5),),
        (CLEAR, said("提醒在乌兹别克斯坦中国公民防范空袭", 3)),
        (said("再次提醒在乌中国公民防范空袭", 5),),
    ],
    ids=["nothing", "long ago", "later", "another danger", "no candidate", "two candidates", "open itself"],
)
def test_weaker_evidence_settles_nothing(others: tuple[Advisory, ...]) -> None:
    """Without exactly one candidate that was warned of the same danger by name within a month, an officer must choose."""
    found = settle(Reading((OPEN, *others), ()), {})
    assert found.advisories[0] == OPEN
    assert found.notes == ()


def test_a_notice_of_an_earlier_read_counts() -> None:
    """What scrolled off the list explains as well as what is on it."""
    found = settle(Reading((OPEN,), ()), {CLEAR.native_id: CLEAR})
    assert found.advisories[0].countries == ("UA",)


def test_what_was_settled_stays_so() -> None:
    """The next night finds the entry settled, whatever other notices have come or gone since, and says it no second time."""
    settled = replace(OPEN, countries=("UA",), ambiguous=("乌: UA",))
    found = settle(Reading((OPEN, said("提醒在乌兹别克斯坦中国公民防范空袭", 1)), ()), {OPEN.native_id: settled})
    assert found.advisories[0] == settled
    assert found.notes == ()


def test_what_was_left_open_stays_so() -> None:
    """Evidence that comes after an officer was asked changes nothing by itself."""
    found = settle(Reading((OPEN, CLEAR), ()), {OPEN.native_id: OPEN})
    assert found.advisories[0] == OPEN


def test_a_doubt_about_the_notices_own_countries_is_left_alone() -> None:
    """Two grades in one title are for an officer, whatever was said of one of the countries before."""
    two = said("提醒暂勿前往苏丹，谨慎前往埃及，防范袭击")
    assert two.ambiguous
    assert settle(Reading((two, said("提醒在苏丹中国公民防范袭击", 3)), ()), {}).advisories[0] == two


def test_other_languages_are_left_alone() -> None:
    """An English "Georgia" is no abbreviation: it stays open."""
    english = replace(OPEN, language="en")
    assert settle(Reading((english, CLEAR), ()), {}).advisories[0] == english
