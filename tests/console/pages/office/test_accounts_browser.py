"""From the link to the desk in a real browser: on a desktop with scripts, and on a phone of 360 px without."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyotp
import pytest

from core.clock import FixedClock
from core.database import writing
from registry.accounts.credentials.set_up import make_set_up_link
from tests.console.pages.office.desk import CHIEF, Desk
from tests.console.serving import serving

if TYPE_CHECKING:
    from playwright.sync_api import Page

CHROMIUM = Path("/usr/bin/chromium")
PASSWORD = "four words in a row"
FORMS: dict[str, dict[str, Any]] = {
    "desktop": {"viewport": {"width": 1280, "height": 900}},
    "phone": {"viewport": {"width": 360, "height": 740}, "is_mobile": True, "has_touch": True,
              "java_script_enabled": False},
}  # fmt: skip


def look(page: Page, shots: Path, name: str) -> None:
    """Take a picture; nothing sticks out."""
    page.screenshot(path=shots / f"{name}.png", full_page=True)
    widths = page.evaluate("[document.documentElement.scrollWidth, window.innerWidth]")
    assert widths[0] <= widths[1], f"{name} is {widths[0]} wide"


def test_a_colleague_sets_up_and_signs_in(office_desk: Desk, tmp_path: Path) -> None:
    """By hand, in Chinese: link, picture for the app, recovery codes, the door, a wrong code, and the page that was wanted."""
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    if not CHROMIUM.exists():
        pytest.skip("no Chromium at /usr/bin/chromium")
    with playwright.sync_playwright() as started, serving(office_desk.app) as url:  # type: ignore[arg-type]
        browser = started.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox"])
        for form, size in FORMS.items():
            page = browser.new_context(locale="zh-CN", **size).new_page()
            asked: list[str] = []
            page.on("request", lambda request, asked=asked: asked.append(request.url))
            (tmp_path / form).mkdir()
            _one(page, url, office_desk, tmp_path / form)
            assert [one for one in asked if not one.startswith((url, "data:"))] == []
        browser.close()


def _one(page: Page, url: str, desk: Desk, shots: Path) -> None:
    clock = desk.office.clock
    assert isinstance(clock, FixedClock)
    with writing(desk.office.engine) as connection:
        token = make_set_up_link(connection, CHIEF, "wang", clock.now())
    page.goto(f"{url}/office/set-up/{token}")
    look(page, shots, "set-up")
    phone = pyotp.TOTP(page.inner_text(".token").replace(" ", ""))
    box = page.locator(".qr svg").bounding_box()
    assert box is not None
    assert box["width"] > 150
    for name, value in (("password", PASSWORD), ("again", PASSWORD), ("code", phone.at(clock.now()))):
        page.fill(f"#{name}", value)
    page.click("main button")
    look(page, shots, "codes")
    assert page.locator(".codes li").count() == 10
    clock.advance(timedelta(seconds=30))
    page.goto(f"{url}/office/me")
    assert page.inner_text("h1") == "登录值班台"
    for code in ("000000", phone.at(clock.now())):
        page.fill("#name", "wang")
        page.fill("#password", PASSWORD)
        page.fill("#code", code)
        page.click("main button")
        look(page, shots, f"door-{code}")
    assert "输错 1 次" in page.inner_text("main")
    page.click("main a.main")
    look(page, shots, "me")
    assert page.inner_text("h1") == "我的账户：wang"
