"""Roster files: formats, encodings, header rows, and what is not read."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

import pytest

from core.errors import BadInput
from registry.roster import columns
from registry.roster.book import cell_text
from registry.roster.check import check_roster
from registry.roster.columns import Column, letters, read_header
from registry.roster.model import Outcome
from registry.roster.read import read_file
from registry.roster.report import remarks
from tests.registry.files import HEADER, WUKONG, changed, check, table_csv, xlsx
from tests.registry.people import DAY


@pytest.mark.parametrize(
    ("encoding", "said"),
    [
        ("utf-8", "utf-8"),
        ("utf-8-sig", "utf-8-sig"),
        ("utf-16", "utf-16"),
        ("gb18030", "gb18030"),
        ("utf-16-le", "utf-16-le"),
        ("utf-16-be", "utf-16-be"),
    ],
)
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_csv_in_every_usual_encoding(encoding: str, said: str, delimiter: str) -> None:
    """The encoding is found by its mark, else tried; also a rare character and other delimiters arrive whole."""
    text = table_csv(HEADER, changed(name="孙䶮"), delimiter=delimiter)
    (table,) = read_file(text.encode(encoding), "roster.CSV").tables
    assert (table.encoding, table.rows[0].cells[0], table.rows[0].number) == (said, "孙䶮", 2)


def test_what_cannot_be_read_says_so() -> None:
    """Other endings, damaged files, unknown encodings and tables without a header row are refused with a sentence."""
    docx, xls = ("roster.docx", b"x"), ("roster.xls", b"no workbook")
    books = [("roster.xlsx", data) for data in (b"PK\x03\x04 damaged", b"", xlsx(("x", "y")))]
    texts = [("roster.csv", data) for data in (b"\xff\xff\x00\x81", b"a,b\n1,2\n", b"")]
    for name, data in (docx, xls, *books, *texts):
        with pytest.raises(BadInput) as refused:
            check_roster(data, name, DAY)
        assert name in refused.value.message.render("zh")


def test_the_header_row_is_found_below_a_title() -> None:
    """Title rows above the header do not disturb, and row numbers are those of the file, blank rows counted."""
    data = xlsx(("附件2：境外人员花名册",), ("填报单位：", "花果山工程有限公司"), (), HEADER, (), WUKONG)
    report = check_roster(data, "roster.xlsx", DAY)
    assert report.tables[0].header_row == 4
    assert [(row.row, row.outcome) for row in report.rows] == [(6, Outcome.ACCEPTED)]


def test_numbers_and_dates_of_a_spreadsheet() -> None:
    """Numbers arrive without a point and dates as days, whatever the spreadsheet made of them."""
    data = xlsx(HEADER, changed(abroad=260977123456.0, home=13800138000.0, start=date(2026, 3, 5)))
    (row,) = check_roster(data, "roster.xlsx", DAY).rows
    assert row.person is not None
    assert [a.value for a in row.person.addresses] == ["+260977123456", "+8613800138000", "wukong@example.com"]
    assert row.person.postings[0].date_from == date(2026, 3, 5)
    stamp = datetime.fromisoformat("2026-03-05T09:00")
    assert [cell_text(value) for value in (1.5, True, False, stamp)] == ["1.5", "是", "否", "2026-03-05"]


def test_a_country_merged_over_a_team_counts_for_each() -> None:
    """A merged block has its value in the first cell only; all its rows get it."""
    rows = [changed(country=""), changed(country="", name="猪八戒"), changed(country="", name="沙悟净")]
    report = check_roster(
        xlsx(HEADER, *rows, changed(country="", city="", name="白龙马"), merged="B2:B4"), "roster.xlsx", DAY
    )
    assert [row.outcome for row in report.rows] == [Outcome.ACCEPTED] * 3 + [Outcome.REFUSED]


def test_every_sheet_with_people_is_read() -> None:
    """One sheet per country: all of them are read, and a sheet without a header row that holds something is named."""
    data = xlsx(("说明",), sheet="封面", more={"赞比亚": [HEADER, WUKONG], "安哥拉": [HEADER, WUKONG], "空表": []})
    report = check_roster(data, "roster.xlsx", DAY)
    assert [table.sheet for table in report.tables] == ["赞比亚", "安哥拉"]
    assert [(row.sheet, row.row) for row in report.rows] == [("赞比亚", 2), ("安哥拉", 2)]
    assert report.other_sheets == ("封面",)
    assert any("封面" in str(remark) for remark in remarks(report))
    assert not report.clean


def test_headers_in_both_languages() -> None:
    """Usual headings are understood in Chinese and English, with brackets, marks and blanks."""
    chinese = read_header(
        ["序 号", "*姓  名", "国别/地区", "驻地", "当地手机（必填）", "国内手机", "电子邮箱", "项目名称", "职务"]
    )
    english = read_header(
        ["Full name", "Country", "City", "Phone (abroad)", "Phone at home", "E-mail", "Project", "From", "To"]
    )
    assert chinese is not None
    assert set(chinese.found) == {
        Column.NAME, Column.COUNTRY, Column.CITY, Column.PHONE_ABROAD, Column.PHONE_HOME, Column.EMAIL, Column.PROJECT,
    }  # fmt: skip
    assert (chinese.unknown, chinese.not_needed) == ((), ("职务", "序 号"))
    assert english is not None
    assert len(english.found) == 9
    assert read_header(["姓名", "备注"]) is None
    assert read_header(["国家", "电话"]) is None


def test_country_and_city_in_one_column() -> None:
    """“所在国/城市” is a country, and “预计回国” a last day: a list whose only fault is this is not refused row by row."""
    text = table_csv(
        ("姓名", "所在国/城市", "境外电话", "预计回国"), ("孙悟空", "马里/巴马科", "+22370123456", "2027-01-31")
    )
    (row,) = check_roster(text.encode(), "roster.csv", DAY).rows
    assert row.outcome == Outcome.ACCEPTED
    assert row.person is not None
    assert [(one.country, one.date_to) for one in row.person.postings] == [("ML", date(2027, 1, 31))]


def test_papers_are_never_read() -> None:
    """Passport and identity columns are named as not read, and their cells are kept nowhere."""
    report = check(
        (*WUKONG, "E12345678", "370602198503120011", "Q"), header=(*HEADER, "护照号码", "身份证号", "幸运数字")
    )
    assert report.tables[0].header.never_read == ("护照号码", "身份证号")
    assert report.tables[0].header.unknown == ("幸运数字",)
    assert "E12345678" not in repr(report)
    assert "370602198503120011" not in repr(report)
    assert "Q" in report.tables[0].rows[0].cells
    said = [remark.render("zh") for remark in remarks(report)]
    assert any("护照号码" in one for one in said)
    assert any("幸运数字" in one for one in said)


def test_two_phone_columns_of_a_kind_are_both_read() -> None:
    """A second phone column is another number; a second country column is not read, and said so."""
    report = check((*WUKONG, "+260977765432", "安哥拉"), header=(*HEADER, "当地手机", "国家"))
    (row,) = report.rows
    assert row.person is not None
    assert [a.value for a in row.person.addresses][:2] == ["+260977123456", "+260977765432"]
    assert report.tables[0].header.repeated == ("国家",)
    assert [p.country for p in row.person.postings] == ["ZM"]


def test_sums_and_remarks_are_set_aside_and_named() -> None:
    """Rows that are nobody (sums, remarks below, the header once more) are set aside by number; a person is never."""
    nobody = [
        ("合计", "3人"),
        ("填表说明：请填写完整",),
        ("填报人：唐三藏", "", "", "13800138000"),
        HEADER,
        ("", "备注：无"),
    ]
    report = check(WUKONG, *nobody, changed(name="总计生"), changed(name=""))
    assert [number for _, number in report.set_aside] == [3, 4, 5, 6, 7]
    assert [row.outcome for row in report.rows] == [Outcome.ACCEPTED, Outcome.ACCEPTED, Outcome.REFUSED]


def test_columns_are_lettered_as_a_spreadsheet_does() -> None:
    """A column without a heading is named by the letters people see above it."""
    assert [letters(at) for at in (0, 25, 26, 51, 701, 702, 16383)] == ["A", "Z", "AA", "AZ", "ZZ", "AAA", "XFD"]
    report = check((*WUKONG, "", "备用"), header=HEADER)
    assert report.tables[0].header.unknown == ("K",)
    assert not report.clean


def test_numbers_of_others_are_never_the_persons_own() -> None:
    """A number beside an emergency contact, a relative or the clerk is not where a notice goes."""
    for heads in (
        ("紧急联系人", "关系", "电话"), ("家属姓名", "与本人关系", "联系电话"), ("应急联系人", "关系", "应急联系人手机"),
        ("Emergency contact", "Relationship", "Phone"), ("填报人", "联系电话", "填报日期"),
    ):  # fmt: skip
        header = read_header(["姓名", "国家", "境外电话", *heads])
        assert header is not None
        assert header.found[Column.PHONE_ABROAD] == (2,), heads
        assert (header.unknown, header.repeated) == ((), ())


def test_a_header_in_two_rows() -> None:
    """Groups above their columns are joined with them, so that a 电话 under 紧急联系人 is the contact's."""
    rows = [
        ("境外人员花名册",),
        ("姓名", "所在国家", "联系方式", "", "紧急联系人", "", ""),
        ("", "", "境外电话", "邮箱", "姓名", "关系", "电话"),
        ("孙悟空", "赞比亚", "+260977123456", "wukong@example.com", "菩提", "父", "13800138000"),
    ]
    (row,) = check_roster(xlsx(*rows), "roster.xlsx", DAY).rows
    assert (row.row, row.outcome) == (4, Outcome.ACCEPTED)
    assert row.person is not None
    assert [a.value for a in row.person.addresses] == ["+260977123456", "wukong@example.com"]
    assert [(c.name, c.relation, c.phone) for c in row.person.emergency] == [("菩提", "父", "+8613800138000")]


def test_no_heading_has_two_meanings() -> None:
    """Each word of the list of headings stands in it once."""
    lines = Path(columns.__file__).with_name("columns.csv").read_text(encoding="utf-8").splitlines()
    words = [word for line in lines if not line.startswith("#") for word in line.partition(",")[2].split()]
    assert len(words) == len(set(words))
