"""The commands of the roll call, as an officer sees them."""

from __future__ import annotations

import io
import json
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from typer.testing import CliRunner

from cli.app import app
from cli.benches import replies
from core.errors import LingbaoError
from tests.notify.proof.test_commands import Desk
from tests.notify.proof.world import World, copy_of, tell


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Give an office that has asked six people of two companies in Zambia."""
    made = tell(tmp_path_factory.mktemp("asked") / "home")
    yield made
    made.office.engine.dispose()


@pytest.fixture
def desk(office: World, tmp_path: Path) -> Desk:
    """Sit down in a copy of the office."""
    own = copy_of(office, tmp_path / "home")
    own.office.engine.dispose()
    return Desk(own)


def test_mark_and_board(desk: Desk) -> None:
    """What an officer marks is on the board: in total, by country, by company and by person, in words and as JSON."""
    assert desk.json("safe", "mark", "1", "--person", "1", "--person", "3", "--answer", "safe")["written"] == 2
    assert desk.json("safe", "mark", "1", "--person", "2", "--answer", "help", "--phoned", "--note", "腿受伤")["paged"]
    found = desk.json("safe", "board", "1")
    assert found["total"] == {"asked": 6, "unasked": 0, "safe": 2, "help": 1, "unclear": 0, "silent": 3, "late": 0}
    assert found["by_country"] == {"ZM": found["total"]}
    assert {code: one["asked"] for code, one in desk.json("safe", "board", "1", "--by", "company")["by_company"].items()} == {
        "A-1": 4, "B-1": 2,
    }  # fmt: skip
    people = [json.loads(line) for line in desk.told("safe", "board", "1", "--by", "person", "--json").splitlines()]
    assert [(one["person"], one["state"], one["means"], one["by"]) for one in people[:2]] == [
        (2, "help", "phone", "console"), (4, "silent", None, None),
    ]  # fmt: skip
    words = desk.told("safe", "board", "1", "--by", "person")
    assert ["需要帮助" in words, "猪八戒" in words, "电话中告知外办人员" in words, "赞比亚" in words] == [True] * 4
    assert "合计" in desk.told("safe", "board", "1")


def test_the_list_is_whole_in_a_narrow_window(desk: Desk) -> None:
    """The list to telephone from cuts no number off, however narrow the window; whoever needs help is on top."""
    desk.told("safe", "mark", "1", "--person", "2", "--answer", "help")
    words = desk.told("safe", "phone", "1")
    numbers = [
        number
        for line in desk.told("safe", "phone", "1", "--json").splitlines()
        for number in json.loads(line)["numbers"]
    ]
    assert numbers
    assert all(number in words for number in numbers)
    assert words.startswith("【需要帮助】猪八戒")


def test_the_form_for_the_ministry(desk: Desk, tmp_path: Path) -> None:
    """The workbook has the figures and the list, names and words opened; only its owner may read it, and the look is in the audit."""
    desk.told("safe", "mark", "1", "--person", "2", "--answer", "help", "--note", "=1+1 被困")
    path = tmp_path / "平安.xlsx"
    assert "6 人" in desk.told("safe", "export", "1", "--out", str(path))
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    book = openpyxl.load_workbook(io.BytesIO(path.read_bytes()))
    assert book.sheetnames == ["汇总", "名单"]
    rows = list(book["汇总"].iter_rows(values_only=True))
    assert rows[2][1:] == ("应确认", "未询问但已答复", "平安", "需要帮助", "不明", "未答复", "其中迟报")
    assert rows[3] == ("合计", 6, 0, 0, 1, 0, 5, 0)
    assert ("赞比亚", 6, 0, 0, 1, 0, 5, 0) in rows
    first = list(book["名单"].iter_rows(values_only=True))[1]
    assert (first[1], first[2], first[4], first[5], first[13]) == (
        "赞比亚", "花果山A-1公司", "猪八戒", "需要帮助", "=1+1 被困",
    )  # fmt: skip


def test_what_is_refused(desk: Desk, tmp_path: Path) -> None:
    """An alert or a person that is not there, and a file that is no workbook, are said in words."""
    for words in (
        ("board", "9"), ("mark", "9", "--person", "1", "--answer", "safe"), ("mark", "1", "--person", "99", "--answer", "safe"),
        ("export", "1", "--out", str(tmp_path / "x.csv")), ("export", "9", "--out", str(tmp_path / "x.xlsx")),
    ):  # fmt: skip
        assert isinstance(desk.run("safe", *words).exception, LingbaoError), words
    assert list(tmp_path.glob("x.*")) == []


def test_the_reading_is_tried_line_by_line() -> None:
    """One JSON object for each line of the input."""
    result = CliRunner().invoke(app, ["safe", "read"], input="2人平安\n我安全但同事受伤\n收到\n")
    found: list[Any] = [json.loads(line) for line in result.stdout.splitlines()]
    assert found == [
        {"text": "2人平安", "answer": "safe"}, {"text": "我安全但同事受伤", "answer": "help"}, {"text": "收到", "answer": "unclear"},
    ]  # fmt: skip


def test_the_bench_counts_what_it_took() -> None:
    """The bench takes its answers and shows both measures beside the bare operation."""
    found = replies.run(60, 1)
    assert [one.name for one in found] == ["replies", "board"]
    assert all(one.value > 0 and one.limit > 0 for one in found)
