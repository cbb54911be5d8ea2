"""Hostile rosters, each with the report it must get, worked out by hand. `python -m tests.registry.workbooks DIR` writes
them down as files.

Every case is about people of fiction under one usual header, unless the header itself is the difficulty.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from registry.roster.model import Outcome
from tests.registry.files import table_csv, xlsx
from tests.registry.makers import Cell, xls

ACCEPTED, CHANGED, DOUBTFUL, REFUSED = Outcome
HEADER = ("姓名", "所在国家", "境外电话", "出境日期", "预计回国日期", "目前状态")
ZAMBIA, ANGOLA = "+260977123456", "+244923123456"


@dataclass(frozen=True)
class Row:
    """What must become of one row: its outcome, and the column and words (English) of one finding on it."""

    number: int
    outcome: Outcome
    column: str = ""
    words: str = ""
    sheet: str | None = None


@dataclass(frozen=True)
class Case:
    """A file and its report.

    Attributes:
        refused: words (English) of the sentence with which the whole file is handed back; empty: it is read.
        set_aside: numbers of the rows that are no person.
        told: words that must stand among the remarks on the file.
        countries, phones, names: what must be read of all taken rows together, in order, if given.
    """

    name: str
    ending: str
    make: Callable[[], bytes]
    rows: tuple[Row, ...] = ()
    refused: str = ""
    set_aside: tuple[int, ...] = ()
    told: str = ""
    countries: tuple[str, ...] | None = None
    phones: tuple[str, ...] | None = None
    names: tuple[str, ...] | None = None
    dates: tuple[date | None, ...] | None = None
    file: str = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "file", f"{self.name}.{self.ending}")


def person(
    name: Cell = "孙悟空", country: Cell = "赞比亚", phone: Cell | date = ZAMBIA, start: Cell | date = "2026-03-05",
    end: Cell | date = "", status: Cell = "在外",
) -> tuple[Cell | date, ...]:  # fmt: skip
    """Return a row under the usual header."""
    return name, country, phone, start, end, status


def one(
    name: str, row: Sequence[Cell | date], outcome: Outcome, column: str = "", words: str = "", **more: object
) -> Case:
    """Return a case of one person in a workbook."""
    return Case(name, "xlsx", lambda: xlsx(HEADER, row), (Row(2, outcome, column, words),), **more)  # type: ignore[arg-type]


def text(name: str, encoding: str, *rows: Sequence[Cell | date], delimiter: str = ",", **more: object) -> Case:
    """Return a case of accepted people in a .csv."""
    made = lambda: table_csv(HEADER, *rows, delimiter=delimiter).encode(encoding)  # noqa: E731
    return Case(name, "csv", made, tuple(Row(at, ACCEPTED) for at in range(2, 2 + len(rows))), **more)  # type: ignore[arg-type]


PHONE, COUNTRY, START, END, STATUS = "境外电话", "所在国家", "出境日期", "预计回国日期", "目前状态"
LOST, EXTENSION = "Digits were lost", "extension"

CELLS = (
    # Numbers
    one("phone-rounded-as-text", person(phone="8.61E+12"), DOUBTFUL, PHONE, LOST, phones=()),
    one(
        "phone-as-float", person(phone=260977123456.0), CHANGED, PHONE, "Taken as a number of Zambia", phones=(ZAMBIA,)
    ),
    one("phone-with-fraction", person(phone=260977123456.5), DOUBTFUL, PHONE, LOST, phones=()),
    one("phone-with-extension", person(phone="0535-1234567转801"), DOUBTFUL, PHONE, EXTENSION, phones=()),
    one("phone-with-0086", person(phone="0086 138 0013 8000"), ACCEPTED, phones=("+8613800138000",)),
    one("phone-without-its-nought", person(phone=977123456), CHANGED, PHONE, "Zambia (+260)", phones=(ZAMBIA,)),
    one("phone-full-width", person(phone="＋２６０９７７１２３４５６"), ACCEPTED, phones=(ZAMBIA,)),
    one(
        "two-phones",
        person(phone=f"{ZAMBIA}/13800138000"),
        CHANGED,
        PHONE,
        "Chinese",
        phones=(ZAMBIA, "+8613800138000"),
    ),
    one("two-phones-one-bad", person(phone=f"{ZAMBIA}；1380013"), DOUBTFUL, PHONE, "no such number", phones=(ZAMBIA,)),
    one("phone-of-a-neighbour", person(phone="+263771234567"), ACCEPTED, phones=("+263771234567",)),
    one("phone-is-wechat", person(phone="wukong88"), DOUBTFUL, PHONE, "no phone number", phones=()),
    one("phone-with-apostrophe", person(phone="'+260977123456"), ACCEPTED, phones=(ZAMBIA,)),
    one("phone-hidden-marks", person(phone="\u202a+260977123456\u202c"), ACCEPTED, phones=(ZAMBIA,)),
    # Names
    one("name-zero-width", person(name="孙\u200b悟空"), CHANGED, "姓名", "Invisible", names=("孙悟空",)),
    one("name-with-dot", person(name="阿依古丽·买买提"), ACCEPTED, names=("阿依古丽·买买提",)),
    one("name-with-blanks", person(name="孙　 悟"), ACCEPTED, names=("孙　 悟",)),
    one("name-with-remark", person(name="孙悟空（带班）"), ACCEPTED, names=("孙悟空（带班）",)),
    one("name-is-number", person(name=12345), REFUSED, "姓名", "no name"),
    one("name-missing", person(name=""), REFUSED, "姓名", "name is missing"),
    one("two-names", person(name="孙悟空、猪八戒"), DOUBTFUL, "姓名", "Several names"),
    one("name-is-command", person(name="=cmd|' /C calc'!A0"), REFUSED, "姓名", "formula"),
    one("name-is-at-command", person(name="@SUM(1+1)*cmd"), REFUSED, "姓名", "no name"),
    one("name-of-100000-characters", person(name="孙" * 30_000), REFUSED, "姓名", "no name"),
    # Countries
    one(
        "two-countries",
        person(country="赞比亚、津巴布韦"),
        CHANGED,
        COUNTRY,
        "each of Zambia, Zimbabwe",
        countries=("ZM", "ZW"),
    ),
    one("at-sea", person(country="在船"), DOUBTFUL, COUNTRY, "ship", countries=()),
    one("continent", person(country="非洲"), DOUBTFUL, COUNTRY, "region", countries=()),
    one("at-home", person(country="国内"), DOUBTFUL, COUNTRY, "not abroad", countries=()),
    one(
        "which-congo",
        person(country="刚果", phone="+243812345678"),
        DOUBTFUL,
        COUNTRY,
        "which one",
        countries=("CD", "CG"),
    ),
    one("ukraine-twice", person(country="乌克兰/乌"), ACCEPTED, countries=("UA",)),
    one("which-of-four", person(country="乌"), DOUBTFUL, COUNTRY, "which one", countries=()),
    one("georgia", person(country="Georgia"), ACCEPTED, countries=("GE",)),
    one("namibia-by-code", person(country="NA"), ACCEPTED, countries=("NA",)),
    one("nowhere", person(country="火星"), REFUSED, COUNTRY, "No country was recognised"),
    one("country-and-continent", person(country="非洲（赞比亚）"), DOUBTFUL, COUNTRY, "not certain", countries=("ZM",)),
    one("half-a-nigeria", person(country="尼日尔利亚"), DOUBTFUL, COUNTRY, "not certain", countries=("NE",)),
    one("country-missing", person(country=""), REFUSED, COUNTRY, "country is missing"),
    # Dates
    one("date-serial", person(start=46086), ACCEPTED, dates=(date(2026, 3, 5),)),
    one("date-cell", person(start=date(2026, 3, 5)), ACCEPTED, dates=(date(2026, 3, 5),)),
    one("date-full-width", person(start="２０２６年３月５日"), ACCEPTED, dates=(date(2026, 3, 5),)),
    one("date-two-digit-year", person(start="26-03-05"), DOUBTFUL, START, "no complete date", dates=(None,)),
    one("date-chinese-numerals", person(start="二〇二六年三月五日"), DOUBTFUL, START, "no complete date"),
    one("date-american", person(start="03/05/2026"), DOUBTFUL, START, "no complete date"),
    one("date-that-is-none", person(start="2026-02-30"), DOUBTFUL, START, "no such day"),
    one("date-in-words", person(end="春节后"), DOUBTFUL, END, "no complete date"),
    one("dates-reversed", person(start="2026-05-01", end="2026-04-01"), DOUBTFUL, STATUS, "before leaving"),
    one("date-to-come", person(start="2026-12-24", status=""), ACCEPTED),
    one("date-far-ahead", person(start="2062-03-05", status=""), DOUBTFUL, STATUS, "two years"),
    one("overdue", person(end="2026-11-01"), DOUBTFUL, STATUS, "should be over"),
)

TEXTS = (
    text("csv-semicolon", "utf-8", person(), delimiter=";"),
    text("csv-tab", "gb18030", person(), delimiter="\t"),
    text("csv-bom", "utf-8-sig", person()),
    text("csv-utf16", "utf-16", person()),
    text("csv-utf16-without-mark", "utf-16-le", person(), told="utf-16-le"),
    text("csv-utf16-big-end", "utf-16-be", person(), told="utf-16-be"),
    text("csv-gb18030-four-bytes", "gb18030", person(name="㐀䶮𠮷"), names=("㐀䶮𠮷",), told="gb18030"),
    Case(
        "csv-title-above",
        "csv",
        lambda: ("附件2：花名册\r\n" + table_csv(HEADER, person())).encode("gb18030"),
        (Row(3, ACCEPTED),),
    ),
    Case(
        "csv-nul-bytes",
        "csv",
        lambda: table_csv(HEADER, person(), person(name="猪\0八戒", phone=ANGOLA)).encode(),
        (Row(2, ACCEPTED), Row(3, CHANGED, "姓名", "Invisible")),
        names=("孙悟空", "猪八戒"),
    ),
    Case(
        "csv-quote-left-open",
        "csv",
        lambda: table_csv(HEADER, person()).encode() + '"猪八戒,赞比亚\r\n沙僧,赞比亚\r\n'.encode(),
        refused="quotation mark is not closed",
    ),
    Case(
        "csv-quotes-swallow-rows",
        "csv",
        lambda: (
            table_csv(HEADER, person()) + '"猪八戒,赞比亚,,,,在外\r\n沙僧,赞比亚,,,,在外\r\n白龙马",安哥拉,,,,在外\r\n'
        ).encode(),
        refused="joins several rows",
    ),
    Case(
        "csv-short-and-long-rows",
        "csv",
        lambda: table_csv(HEADER, person()[:3], (*person(name="猪八戒", phone=ANGOLA), "x", "y")).encode(),
        (Row(2, ACCEPTED), Row(3, ACCEPTED)),
        told="G, H",
    ),
    Case("csv-named-xls", "xls", lambda: table_csv(HEADER, person()).encode("gb18030"), (Row(2, ACCEPTED),)),
    Case("csv-of-nothing", "csv", lambda: b"", refused="no header row"),
    Case("csv-of-noise", "csv", lambda: bytes(range(128, 256)) * 9, refused="encoding"),
    Case("web-page-named-xls", "xls", lambda: b"<html><table><tr><td>x</td></tr></table></html>", refused="web page"),
    Case(
        "xls-with-everything",
        "xls",
        lambda: xls(HEADER, ("孙悟空", "赞比亚", 260977123456.0, 46086.0, "", "在外"), ("合计", 1.0)),
        (Row(2, CHANGED, PHONE, "Zambia"),),
        set_aside=(3,),
        dates=(date(2026, 3, 5),),
    ),
    Case(
        "xls-formula-failed",
        "xls",
        lambda: xls(HEADER, ("孙悟空", "赞比亚", "#N/A")),
        (Row(2, DOUBTFUL, PHONE, "formula"),),
        phones=(),
    ),
    Case("xls-named-xlsx", "xlsx", lambda: xls(HEADER, *[("孙悟空", "赞比亚", ZAMBIA)]), (Row(2, ACCEPTED),)),
    Case("wps-et", "et", lambda: xls(HEADER, *[("孙悟空", "赞比亚", ZAMBIA)]), (Row(2, ACCEPTED),)),
)


def main(folder: Path) -> None:
    """Write every case into a folder."""
    from tests.registry.workbooks_layout import LAYOUTS

    folder.mkdir(parents=True, exist_ok=True)
    for case in (*CELLS, *TEXTS, *LAYOUTS):
        (folder / case.file).write_bytes(case.make())


if __name__ == "__main__":
    main(Path(sys.argv[1]))
