"""One row of a roster, judged."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from registry.people import Channel
from registry.roster.model import Outcome, RowResult, Weight
from registry.tables import PostingStatus
from tests.registry.files import HEADER, WUKONG, Row, changed, check
from tests.registry.people import DAY

ACCEPTED, CHANGED, DOUBTFUL, REFUSED = Outcome
YESTERDAY, TOMORROW = (DAY - timedelta(days=1)).isoformat(), (DAY + timedelta(days=1)).isoformat()


def judge(row: Row, header: Row = HEADER) -> RowResult:
    """Judge one row."""
    (result,) = check(row, header=header).rows
    return result


def test_a_good_row_is_taken_whole() -> None:
    """Name, place, days and three addresses in the order of use come out, and nothing needs a person."""
    result = judge(WUKONG)
    assert (result.row, result.outcome, result.findings) == (2, ACCEPTED, ())
    assert result.person is not None
    (posting,) = result.person.postings
    assert (posting.country, posting.city, posting.status) == ("ZM", "卢萨卡", PostingStatus.ABROAD)
    assert (posting.date_from, posting.date_to) == (date(2026, 3, 5), None)
    assert [(a.channel, a.value, a.preference) for a in result.person.addresses] == [
        (Channel.SMS, "+260977123456", 1), (Channel.SMS, "+8613800138000", 2), (Channel.EMAIL, "wukong@example.com", 3),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("row", "outcome", "column"),
    [
        (changed(name=""), REFUSED, "姓名"),
        (changed(name="123"), REFUSED, "姓名"),
        (changed(country="", city=""), REFUSED, "所在国家（地区）"),
        (changed(country=""), DOUBTFUL, "所在国家（地区）"),
        (changed(country="非洲"), DOUBTFUL, "所在国家（地区）"),
        (changed(country="在船"), DOUBTFUL, "所在国家（地区）"),
        (changed(country="国内"), DOUBTFUL, "所在国家（地区）"),
        (changed(country="火星"), REFUSED, "所在国家（地区）"),
        (changed(country="", city="", status="已回国"), REFUSED, "所在国家（地区）"),
        (changed(country="尼日尔利亚"), DOUBTFUL, "所在国家（地区）"),
        (changed(country="赞比亚、非洲"), DOUBTFUL, "所在国家（地区）"),
        (changed(abroad="", home="", mail=""), DOUBTFUL, "境外联系电话"),
        (changed(abroad="无", home="/", mail="-"), DOUBTFUL, "境外联系电话"),
        (changed(abroad="2.60977E+11"), DOUBTFUL, "境外联系电话"),
        (changed(home="李某（妻）13800138000"), DOUBTFUL, "国内手机号"),
        (changed(abroad="", home="0535-1234567", mail=""), DOUBTFUL, "境外联系电话"),
        (changed(mail="wukong"), DOUBTFUL, "邮箱"),
        (changed(start="春节后"), DOUBTFUL, "出境日期"),
        (changed(end="2026-12"), DOUBTFUL, "预计回国日期"),
        (changed(start="2026-05-01", end="2026-04-01"), DOUBTFUL, "目前状态"),
        (changed(status="休假"), DOUBTFUL, "目前状态"),
        (changed(status="飞升"), DOUBTFUL, "目前状态"),
        (changed(status="否"), DOUBTFUL, "目前状态"),
        (changed(status="在外", end=YESTERDAY), DOUBTFUL, "目前状态"),
        (changed(status="在外", start=TOMORROW), DOUBTFUL, "目前状态"),
        (changed(status="计划", start=""), DOUBTFUL, "目前状态"),
    ],
)
def test_what_is_wrong_is_named(row: Row, outcome: Outcome, column: str) -> None:
    """Each fault makes the row doubtful or refused, and names row, column as written, what was read and what to do."""
    result = judge(row)
    assert result.outcome == outcome
    assert (result.person is None) == (outcome == REFUSED)
    heavy = [finding for finding in result.findings if finding.weight != Weight.NOTE]
    assert column in {finding.column for finding in heavy}
    for finding in heavy:
        assert finding.row == 2
        assert finding.message.render("zh") != finding.message.render("en")


@pytest.mark.parametrize(
    ("start", "end", "word", "status", "outcome"),
    [
        ("", "", "", PostingStatus.ABROAD, ACCEPTED),
        ("2026-03-05", "", "", PostingStatus.ABROAD, ACCEPTED),
        (TOMORROW, "", "", PostingStatus.PLANNED, ACCEPTED),
        ("2026-03-05", YESTERDAY, "", PostingStatus.DOUBTFUL, DOUBTFUL),
        ("春节后", "", "", PostingStatus.DOUBTFUL, DOUBTFUL),
        ("春节后", "", "在外", PostingStatus.ABROAD, DOUBTFUL),
        ("", "", "是", PostingStatus.ABROAD, ACCEPTED),
        (TOMORROW, "", "否", PostingStatus.PLANNED, ACCEPTED),
        ("2026-03-05", YESTERDAY, "否", PostingStatus.RETURNED, ACCEPTED),
        ("2026-03-05", YESTERDAY, "已回国", PostingStatus.RETURNED, ACCEPTED),
        ("", "", "已回国", PostingStatus.RETURNED, ACCEPTED),
        (TOMORROW, "", "计划", PostingStatus.PLANNED, ACCEPTED),
        (YESTERDAY, "", "计划", PostingStatus.PLANNED, DOUBTFUL),
        ("", "", "Abroad", PostingStatus.ABROAD, ACCEPTED),
        ("2026-05-01", "2026-04-01", "在外", PostingStatus.DOUBTFUL, DOUBTFUL),
    ],
)
def test_status_and_dates_together(start: str, end: str, word: str, status: PostingStatus, outcome: Outcome) -> None:
    """The status is what word and dates say together; where they quarrel, it is doubtful."""
    result = judge(changed(start=start, end=end, status=word))
    assert result.person is not None
    assert (result.person.postings[0].status, result.outcome) == (status, outcome)


def test_two_countries_are_two_stays() -> None:
    """Two countries in a cell give two postings, and no country is assumed for a number without code."""
    result = judge(changed(country="赞比亚、津巴布韦", abroad="0977123456"))
    assert result.person is not None
    assert [p.country for p in result.person.postings] == ["ZM", "ZW"]
    assert [a.value for a in result.person.addresses] == ["+8613800138000", "wukong@example.com"]
    assert result.outcome == DOUBTFUL


def test_an_uncertain_country_makes_the_stay_doubtful() -> None:
    """A stay in a country that is not certain is marked, so that no rule tells the person about the wrong place."""
    result = judge(changed(country="尼日尔利亚"))
    assert result.person is not None
    assert [(p.country, p.status) for p in result.person.postings] == [("NE", PostingStatus.DOUBTFUL)]


def test_language_and_consent_are_taken_as_told() -> None:
    """Both may be left out, which says nothing; what is not understood counts as no consent and is asked about."""
    header = (*HEADER, "通知语言", "同意境外传输")
    for language, consent, expected in [
        ("", "", (None, None, ACCEPTED)), ("English", "是", ("en", True, ACCEPTED)),
        ("中文", "否", ("zh", False, ACCEPTED)), ("火星语", "也许", (None, False, DOUBTFUL)),
        ("法语", "是", ("fr", True, ACCEPTED)), ("no", "是", (None, True, DOUBTFUL)),
    ]:  # fmt: skip
        result = judge((*WUKONG, language, consent), header)
        assert result.person is not None
        assert (result.person.language, result.person.foreign, result.outcome) == expected


def test_an_assumption_is_a_note_and_no_fault() -> None:
    """A number without country code is taken as local, which is said; the row is taken, as changed."""
    result = judge(changed(abroad="0977123456"))
    assert result.outcome == CHANGED
    assert [finding.weight for finding in result.findings] == [Weight.NOTE]


@pytest.mark.parametrize("country", ["在船", "非洲", "国内", "乌"])
def test_who_is_nowhere_in_particular_is_kept_without_a_stay(country: str) -> None:
    """Words that are no country make no stay and never a guess; the person and the numbers are taken up all the same."""
    result = judge(changed(country=country))
    assert result.person is not None
    assert result.person.postings == ()
    assert len(result.person.addresses) == 3


def test_the_city_or_project_stands_in_for_a_missing_country() -> None:
    """An empty country cell beside a city or project that names one is asked about, and the stay is marked till then."""
    result = judge(changed(country=""))
    assert result.person is not None
    assert [(p.country, p.status) for p in result.person.postings] == [("ZM", PostingStatus.DOUBTFUL)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("李某（妻）13800138000", [("李某", "妻", "+8613800138000")]),
        ("李某 配偶 138-0013-8000", [("李某", "配偶", "+8613800138000")]),
        ("妻子李某13800138000", [("李某", "妻子", "+8613800138000")]),
        ("13800138000 李某（妻）", [("李某", "妻", "+8613800138000")]),
        ("李某13800138000/13900139000", [("李某", "", "+8613800138000"), ("李某", "", "+8613900139000")]),
        ("李某 夫妻 13800138000；王某 父亲 13900139000",
         [("李某", "夫妻", "+8613800138000"), ("王某", "父亲", "+8613900139000")]),
        ("姓名：李某 关系：母 电话：13800138000", [("李某", "母", "+8613800138000")]),
        ("Li Mei (wife) +8613800138000", [("Li Mei", "wife", "+8613800138000")]),
    ],
)  # fmt: skip
def test_emergency_contacts_in_one_cell(text: str, expected: list[tuple[str, str, str]]) -> None:
    """Name, relation and number of each contact are taken apart however they are written together."""
    result = judge((*WUKONG, text), (*HEADER, "紧急联系人"))
    assert result.outcome == ACCEPTED
    assert result.person is not None
    assert [(c.name, c.relation, c.phone) for c in result.person.emergency] == expected


@pytest.mark.parametrize(
    ("cells", "outcome", "expected"),
    [
        (("李某", "妻", "13800138000"), ACCEPTED, [("李某", "妻", "+8613800138000")]),
        (("李某", "妻", "13800138000、13900139000"), ACCEPTED,
         [("李某", "妻", "+8613800138000"), ("李某", "妻", "+8613900139000")]),
        (("李某", "妻", ""), DOUBTFUL, [("李某", "妻", "")]),
        (("李某", "妻", "8.61E+12"), DOUBTFUL, [("李某", "妻", "")]),
        (("", "", "李某（妻）13800138000"), ACCEPTED, [("李某", "妻", "+8613800138000")]),
        (("无", "", "/"), ACCEPTED, []),
    ],
)  # fmt: skip
def test_emergency_contacts_in_columns(
    cells: tuple[str, str, str], outcome: Outcome, expected: list[tuple[str, str, str]]
) -> None:
    """Name, relation and number in three columns are one contact; without a number the company is asked."""
    result = judge((*WUKONG, *cells), (*HEADER, "紧急联系人", "关系", "紧急联系电话"))
    assert result.person is not None
    assert (result.outcome, [(c.name, c.relation, c.phone) for c in result.person.emergency]) == (outcome, expected)
