"""Every command line of README and docs is run: a third of the pages. See `pages`."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.docs.pages import share
from tests.docs.session import Desk, run
from tests.docs.tools import ROOT

SHARE = 1


@pytest.mark.parametrize("name", share(SHARE))
def test_a_page_does_what_it_says(name: str, page_of: Callable[[str], Desk]) -> None:
    """Typed in order, every command of the page ends as the page says, and says what the page shows."""
    assert "\n".join(run(page_of(name), (ROOT / name).read_text(encoding="utf-8"))) == ""
