"""A list uploaded, mended in the page, applied, undone; and what lies of it on the disk meanwhile."""

from __future__ import annotations

import csv
import io
from datetime import timedelta

import openpyxl
import pytest
from sqlalchemy import update

from core.clock import FixedClock
from core.database import reading, writing
from core.tables import table
from notify.erasure import run_retention
from registry.employers import check_character
from registry.tables import Employer
from tests.console.api.world import everything, roster
from tests.console.pages.company.portal import Portal
from tests.console.pages.surfer import Surfer

SCRIPT = "<script>alert(1)</script>"
HOSTILE = (
    (f"王伟{SCRIPT}", "赞比亚", "卢萨卡", "8.61E+12", "", "", "", "", "在外"),
    ("李娜", "非洲", "", "+260977123457", "", "", "", "", "在外"),
    ('=HYPERLINK("http://x.invalid")', "赞比亚", "", "+260977123459", "", "", "", "", "在外"),
    ("孙悟空", "塔吉克斯坦", "杜尚别", "+992935000001", "", "wukong@example.com", "", "", "在外"),
)
CODE, OTHER_CODE = (body + check_character(body) for body in ("91370600MA3TEXT01", "91370600MA3TEXT02"))
NAME = f'6月"{SCRIPT}.csv'


def upload(portal: Portal, rows: tuple[tuple[str, ...], ...] = HOSTILE, kind: str = "part") -> str:
    """Upload a list; return the text of its report."""
    portal.a.get("/company/rosters")
    return portal.a.post("/company/rosters", files={"file": (NAME, roster(rows))}, kind=kind)


def here(portal: Portal) -> str:
    """Return the address of the page at hand."""
    return portal.a.page.url.path


def test_a_hostile_list_is_shown_harmless(light: Portal) -> None:
    """Names of files and cells are text wherever they stand; every row is counted, and says what to do."""
    text = upload(light)
    raw = light.a.page.text
    assert "<script" not in raw.lower()
    assert f"王伟{SCRIPT}" in text
    assert "Digits were lost" in text
    assert "A region is no country" in text
    assert len(light.a.page.content) < 150_000
    marked = light.a.ask("GET", here(light) + "/annotated")
    assert "<" not in marked.headers["content-disposition"]
    assert "\n" not in marked.headers["content-disposition"]
    book = openpyxl.load_workbook(io.BytesIO(marked.content))
    kinds = {cell.data_type for sheet in book for row in sheet.iter_rows() for cell in row}
    assert "f" not in kinds


def test_rows_are_mended_applied_and_undone(two: Portal) -> None:
    """Two rows typed over and checked again, the list applied, and the register restored as it was."""
    before = two.a.get("/company/people?show=all")
    upload(two)
    address = here(two)
    told = two.a.post(
        address + "/mend", **{"cell.0.2.3": "+260977123450", "cell.0.4.0": "赵丽", "cell.0.3.1": "非洲", "page": "1"}
    )
    assert "Rows you mended here: 2" in told
    assert "left out" in told
    two.a.post(address + "/mend", **{"cell.0.3.1": "肯尼亚"})
    assert "Rows you mended here: 3" in two.a.get(address)
    assert "was applied" in two.a.post(address + "/apply")
    two.a.get(address, 404)
    people = two.a.get("/company/people")
    assert all(name in people for name in ("赵丽", "李娜", f"王伟{SCRIPT}", "孙悟空"))
    assert "6 people" in people
    two.a.get("/company/rosters")
    (undo,) = two.a.links("/company/imports/")
    assert "was undone" in two.a.post(undo)
    assert two.a.get("/company/people?show=all").partition("<table")[2] == before.partition("<table")[2]


def test_a_colleague_undoes_a_list(light: Portal) -> None:
    """A list that one contact applied is the company's: the other contact may undo it while the first one is away."""
    light.a.get("/company/contacts")
    light.a.post("/company/contacts", name="乙", duty="security", mail="second@a.example.com")
    upload(light)
    light.a.post(here(light) + "/apply")
    colleague = Surfer(light.a.app)
    light.sign_in(colleague, "second@a.example.com")
    colleague.get("/company/rosters")
    (undo,) = colleague.links("/company/imports/")
    assert "was undone" in colleague.post(undo)


def test_applying_twice_is_applying_once(light: Portal) -> None:
    """The second press finds the list gone, says so, and writes nothing."""
    upload(light)
    address = here(light)
    light.a.post(address + "/apply")
    before = everything(light.world.office.engine, frozenset({"web_session"}))
    assert "it was applied or put aside" in light.a.post(address + "/apply", 404)
    assert everything(light.world.office.engine, frozenset({"web_session"})) == before


def test_a_list_of_another_company_needs_a_word(light: Portal) -> None:
    """A code that is not ours stops the list: nothing is written or lost, and a tick says that it is right all the same."""
    header = ("姓名", "所在国家", "境外电话", "统一社会信用代码")
    text = "\n".join(",".join(row) for row in (header, ("李娜", "赞比亚", "+260977123457", CODE)))
    with writing(light.world.office.engine) as connection:
        employers = table(Employer)
        connection.execute(update(employers).where(employers.c.id == 1).values(code=OTHER_CODE))
    light.a.get("/company/rosters")
    light.a.post("/company/rosters", files={"file": ("x.csv", text.encode())}, kind="part")
    address = here(light)
    told = light.a.post(address + "/apply", 422)
    assert 'href="#any_company"' in told
    assert CODE in told
    light.a.post(address + "/apply", any_company="yes")
    assert "李娜" in light.a.get("/company/people")


def test_a_list_lies_sealed_and_for_a_day(light: Portal) -> None:
    """Neither names nor numbers nor the name of the file are in the database in clear; after a day nothing is left."""
    upload(light)
    engine, clock = light.world.office.engine, light.world.office.clock
    address = here(light)
    light.a.post(address + "/mend", **{"cell.0.4.0": "赵丽"})
    with reading(engine) as connection:
        rows = repr(connection.exec_driver_sql("SELECT * FROM roster_draft").all())
    raw = b"".join(file.read_bytes() for file in light.world.office.settings.home.glob("light.db*"))
    for clear in ("李娜", "+260977123457", "赵丽", NAME, "6月"):
        assert clear.encode() not in raw
        assert repr(clear.encode())[2:-1] not in rows
    assert isinstance(clock, FixedClock)
    clock.advance(timedelta(days=1))
    light.sign_in(light.a, "liaison@a.example.com")
    light.a.get(address, 404)
    run_retention(engine, clock, 180)
    with reading(engine) as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM roster_draft").scalar() == 0


def test_a_full_list_asks_about_who_is_missing(light: Portal) -> None:
    """Who is not on it is named before and asked about after; the answer is given on the first page."""
    told = upload(light, HOSTILE[3:], "full")
    assert "猪八戒、沙悟净" in told
    light.a.post(here(light) + "/apply")
    text = light.a.get("/company/")
    assert "2 questions about your people" in text
    first, second = sorted(set(light.a.links("/company/questions/")))
    light.a.post(first, 422, said="still-there", until="yesterday")
    assert 'value="yesterday"' in light.a.page.text
    light.a.post(first, 422, said="still-there", until="2026-01-01")
    assert "answer is written down" in light.a.post(first, said="still-there", until="2027-01-01")
    light.a.post(second, said="returned")
    assert "questions about" not in light.a.get("/company/")
    assert "1 people" in light.a.get("/company/people?show=returned")


@pytest.mark.parametrize(
    ("file", "kind", "told"),
    [
        (("x.csv", roster(HOSTILE)), "", "Say whether everybody"),
        (("x.csv", b""), "full", "Choose a file"),
        (("x.pdf", b"%PDF"), "full", "is no roster"),
        (("x.xlsx", b"PK\x03\x04broken"), "full", "cannot be opened"),
        (("x.csv", "你好".encode()), "full", "no header row"),
    ],
)
def test_a_file_that_is_none_is_told_why(shared: Portal, file: tuple[str, bytes], kind: str, told: str) -> None:
    """What is missing or cannot be read is said above the page, and what was chosen stays chosen."""
    shared.a.get("/company/rosters")
    text = shared.a.post("/company/rosters", 422, files={"file": file}, kind=kind)
    assert told in text
    assert ("checked" in text) == bool(kind)


def test_cells_that_are_not_read_cannot_be_written(light: Portal) -> None:
    """Made-up names of fields, rows and columns that are not there, and columns of identity papers change nothing."""
    header = ("姓名", "所在国家", "境外电话", "护照号")
    text = "\n".join(",".join(row) for row in (header, ("李娜", "非洲", "+260977123457", "E1234")))
    light.a.get("/company/rosters")
    light.a.post("/company/rosters", files={"file": ("x.csv", text.encode())}, kind="part")
    address = here(light)
    light.a.post(
        address + "/mend",
        **{"cell.0.2.3": "E999", "cell.9.2.0": "x", "cell.0.99.0": "x", "cell.x.y.z": "x", "cell.0.2.77": "x"},
    )
    assert "Rows you mended" not in light.a.get(address)
    assert "E1234" not in light.a.page.text


def test_many_rows_come_page_by_page(light: Portal) -> None:
    """Forty rows to mend stand on three pages of moderate weight; what is typed on one stays on it."""
    rows = tuple((f"示例{n}", "非洲", "", f"+2609771{n:05}", "", "", "", "", "在外") for n in range(40))
    upload(light, rows)
    address = here(light)
    assert "Page 1 of 3" in light.a.get(address)
    assert "Page 3 of 3" in light.a.get(address + "?page=99")
    light.a.get(address + "?page=2")
    text = light.a.post(address + "/mend", **{"cell.0.20.1": "赞比亚", "page": "2"})
    assert "Page 2 of 3" in text
    assert len(light.a.page.content) < 150_000


def test_an_export_cannot_act_and_can_be_read_again(light: Portal) -> None:
    """What looks like a formula is text in both forms; the export is in the audit; uploaded again it changes nothing."""
    light.world.a.apply((("赵甲", "赞比亚", "@SUM(A1)", "+260977123459", "", "", "", "", "在外"),))
    light.a.get("/company/settings")
    text = light.a.ask("POST", "/company/export", data={"form_token": light.a.token, "format": "csv"})
    cells = [cell for row in csv.reader(io.StringIO(text.text.lstrip("\ufeff"))) for cell in row]
    assert "'@SUM(A1)" in cells
    assert [cell for cell in cells if cell[:1] in "=+-@" and cell] == []
    assert "林黛玉" not in text.text
    book = light.a.ask("POST", "/company/export", data={"form_token": light.a.token, "format": "xlsx"})
    sheet = openpyxl.load_workbook(io.BytesIO(book.content)).worksheets[0]
    assert {cell.data_type for row in sheet.iter_rows() for cell in row} <= {"s", "n"}
    light.a.get("/company/rosters")
    told = light.a.post("/company/rosters", files={"file": ("again.xlsx", book.content)}, kind="full")
    assert "Apply: take up 4 rows" in told
    assert "<strong>0</strong> <span>new</span>" in light.a.page.text
