"""Hostile workbooks whose difficulty is the sheet or the file, not the cell: the second part of `workbooks`."""

from __future__ import annotations

import io
import zipfile
from datetime import date

import xlsxwriter
from openpyxl.worksheet.worksheet import Worksheet

from tests.registry.files import xlsx
from tests.registry.makers import bomb, locked, rezipped, typed, written
from tests.registry.workbooks import (
    ACCEPTED,
    ANGOLA,
    CHANGED,
    COUNTRY,
    DOUBTFUL,
    HEADER,
    PHONE,
    REFUSED,
    START,
    ZAMBIA,
    Case,
    Row,
    person,
)

WUKONG, BAJIE = person(), person(name="猪八戒", phone="+260966765432")
NUMBERED = ("序号", *HEADER)


def _uncomputed(page: Worksheet) -> None:
    page.append(HEADER)
    page.append(WUKONG)
    page["A3"], page["B3"], page["C3"], page["F3"] = "猪八戒", "赞比亚", '=CONCATENATE("+260","966765432")', "在外"


def _computed(book: xlsxwriter.Workbook) -> None:
    page = book.add_worksheet()
    page.write_row(0, 0, HEADER)
    page.write_row(1, 0, WUKONG)
    page.write_formula(1, 2, '="+260"&"977123456"', None, ZAMBIA)
    page.write_formula(1, 4, '=IF(1=1,"","x")', None, "")


def _empty_result(name: str, part: bytes) -> tuple[str, bytes]:
    """Say of the formula with an empty result that it has one, as spreadsheet programs do."""
    return name, part.replace(b'<c r="E2"><f>', b'<c r="E2" t="str"><f>')


def _failed(book: xlsxwriter.Workbook) -> None:
    page = book.add_worksheet()
    page.write_row(0, 0, HEADER)
    page.write_row(1, 0, WUKONG)
    page.write_row(2, 0, BAJIE)
    page.write_formula(1, 2, "=VLOOKUP(A2,X:Y,2,0)", None, "#N/A")
    page.write_formula(2, 0, "=X1", None, "#REF!")


def _from_1904(book: xlsxwriter.Workbook) -> None:
    page = book.add_worksheet()
    page.write_row(0, 0, HEADER)
    page.write_row(1, 0, WUKONG)
    page.write_datetime(1, 3, date(2026, 3, 5), book.add_format({"num_format": 'yyyy"年"m"月"d"日";@'}))
    page.write_row(2, 0, (*BAJIE[:3], 44624, "", "在外"))


def _hidden(book: xlsxwriter.Workbook) -> None:
    for name, row in (("在外", WUKONG), ("去年", BAJIE), ("前年", person(name="沙悟净", phone="+260955765432"))):
        page = book.add_worksheet(name)
        page.write_row(0, 0, HEADER)
        page.write_row(1, 0, row)
    book.worksheets()[0].set_row(1, None, None, {"hidden": True})
    book.worksheets()[0].set_column(2, 2, None, None, {"hidden": True})
    book.worksheets()[1].hide()
    book.worksheets()[2].very_hidden()


def _merged(book: xlsxwriter.Workbook) -> None:
    page = book.add_worksheet()
    page.merge_range(0, 0, 0, 5, "附件2：境外人员花名册")
    page.write_row(1, 0, HEADER)
    for at, name in enumerate(("孙悟空", "猪八戒", "沙悟净"), start=2):
        page.write_row(at, 0, (name, "", f"+26097712345{at}", "", "", "在外"))
    page.merge_range(2, 1, 4, 1, "赞比亚")
    page.merge_range(2, 3, 4, 4, "2026-03-05")
    page.merge_range(5, 0, 9, 5, "填表说明：请逐项填写")


def _far(row: int, column: int) -> bytes:
    def fill(book: xlsxwriter.Workbook) -> None:
        """Write two rows, and a blank far away from them."""
        page = book.add_worksheet()
        page.write_row(0, 0, HEADER)
        page.write_row(1, 0, WUKONG)
        page.write_string(row, column, " ")

    return written(fill)


def _wide(book: xlsxwriter.Workbook) -> None:
    page = book.add_worksheet()
    page.write_row(0, 0, HEADER)
    page.write_row(1, 0, WUKONG)
    page.write_string(1, 16_383, "远")


def _wps() -> bytes:
    """Return a workbook as WPS leaves it: absolute targets, no size of the sheet, backslashes, texts in the cells."""

    def change(name: str, part: bytes) -> tuple[str, bytes]:
        """Change one part."""
        part = part.replace(b'Target="worksheets/', b'Target="/xl/worksheets/').replace(
            b'<dimension ref="A1:F2"/>', b""
        )
        return name, part.replace(
            b'<c r="A2" t="s"><v>6</v></c>', '<c r="A2" t="inlineStr"><is><t>孙悟空</t></is></c>'.encode()
        )

    return rezipped(xlsx(HEADER, WUKONG), change)


def _without(part: str) -> bytes:
    return rezipped(xlsx(HEADER, WUKONG), lambda name, data: None if name == part else (name, data))


def _just_a_zip() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("readme.txt", "x")
    return buffer.getvalue()


def _by_country() -> bytes:
    bare = ("姓名", "电话")
    return xlsx(
        bare,
        ("孙悟空", ZAMBIA),
        sheet="赞比亚",
        more={
            "安哥拉": [bare, ("猪八戒", ANGOLA)],
            "刚果（金）": [HEADER, person(name="沙悟净", country="", phone="+243812345678")],
            "空表": [],
        },
    )


FOREMAN = tuple(person(name=f"工人{chr(0x4E00 + at)}") for at in range(30))

LAYOUTS = (
    Case(
        "header-on-row-7",
        "xlsx",
        lambda: xlsx(("附件",), ("填报单位", "花果山"), (), (), ("说明：",), (), HEADER, WUKONG),
        (Row(8, ACCEPTED),),
    ),
    Case(
        "header-in-two-rows",
        "xlsx",
        lambda: xlsx(
            ("序号", "姓名", "所在国家", "联系方式", "", "紧急联系人", "", ""),
            ("", "", "", "境外电话", "邮箱", "姓名", "关系", "电话"),
            (1, "孙悟空", "赞比亚", ZAMBIA, "", "菩提", "父", "13800138000"),
        ),
        (Row(3, ACCEPTED),),
        phones=(ZAMBIA,),
        names=("孙悟空",),
    ),
    Case(
        "contacts-in-one-cell",
        "xlsx",
        lambda: xlsx((*HEADER, "紧急联系人"), (*WUKONG, "李某（妻）13800138000"), (*BAJIE, "李某（妻）8.61E+12")),
        (Row(2, ACCEPTED), Row(3, DOUBTFUL, "紧急联系人", "Digits were lost")),
        phones=(ZAMBIA, "+260966765432"),
    ),
    Case(
        "header-once-more",
        "xlsx",
        lambda: xlsx(HEADER, WUKONG, HEADER, BAJIE),
        (Row(2, ACCEPTED), Row(4, ACCEPTED)),
        set_aside=(3,),
    ),
    Case(
        "sums-and-remarks",
        "xlsx",
        lambda: xlsx(
            NUMBERED,
            (1, *WUKONG),
            ("小计", "", "1人"),
            (2, *BAJIE),
            ("", "合 计", "", "2"),
            ("备注：以上属实",),
            ("填表人：", "唐三藏"),
            (3,),
            ("以上信息真实",),
        ),
        (Row(2, ACCEPTED), Row(4, ACCEPTED)),
        set_aside=(3, 5, 6, 7, 8, 9),
    ),
    Case(
        "rows-twice",
        "xlsx",
        lambda: xlsx(HEADER, WUKONG, WUKONG),
        (Row(2, ACCEPTED), Row(3, CHANGED, "姓名", "row 2 already")),
    ),
    Case(
        "two-of-one-name",
        "xlsx",
        lambda: xlsx(HEADER, WUKONG, person(phone="+260955765432")),
        (Row(2, ACCEPTED), Row(3, ACCEPTED)),
    ),
    Case(
        "foreman",
        "xlsx",
        lambda: xlsx(HEADER, *FOREMAN),
        tuple(Row(at, ACCEPTED) for at in range(2, 32)),
        told="30 people share",
    ),
    Case(
        "merged-over-people",
        "xlsx",
        lambda: written(_merged),
        tuple(Row(at, ACCEPTED) for at in (3, 4, 5)),
        set_aside=(6,),
        countries=("ZM", "ZM", "ZM"),
        dates=(date(2026, 3, 5),) * 3,
    ),
    Case(
        "formulas-computed",
        "xlsx",
        lambda: rezipped(written(_computed), _empty_result),
        (Row(2, ACCEPTED),),
        phones=(ZAMBIA,),
    ),
    Case(
        "formulas-not-computed",
        "xlsx",
        lambda: typed(_uncomputed),
        (Row(2, ACCEPTED), Row(3, DOUBTFUL, PHONE, "formula")),
        phones=(ZAMBIA,),
    ),
    Case(
        "formulas-that-failed",
        "xlsx",
        lambda: written(_failed),
        (Row(2, DOUBTFUL, PHONE, "formula"), Row(3, REFUSED, "姓名", "formula")),
    ),
    Case(
        "days-from-1904",
        "xlsx",
        lambda: written(_from_1904, date_1904=True),
        (Row(2, ACCEPTED), Row(3, DOUBTFUL, START, "no complete date")),
        dates=(date(2026, 3, 5), None),
    ),
    Case(
        "hidden-sheets-rows-columns",
        "xlsx",
        lambda: written(_hidden),
        (
            Row(2, ACCEPTED, sheet="在外"),
            Row(2, DOUBTFUL, "姓名", "hidden", "去年"),
            Row(2, DOUBTFUL, "姓名", "hidden", "前年"),
        ),
        told="hidden sheet 去年",
    ),
    Case(
        "sheet-per-country",
        "xlsx",
        _by_country,
        (
            Row(2, CHANGED, "国家", "name of the sheet", "赞比亚"),
            Row(2, CHANGED, "国家", "name of the sheet", "安哥拉"),
            Row(2, DOUBTFUL, COUNTRY, "name of the sheet", "刚果（金）"),
        ),
        countries=("ZM", "AO", "CD"),
    ),
    Case(
        "empty-sheets",
        "xlsx",
        lambda: xlsx(sheet="空", more={"名单": [HEADER, WUKONG], "空2": []}),
        (Row(2, ACCEPTED),),
    ),
    Case("only-empty-sheets", "xlsx", lambda: xlsx(), refused="no header row"),
    Case("last-row-not-blank", "xlsx", lambda: _far(1_048_575, 5), (Row(2, ACCEPTED),)),
    Case("last-cell-not-blank", "xlsx", lambda: _far(1_048_575, 16_383), refused="unfolds"),
    Case("all-columns", "xlsx", lambda: written(_wide), (Row(2, ACCEPTED),), told="XFD"),
    Case(
        "cell-of-32000-characters",
        "xlsx",
        lambda: xlsx((*HEADER, "备注"), (*WUKONG, "长" * 32_000)),
        (Row(2, ACCEPTED),),
    ),
    Case(
        "project-names-the-country",
        "xlsx",
        lambda: xlsx((*HEADER, "项目名称"), (*person(country=""), "赞比亚卢萨卡公路项目")),
        (Row(2, DOUBTFUL, COUNTRY, "by 项目名称"),),
        countries=("ZM",),
    ),
    Case(
        "credit-codes",
        "xlsx",
        lambda: xlsx(
            (*HEADER, "统一社会信用代码"),
            (*WUKONG, "91350100M000100Y43"),
            (*BAJIE, "91350100M000100Y44"),
            (*person(name="沙悟净", phone="+260955765432"), "9.137E+17"),
        ),
        (
            Row(2, ACCEPTED),
            Row(3, DOUBTFUL, "统一社会信用代码", "check character"),
            Row(4, DOUBTFUL, "统一社会信用代码", "Digits were lost"),
        ),
    ),
    Case(
        "papers-only",
        "xlsx",
        lambda: xlsx((*HEADER, "护照号码"), WUKONG, ("", "", "", "", "", "", "E12345678")),
        (Row(2, ACCEPTED), Row(3, REFUSED, "姓名", "missing")),
    ),
    Case("wps", "xlsx", _wps, (Row(2, ACCEPTED),), names=("孙悟空",)),
    Case("locked", "xlsx", locked, refused="password"),
    Case("bomb", "xlsx", bomb, refused="unfolds"),
    Case("cut-off", "xlsx", lambda: xlsx(HEADER, WUKONG)[:-400], refused="damaged"),
    Case("without-its-sheet", "xlsx", lambda: _without("xl/worksheets/sheet1.xml"), refused="damaged"),
    Case("without-its-book", "xlsx", lambda: _without("xl/workbook.xml"), refused="no header row"),
    Case("just-a-zip", "xlsx", _just_a_zip, refused="damaged"),
    Case("other-ending", "docx", lambda: xlsx(HEADER, WUKONG), refused="no roster"),
)
