"""The form of an alert in a real browser: with the keyboard alone, and with a preview that comes by itself."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from console.pages.office.visit import COOKIE
from tests.console.pages.office.desk import Desk
from tests.console.serving import serving

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, Page

CHROMIUM = Path("/usr/bin/chromium")
HEAVIEST = 150_000


@pytest.fixture
def phone(office_desk: Desk) -> Iterator[BrowserContext]:
    """A small telephone in the officer's hand, in Chinese; skipped where there is no browser."""
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    if not CHROMIUM.exists():
        pytest.skip("no Chromium at /usr/bin/chromium")
    with playwright.sync_playwright() as started, serving(office_desk.app) as url:  # type: ignore[arg-type]
        browser = started.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox"])
        context = browser.new_context(locale="zh-CN", viewport={"width": 360, "height": 740}, base_url=url)
        context.add_cookies([{"name": COOKIE, "value": office_desk.secrets["wang"], "url": url}])
        yield context
        browser.close()


def test_a_draft_is_written_with_the_keyboard_alone(phone: BrowserContext) -> None:
    """Every field is reached by Tab and filled; the preview comes without a reload and leaves the focus where it was; Enter on the
    button writes the draft. Nothing sticks out at 360 pixels, nothing is asked of another host, and the browser complains of nothing.
    """
    page, complaints, hosts = phone.new_page(), [], set()
    page.on("console", lambda said: complaints.append(said.text) if said.type in {"error", "warning"} else None)
    page.on("request", lambda asked: hosts.add(asked.url.split("/")[2]))
    page.goto("/office/alerts/new")
    page.evaluate("window.same = true")
    _tab_to(page, "country-0")
    page.keyboard.type("塔吉克斯坦")
    _tab_to(page, "level-1")
    page.keyboard.press("Space")
    for _ in range(3):
        page.keyboard.press("ArrowDown")
    assert page.locator("#level-4").is_checked()
    _tab_to(page, "title_zh")
    page.keyboard.type("杜尚别发生地震，请到空旷处")
    page.wait_for_selector(".bubble >> text=杜尚别发生地震，请到空旷处", timeout=10_000)
    assert page.evaluate("document.activeElement.id") == "title_zh"
    assert page.evaluate("window.same") is True
    assert "4 人" in page.locator("#preview-status").inner_text()
    widths = page.evaluate("[document.documentElement.scrollWidth, window.innerWidth]")
    assert widths[0] <= widths[1]
    assert len(page.content().encode()) < HEAVIEST
    page.locator(".finish button").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/office/alerts/2**")
    assert "草稿已保存" in page.locator("main").inner_text()
    assert (complaints, len(hosts)) == ([], 1)


def _tab_to(page: Page, field: str) -> None:
    """Press Tab until a field has the focus."""
    for _ in range(40):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.id") == field:
            return
    raise AssertionError(field)
