"""Tonight in a real browser: a draft appears by itself and nothing jumps; and all of it is there without scripts, on a phone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from console.pages.office.visit import COOKIE
from tests.console.pages.office.desk import Desk, copied
from tests.console.pages.office.nights import night
from tests.console.pages.office.test_tonight import draft
from tests.console.serving import serving

if TYPE_CHECKING:
    from playwright.sync_api import Browser

CHROMIUM = Path("/usr/bin/chromium")


@dataclass
class Stage:
    """An office on a port of this machine, and a browser."""

    url: str
    desk: Desk
    browser: Browser

    @property
    def cookie(self) -> dict[str, str]:
        """Return the cookie of an officer."""
        return {"name": COOKIE, "value": self.desk.secrets["wang"], "url": self.url}


@pytest.fixture(scope="module")
def stage(desk_template: Desk, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """Open the office and the browser; skip where there is none."""
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    if not CHROMIUM.exists():
        pytest.skip("no Chromium at /usr/bin/chromium")
    desk = copied(desk_template, tmp_path_factory.mktemp("tonight"))
    night(desk, broken="cn-mfa")
    with playwright.sync_playwright() as started:
        browser = started.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox"])
        with serving(desk.app) as url:  # type: ignore[arg-type]
            yield Stage(url, desk, browser)
            browser.close()
    desk.office.engine.dispose()


def test_a_draft_appears_by_itself_and_nothing_jumps(stage: Stage) -> None:
    """The page is not loaded again: the new draft stands there, the place of the reader and the focus are where they were."""
    context = stage.browser.new_context(locale="zh-CN", viewport={"width": 1280, "height": 500})
    context.add_cookies([stage.cookie])  # type: ignore[list-item]
    page = context.new_page()
    page.clock.install()
    page.goto(f"{stage.url}/office/")
    page.evaluate("window.first = true")
    page.locator("#nights details summary").focus()
    place = page.evaluate("document.activeElement.getBoundingClientRect().top")
    draft(stage.desk)
    page.clock.fast_forward("00:11")
    page.locator("#drafts").wait_for()
    assert "条草稿待处理" in page.locator("#verdict").inner_text()
    assert page.evaluate("window.first && document.activeElement.localName") == "summary"
    assert abs(page.evaluate("document.activeElement.getBoundingClientRect().top") - place) < 2
    context.close()


def test_all_of_it_is_there_without_scripts_on_a_phone(stage: Stage) -> None:
    """With scripts switched off, 360 px wide: the verdict, the sick source with its reason, and its page with the button."""
    context = stage.browser.new_context(
        locale="zh-CN",
        viewport={"width": 360, "height": 740},
        is_mobile=True,
        has_touch=True,
        java_script_enabled=False,
    )
    context.add_cookies([stage.cookie])  # type: ignore[list-item]
    page = context.new_page()
    page.goto(f"{stage.url}/office/")
    assert "未能读取" in page.locator("#verdict").inner_text()
    page.locator("#live a:has-text('中国外交部')").click()
    assert page.locator("button:has-text('现在读取')").count() == 1
    assert page.locator("main .note.warn").count() == 1
    context.close()
