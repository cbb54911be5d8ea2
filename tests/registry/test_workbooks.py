"""Hostile files: each gets the report that was worked out by hand, and no row is ever lost."""

from __future__ import annotations

import io
import os
from collections import Counter

import openpyxl
import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import BadInput
from registry.people import Channel
from registry.roster.annotate import annotated
from registry.roster.check import check_roster
from registry.roster.model import Outcome
from registry.roster.report import RosterReport, remarks, to_json
from tests.registry.files import table_csv, xlsx
from tests.registry.makers import xls
from tests.registry.people import DAY
from tests.registry.workbooks import CELLS, HEADER, TEXTS, Case, Row
from tests.registry.workbooks_layout import LAYOUTS

CASES = (*CELLS, *TEXTS, *LAYOUTS)
LARGE = 100_000 if os.environ.get("CI") else 10_000
"""Rows of a large file: of a ministry's size where there is time for it."""
READ = [case for case in CASES if not case.refused]


def named(case: Case) -> str:
    """Return how a case is called in the list of tests."""
    return case.name


def check(case: Case) -> RosterReport:
    """Check the file of a case."""
    return check_roster(case.make(), case.file, DAY)


def test_there_are_enough_of_them() -> None:
    """At least forty different files are kept, no two under one name."""
    assert len(CASES) >= 40
    assert len({case.name for case in CASES}) == len(CASES)


@pytest.mark.parametrize("case", [case for case in CASES if case.refused], ids=named)
def test_what_cannot_be_read_is_handed_back(case: Case) -> None:
    """A file that is no roster is refused whole, with a sentence in both languages that says why."""
    with pytest.raises(BadInput) as refused:
        check(case)
    assert case.refused in str(refused.value)
    assert refused.value.message.render("zh") != str(refused.value)
    assert case.file in str(refused.value)


@pytest.mark.parametrize("case", READ, ids=named)
def test_each_row_ends_as_worked_out(case: Case) -> None:
    """Every row has the outcome, the column and the problem that were written down beside the file."""
    report = check(case)
    assert [(row.row, row.outcome) for row in report.rows] == [(row.number, row.outcome) for row in case.rows]
    for result, row in zip(report.rows, case.rows, strict=True):
        assert row.sheet in (None, result.sheet)
        assert (result.person is None) == (row.outcome == Outcome.REFUSED)
        assert (row.outcome == Outcome.ACCEPTED) == (not result.findings)
        told = [(one.column, str(one.message)) for one in result.findings if one.message.render("zh")]
        assert not row.words or any(row.column == column and row.words in words for column, words in told), told
    assert tuple(number for _, number in report.set_aside) == case.set_aside
    assert case.told in "\n".join(str(remark) for remark in remarks(report))


@pytest.mark.parametrize("case", READ, ids=named)
def test_what_is_read_is_what_was_meant(case: Case) -> None:
    """Names, countries, numbers and days of the rows that are taken are those written down beside the file."""
    people = [row.person for row in check(case).rows if row.person is not None]
    stays = [stay for person in people for stay in person.postings]
    numbers = [one.value for person in people for one in person.addresses if one.channel == Channel.SMS]
    assert case.names in (None, tuple(person.name for person in people))
    assert case.countries in (None, tuple(stay.country for stay in stays))
    assert case.phones in (None, tuple(numbers))
    assert case.dates in (None, tuple(stay.date_from for stay in stays))


@pytest.mark.parametrize("case", READ, ids=named)
def test_every_report_comes_back_marked(case: Case) -> None:
    """The annotated workbook of every file opens, has every row that was read, and no cell in it is a formula."""
    report = check(case)
    assert to_json(report, "zh")
    book = openpyxl.load_workbook(io.BytesIO(annotated(report, "zh")))
    assert len(book.worksheets) == len(report.tables) + 1
    for page, table in zip(book.worksheets, report.tables, strict=False):
        assert page.max_row == 1 + len(table.rows)
        assert not any(cell.data_type == "f" for row in page.iter_rows() for cell in row)


CELL = st.one_of(
    st.sampled_from(["", "孙悟空", "赞比亚", "非洲", "+260977123456", "8.61E+12", "2026-03-05", "在外", "合计", "=1+1", "#N/A", "姓名"]),
    st.text(st.characters(codec="utf-8", exclude_characters="\r\n"), max_size=8),
    st.integers(-(10**12), 10**12).map(str),
)  # fmt: skip
GOOD = xlsx(HEADER, ("孙悟空", "赞比亚", "+260977123456"))
OLD = xls(HEADER, ("孙悟空", "赞比亚", "+260977123456"))
TABLE = st.lists(st.lists(CELL, min_size=1, max_size=9), max_size=8)


@settings(max_examples=150, deadline=None)
@given(TABLE, st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "gb18030"]))
def test_no_row_of_a_text_is_lost(rows: list[list[str]], encoding: str) -> None:
    """Whatever stands in a .csv: each row that is not blank is accepted, changed, doubtful, refused or named as nobody."""
    whole(check_roster(table_csv(HEADER, *rows).encode(encoding), "x.csv", DAY), rows)


@pytest.mark.parametrize("row", [("姓名", "姓名"), ("姓名", "", "姓名")])
def test_a_header_loses_no_column_to_the_row_below(row: tuple[str, ...]) -> None:
    """A row of headings that names one column twice is no lower half of a whole header: the person after it keeps place and number."""
    report = check_roster(table_csv(HEADER, row, ("孙悟空", "赞比亚", "+260977123456")).encode(), "x.csv", DAY)
    whole(report, [list(row), ["孙悟空", "赞比亚", "+260977123456"]])
    assert [(one.row, one.outcome) for one in report.rows] == [(3, Outcome.ACCEPTED)]


@settings(max_examples=60, deadline=None)
@given(TABLE)
def test_no_row_of_a_workbook_is_lost(rows: list[list[str]]) -> None:
    """The same for a workbook."""
    whole(check_roster(xlsx(HEADER, *rows), "x.xlsx", DAY), rows)


def whole(report: RosterReport, rows: list[list[str]]) -> None:
    """Compare the rows that went in with those that came out."""
    filled = [at for at, row in enumerate(rows, start=2) if any(cell.strip() for cell in row)]
    assert sorted([row.row for row in report.rows] + [number for _, number in report.set_aside]) == filled
    assert sum(report.count(outcome) for outcome in Outcome) == len(report.rows)


@settings(max_examples=150, deadline=None)
@given(st.data(), st.sampled_from([GOOD, OLD]))
def test_a_damaged_workbook_never_breaks_the_reader(data: st.DataObject, whole: bytes) -> None:
    """Bytes changed at random: the file is read or handed back, and nothing else happens."""
    good = bytearray(whole)
    for _ in range(data.draw(st.integers(1, 6))):
        good[data.draw(st.integers(0, len(good) - 1))] = data.draw(st.integers(0, 255))
    try:
        report = check_roster(bytes(good), "x.xlsx", DAY)
    except BadInput:
        return
    assert len(report.rows) + len(report.set_aside) == sum(len(table.rows) for table in report.tables)


def outcomes(report: RosterReport) -> Counter[Outcome]:
    """Count the rows by their outcome."""
    return Counter(row.outcome for row in report.rows)


def test_a_workbook_of_a_hundred_thousand_rows_is_read_whole() -> None:
    """One number in fifty was rounded by the spreadsheet: exactly these rows are doubtful, the others taken."""
    made = io.BytesIO()
    book = xlsxwriter.Workbook(made, {"constant_memory": True})
    page = book.add_worksheet()
    page.write_row(0, 0, HEADER)
    for at in range(LARGE):
        phone = "2.60977E+11" if at % 50 == 7 else f"+260977{at:06d}"
        page.write_row(at + 1, 0, (f"人{at}", "赞比亚", phone, "2026-03-05", "", "在外"))
    book.close()
    report = check_roster(made.getvalue(), "x.xlsx", DAY)
    assert outcomes(report) == {Outcome.ACCEPTED: LARGE - LARGE // 50, Outcome.DOUBTFUL: LARGE // 50}
    assert [row.row for row in report.rows if row.outcome is Outcome.DOUBTFUL][:2] == [9, 59]


def test_a_long_csv_in_gb_18030_is_read_whole() -> None:
    """Every row is there, in order."""
    rows = [(f"人{at}", "赞比亚", f"+260977{at:06d}", "2026-03-05", "", "在外") for at in range(LARGE)]
    report = check_roster(table_csv(HEADER, *rows).encode("gb18030"), "x.csv", DAY)
    assert outcomes(report) == {Outcome.ACCEPTED: LARGE}
    assert [row.row for row in report.rows] == list(range(2, LARGE + 2))


def test_a_workbook_of_sixty_sheets_is_read_whole() -> None:
    """Each sheet with a header row counts, the cover does not."""
    each = LARGE // 200
    sheets = {
        f"表{at}": [HEADER, *[(f"人{chr(0x4E00 + n)}", "赞比亚", "+260977123456") for n in range(each)]]
        for at in range(60)
    }
    report = check_roster(xlsx(sheet="封面", more=sheets), "x.xlsx", DAY)
    assert (len(report.tables), len(report.rows)) == (60, 60 * each)


def test_expectations_name_real_rows() -> None:
    """A case that is read has rows, so that a slip in the list cannot make it empty."""
    assert all(case.rows and all(isinstance(row, Row) for row in case.rows) for case in READ)
