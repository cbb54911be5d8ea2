"""Nothing is left out: each fenced command line is run by a page's test, by another one, or stands in the table with its reason."""

from __future__ import annotations

import re

import pytest

from tests.docs.blocks import blocks, commands
from tests.docs.not_run import ELSEWHERE, NOT_RUN
from tests.docs.pages import ALL, LANGUAGES, ORIGINAL_OF, RUN, words_of
from tests.docs.session import OUTPUT, TYPED
from tests.docs.tools import ROOT

TESTS = ROOT / "tests"


def read(name: str) -> str:
    """Return a page."""
    return (ROOT / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ALL)
def test_every_block_says_what_it_is(name: str) -> None:
    """A block of commands is `sh`, output is `text`, everything else is a file of a known language: none is passed over unseen."""
    assert [one.line for one in blocks(read(name)) if one.language not in LANGUAGES] == []
    shown = [one for one in blocks(read(name)) if one.language != TYPED]
    assert [one.line for one in shown if re.search(r"^(lingbao|prefect|curl|\$) ", one.text, re.MULTILINE) and one.language == OUTPUT
            and not one.below] == []  # fmt: skip


def test_what_is_not_run_is_listed_with_its_reason() -> None:
    """The table of what no test runs has exactly the blocks that say so, and the pages no other ones."""
    found = {name: tuple(one.not_run for one in blocks(read(name)) if one.not_run) for name in ALL}
    assert {name: reasons for name, reasons in found.items() if reasons} == NOT_RUN


def test_a_page_that_is_not_run_is_the_twin_of_one_that_is() -> None:
    """A translation without output of its own has the commands of its original, one by one; any other page has none that could be run."""
    for name in set(ALL) - set(RUN):
        twin = words_of(name) == words_of(ORIGINAL_OF[name]) if name in ORIGINAL_OF else False
        assert twin or all(one.not_run for one in blocks(read(name)) if one.language == TYPED), name


@pytest.mark.parametrize("words", ELSEWHERE)
def test_what_runs_elsewhere_is_there(words: str) -> None:
    """The test that is named for a command has it, and some page still shows the command."""
    file, _, function = ELSEWHERE[words].where.partition("::")
    text = (TESTS / file).read_text(encoding="utf-8")
    assert f"def {function}(" in text
    assert all(one in text for one in ELSEWHERE[words].words)
    assert any(words in words_of(name) for name in RUN)


def test_most_are_run() -> None:
    """Of the commands of all pages, most are run here, a few by other tests, and less than a fifth by none."""
    every = [(block, one) for name in {*ALL} - {*ORIGINAL_OF} for block in blocks(read(name)) if block.language == TYPED
             for one in commands(block)]  # fmt: skip
    not_run = sum(bool(block.not_run) for block, _ in every)
    elsewhere = sum(not block.not_run and one.words in ELSEWHERE for block, one in every)
    run = len(every) - not_run - elsewhere
    assert run > 250, (run, elsewhere, not_run)
    assert not_run < len(every) / 5, (run, elsewhere, not_run)
