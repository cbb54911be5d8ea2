"""Every command line of README and docs is run."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.docs.blocks import blocks
from tests.docs.session import TYPED, Desk, run
from tests.docs.tools import ROOT

PAGES = sorted(
    path.relative_to(ROOT).as_posix()
    for path in (*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"))
    if any(block.language == TYPED for block in blocks(path.read_text(encoding="utf-8")))
)


@pytest.mark.parametrize("name", PAGES)
def test_a_page_does_what_it_says(name: str, page_of: Callable[[str], Desk]) -> None:
    """Typed in order, every command of the page ends as the page says, and says what the page shows."""
    assert "\n".join(run(page_of(name), Path(ROOT / name).read_text(encoding="utf-8"))) == ""
