"""The report on a roster: counts that add up, forms for people and machines, and the workbook that goes back."""

from __future__ import annotations

import io
import json

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from registry.roster.annotate import annotated
from registry.roster.model import Outcome
from registry.roster.report import lines, summary, to_json, to_record
from tests.registry.files import HEADER, WUKONG, changed, check

MIXED = (
    WUKONG,
    changed(abroad="8.61E+12"),
    changed(country="非洲"),
    ("合计", "3人"),
    changed(name="=cmd|' /C calc'!A0"),
    changed(country="火星"),
    changed(abroad="0977123456", name="猪八戒"),
)
CELLS = st.sampled_from(
    ["", "孙悟空", "赞比亚", "非洲", "13800138000", "8.61E+12", "2026-03-05", "休假", "合计", "=1+1", "a@b"]
)


def test_rows_in_are_rows_out() -> None:
    """Every row about somebody is accepted, changed, doubtful or refused, and the sentence for people says how many of each."""
    report = check(*MIXED)
    assert [report.count(outcome) for outcome in Outcome] == [1, 1, 2, 2]
    assert len(report.rows) == 6
    assert report.set_aside == (("", 5),)
    assert str(summary(report)) == "6 rows: 1 accepted, 1 changed, 2 doubtful, 2 refused."
    assert not report.clean
    assert check(WUKONG).clean


@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(CELLS, min_size=len(HEADER), max_size=len(HEADER)), max_size=6))
def test_no_row_is_ever_lost(rows: list[list[str]]) -> None:
    """Whatever stands in the cells: each row that is not blank is judged or set aside, once."""
    report = check(*rows)
    filled = [at for at, row in enumerate(rows, start=2) if any(row)]
    assert sorted([row.row for row in report.rows] + [number for _, number in report.set_aside]) == filled
    assert sum(report.count(outcome) for outcome in Outcome) == len(report.rows)


def test_json_has_everything_and_the_record_no_person() -> None:
    """The JSON for the company shows what was read; the record that is kept has counts and no cell of the file."""
    report = check(*MIXED, header=HEADER)
    told = json.loads(to_json(report, "zh"))
    assert (told["rows"], told["accepted"], told["changed"], told["doubtful"], told["refused"]) == (6, 1, 1, 2, 2)
    assert told["sheets"][0]["columns"]["read"]["name"] == ["姓名"]
    assert {"row": 3, "column": "境外联系电话", "read": "8.61E+12", "weight": "doubt"}.items() <= told["findings"][
        0
    ].items()
    kept = to_record(report)
    assert json.loads(kept)["refused"] == 2
    for cell in ("孙悟空", "8.61E+12", "13800138000", "非洲"):
        assert cell not in kept


def test_lines_for_people_leave_notes_out_unless_asked() -> None:
    """The table names row, column, what was read and what to do; mere notes come only if asked for."""
    report = check(changed(abroad="0977123456"), changed(country="非洲"))
    assert [(row, column, read) for row, column, read, _ in lines(report)] == [("3", "所在国家（地区）", "非洲")]
    assert len(lines(report, notes=True)) == 2


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_annotated_workbook(language: str) -> None:
    """Faulty cells are coloured and commented in place, nothing in them can act, and papers are left out."""
    report = check(
        *((*row, *[""] * (len(HEADER) - len(row)), "E12345678") for row in MIXED), header=(*HEADER, "护照号码")
    )
    book = openpyxl.load_workbook(io.BytesIO(annotated(report, language)))  # type: ignore[arg-type]
    roster, findings = book.worksheets
    values = [[cell.value for cell in row] for row in roster.iter_rows()]
    assert len(values) == 8
    assert [row[0] for row in values[1:]] == [2, 3, 4, 5, 6, 7, 8]
    assert values[0][1:] == list(HEADER)
    assert not any("E12345678" in str(cell) for row in values for cell in row)
    phone, country, formula = roster["E3"], roster["C4"], roster["B6"]
    assert (phone.value, phone.fill.fgColor.rgb, phone.comment is not None) == ("8.61E+12", "FFFFEB9C", True)
    assert (country.value, country.fill.fgColor.rgb) == ("非洲", "FFFFEB9C")
    assert country.comment.text == report.findings[1].message.render(language)  # type: ignore[arg-type]
    assert (formula.value, formula.data_type, formula.fill.fgColor.rgb) == ("=cmd|' /C calc'!A0", "s", "FFFFC7CE")
    assert findings.max_row == 1 + len(report.findings)
