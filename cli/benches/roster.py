"""A roster checked, against reading its cells and parsing its numbers with the libraries alone."""

from __future__ import annotations

import io
import tempfile
import time
from datetime import date
from pathlib import Path

import phonenumbers
import xlsxwriter
from python_calamine import CalamineWorkbook

from cli.benches.measure import Measure, peak_mb
from registry.roster.check import check_roster
from registry.roster.model import Outcome
from registry.roster.report import RosterReport

HEADER = (
    "序号", "姓名", "所在国家（地区）", "所在城市", "境外联系电话", "国内手机号", "邮箱", "出境日期", "目前状态", "紧急联系人",
)  # fmt: skip
PLACES = (("赞比亚", "ZM", "+26097{:07d}", "097{:07d}"), ("安哥拉", "AO", "+24492{:07d}", "92{:07d}"),
          ("巴基斯坦", "PK", "+92300{:07d}", "0300{:07d}"), ("印尼", "ID", "+6281210{:06d}", "081210{:06d}"))  # fmt: skip
ABROAD, HOME = 4, 5


def run(rows: int) -> list[Measure]:
    """Check a made-up roster of so many people as an .xlsx; rows per second of CPU."""
    with tempfile.TemporaryDirectory() as home:
        file = Path(home) / "roster.xlsx"
        _write(file, rows)
        data = file.read_bytes()
    begun = time.process_time()
    report = check_roster(data, "roster.xlsx", date(2026, 3, 1))
    whole = time.process_time() - begun
    memory, note = peak_mb(), _note(report, len(data))
    del report
    begun = time.process_time()
    _bare(data)
    bare = time.process_time() - begun
    return [Measure("roster", rows / whole, "rows/s of CPU", rows / bare, bare / whole, note, memory)]


def _write(file: Path, rows: int) -> None:
    """Write people of fiction: one number in four without its country code, one in fifty rounded by a spreadsheet."""
    book = xlsxwriter.Workbook(str(file), {"constant_memory": True})
    page = book.add_worksheet("花名册")
    page.write_row(0, 0, HEADER)
    for at in range(rows):
        place, _, whole, local = PLACES[at % len(PLACES)]
        number = at % 900_000 + 100_000
        abroad = "2.60977E+11" if at % 50 == 7 else (local if at // 4 % 4 == 0 else whole).format(number)
        page.write_row(at + 1, 0, (
            at + 1, f"示例{chr(0x4E00 + at % 20_000)}", place, "", abroad, f"139{number:08d}", f"p{at}@example.com",
            "2026-02-05", "在外", f"示例（妻）138{number:08d}" if at % 3 == 0 else "",
        ))  # fmt: skip
    book.close()


def _bare(data: bytes) -> None:
    """Read the cells, and every number in them: nothing is judged and nothing kept."""
    regions = {place: region for place, region, _, _ in PLACES}
    for row in CalamineWorkbook.from_filelike(io.BytesIO(data)).get_sheet_by_index(0).to_python()[1:]:
        for text, region in ((str(row[ABROAD]), regions[str(row[2])]), (str(row[HOME]), "CN")):
            try:
                number = phonenumbers.parse(text, region)
            except phonenumbers.NumberParseException:
                continue
            phonenumbers.is_valid_number(number)
            phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _note(report: RosterReport, size: int) -> str:
    counts = ", ".join(f"{report.count(outcome)} {outcome}" for outcome in Outcome)
    return f"{len(report.rows)} rows, {size / 1e6:.1f} MB, {counts}; limit: calamine and phonenumbers alone"
