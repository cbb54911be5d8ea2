"""Tables on a narrow terminal: nothing in them is cut."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from cli.show import table
from core.i18n import Message

TITLES = [Message(f"h{at}") for at in range(9)]
ROW = (1234567, "阿卜杜勒·示例·买买提江", "吉尔吉斯斯坦", "DEMO-LONG-CODE-17", "needs help", "2026-11-22 03:04Z", "+12025550123",
       "contact:12", "late")  # fmt: skip


@pytest.fixture
def columns() -> Iterator[None]:
    """Give a terminal of 80 columns."""
    before = os.environ.get("COLUMNS")
    os.environ["COLUMNS"] = "80"
    yield
    if before is None:
        del os.environ["COLUMNS"]
    else:
        os.environ["COLUMNS"] = before


def test_no_cell_is_cut(columns: None, capsys: pytest.CaptureFixture[str]) -> None:
    """Nine columns on a terminal of 80: every character is there, on lines of at most 80, and nothing ends in an ellipsis."""
    table(TITLES, [ROW])
    shown = capsys.readouterr().out
    assert "…" not in shown
    assert sorted(shown.replace(" ", "").replace("\n", "")) == sorted(
        "".join(str(one) for one in (*(t.text for t in TITLES), *ROW)).replace(" ", "")
    )
    assert max(len(line) for line in shown.splitlines()) <= 80


def test_a_number_stays_on_its_line(columns: None, capsys: pytest.CaptureFixture[str]) -> None:
    """Where there is room, a number, a moment and a code are not broken; the long text beside them is."""
    table(TITLES[:4], [("+12025550123", "2026-11-22 03:04Z", 1234567, "一个很长的标题" * 12)])
    line = capsys.readouterr().out.splitlines()[1]
    assert line.split()[:4] == ["+12025550123", "2026-11-22", "03:04Z", "1234567"]
