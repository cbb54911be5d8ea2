"""The page about the sandbox says what the sandbox does."""

from __future__ import annotations

from pathlib import Path

import pytest

from notify.sandbox.control import words
from notify.sandbox.faults import Dice, Fault, parse
from notify.sandbox.magic import CallMagic, Magic, call_table, table
from notify.sandbox.mail import REFUSALS

PAGE = (Path(__file__).resolve().parents[3] / "docs" / "sandbox.md").read_text("utf-8")
ROWS = [[cell.strip() for cell in line.strip("|").split("|")] for line in PAGE.splitlines() if line.startswith("|")]


@pytest.mark.parametrize("row", table().values(), ids=lambda row: row.number)
def test_each_magic_number_is_documented(row: Magic) -> None:
    """The table on the page gives each number its code, HTTP status and meaning."""
    (found,) = [cells for cells in ROWS if cells[0] == row.number]
    assert (found[2], found[3], found[5]) == (str(row.code or "–"), str(row.http or "–"), row.meaning)


@pytest.mark.parametrize("row", call_table().values(), ids=lambda row: row.number)
def test_each_magic_call_is_documented(row: CallMagic) -> None:
    """The table of calls gives each number its end, who answers, the keys and the meaning."""
    (found,) = [cells for cells in ROWS if cells[0] == row.number]
    assert found[1:] == [row.outcome, row.answered_by or "–", row.digits or "–", row.meaning]


def test_each_fault_is_documented() -> None:
    """The page names each fault and dial there is, and none that is not there."""
    dials = {"max-concurrency", "step", "mps"}
    named = {cells[0].strip("`") for cells in ROWS if cells[0].startswith("`")}
    assert named == {str(one) for one in (*Fault, *Dice)} - {"none"} | dials
    for name in named:
        parse(f"{name}=1")


def test_magic_mail_recipients_are_documented() -> None:
    """The page names each magic mail recipient."""
    assert {cells[0].partition("@")[0] for cells in ROWS if "@" in cells[0]} == {*REFUSALS, "slow", "drop", "cut"}


def test_the_page_for_people_is_in_chinese() -> None:
    """Every sentence of the sandbox's page has a Chinese form of its own."""
    same = [str(sentence) for sentence in words().values() if sentence.render("zh") == sentence.render("en")]
    assert same == []
