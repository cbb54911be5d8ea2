"""Roster files made for the tests, in the forms they arrive in."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from datetime import date

import xlsxwriter

from registry.roster.check import check_roster
from registry.roster.report import RosterReport
from tests.registry.people import DAY

HEADER = (
    "姓名",
    "所在国家（地区）",
    "所在城市",
    "境外联系电话",
    "国内手机号",
    "邮箱",
    "出境日期",
    "预计回国日期",
    "目前状态",
)
WUKONG = ("孙悟空", "赞比亚", "卢萨卡", "+260977123456", "13800138000", "wukong@example.com", "2026-03-05", "", "在外")

Value = str | float | date
Row = Sequence[Value]


def xlsx(*rows: Row, sheet: str = "花名册", more: Mapping[str, Sequence[Row]] | None = None, merged: str = "") -> bytes:
    """Return a workbook; `merged` is a range such as `B2:B4` of the first sheet that shows 赞比亚 once."""
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"strings_to_formulas": False, "default_date_format": "yyyy-mm-dd"})
    for name, lines in {sheet: rows, **(more or {})}.items():
        page = book.add_worksheet(name)
        for at, row in enumerate(lines):
            for place, value in enumerate(row):
                if value != "":
                    page.write(at, place, value)
    if merged:
        book.worksheets()[0].merge_range(merged, "赞比亚")
    book.close()
    return buffer.getvalue()


def table_csv(*rows: Row, delimiter: str = ",") -> str:
    """Return the text of a .csv."""
    buffer = io.StringIO()
    csv.writer(buffer, delimiter=delimiter).writerows(rows)
    return buffer.getvalue()


def check(*rows: Row, header: Row = HEADER) -> RosterReport:
    """Check a .csv of these rows under the usual header."""
    return check_roster(table_csv(header, *rows).encode(), "roster.csv", DAY)


def changed(row: Row = WUKONG, **cells: Value) -> Row:
    """Return a row with some cells exchanged, named `name country city abroad home mail start end status`."""
    names = ("name", "country", "city", "abroad", "home", "mail", "start", "end", "status")
    return tuple(cells.get(name, value) for name, value in zip(names, row, strict=True))
