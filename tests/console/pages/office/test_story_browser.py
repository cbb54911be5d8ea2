"""A warning from draft to correction in a real browser, in Chinese: an officer at a desk, the second person on a phone of 360 px.

Two hundred people get it from the sandbox over the wire, its receipts turn the page green without a reload, and what was wrong is
corrected to exactly those who got it. Every page is looked at by a machine, and kept as a picture.
"""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from console.app import build
from console.pages.frame import STATIC
from console.pages.office.visit import COOKIE
from core.clock import SystemClock
from core.database import writing
from core.keys import MasterKeys
from notify.sandbox.running import Running, running
from registry.accounts.office import begin
from registry.actors import SYSTEM, Actor
from registry.tables import Role
from registry.users import add_user
from tests.console.serving import serving
from tests.databases import open_quickly
from tests.notify.sending.house import House, enrol_people, house, numbers

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page

CHROMIUM = Path("/usr/bin/chromium")
HEAVIEST = 150_000
STATICS = sum((STATIC / name).stat().st_size for name in ("style.css", "office.css", "office.js", "htmx.min.js"))
"""Bytes of what every page of the office loads once. A record to print is as long as the list of the people it is about."""
PEOPLE = 200
WAIT = 20_000
"""Milliseconds for something to come to the page by itself."""
DESK: dict[str, Any] = {"viewport": {"width": 1280, "height": 900}}
PHONE: dict[str, Any] = {"viewport": {"width": 360, "height": 740}, "is_mobile": True, "has_touch": True}


@dataclass
class Stage:
    """An office on a port of this machine with its sandbox, and what its users' session cookies hold."""

    url: str
    home: House
    sandbox: Running
    browser: Browser
    secrets: dict[str, str]

    def seat(self, name: str, **form: Any) -> BrowserContext:
        """Let somebody sit down at a browser in which they are signed in."""
        context = self.browser.new_context(locale="zh-CN", **form)
        context.set_default_timeout(WAIT)
        context.add_cookies([{"name": COOKIE, "value": self.secrets[name], "url": self.url}])
        return context


@dataclass
class Viewer:
    """Somebody who presses and types, and looks at every page they come to."""

    stage: Stage
    page: Page
    shots: Path
    count: int = 0

    def look(self, name: str) -> None:
        """Take a picture; the page is light, and nothing sticks out."""
        self.count += 1
        self.page.screenshot(path=self.shots / f"{self.count:02}-{name}.png", full_page=True)
        assert len(self.page.content().encode()) + STATICS < HEAVIEST or name == "report", name
        widths = self.page.evaluate("[document.documentElement.scrollWidth, window.innerWidth]")
        assert widths[0] <= widths[1], f"{name} is {widths[0]} wide"

    def open(self, path: str) -> None:
        """Open a page of the office."""
        self.page.goto(self.stage.url + path)

    def press(self, words: str) -> None:
        """Press the button or follow the link with these words."""
        self.page.locator(f"main :is(button, a):has-text('{words}')").first.click()

    def await_words(self, words: str) -> None:
        """Wait until these words stand on the page."""
        self.page.locator(f"main :text('{words}')").first.wait_for()


@pytest.fixture(scope="module")
def stage(sqlite_tables: bytes, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """Open the office, its sandbox, and the browser; skip where there is none."""
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    if not CHROMIUM.exists():
        pytest.skip("no Chromium at /usr/bin/chromium")
    folder = tmp_path_factory.mktemp("office")
    (folder / "story.db").write_bytes(sqlite_tables)
    engine, keys = open_quickly(folder / "story.db"), MasterKeys({"test": bytes(range(32))}, "test")
    door = socket.create_server(("127.0.0.1", 0))
    base = f"http://127.0.0.1:{door.getsockname()[1]}"
    with ExitStack() as stack:
        sandbox = stack.enter_context(running(folder / "sandbox", faults="step=0.5"))
        made = house(
            engine, folder, SystemClock(), keys, public_base_url=base, channels=("sms",), twilio_base_url=sandbox.url
        )
        home = House(
            type(made.office)(made.office.settings, engine, SystemClock(), keys)
        )  # with channels that go over the wire
        enrol_people(home, numbers(PEOPLE))
        secrets = _users(home)
        started = stack.enter_context(playwright.sync_playwright())
        browser = started.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox"])
        stack.enter_context(serving(build(home.office), door))
        yield Stage(base, home, sandbox, browser, secrets)
        browser.close()
    engine.dispose()


def _users(home: House) -> dict[str, str]:
    chief, now, secrets = Actor("chief", Role.ADMINISTRATOR), home.office.clock.now(), {}
    with writing(home.office.engine) as connection:
        add_user(connection, SYSTEM, name="chief", role=Role.ADMINISTRATOR, now=now)
        for name, role in (("王芳", Role.OFFICER), ("李强", Role.APPROVER)):
            number = add_user(connection, chief, name=name, role=role, now=now)
            secrets[name] = begin(connection, number, now)
    return secrets


def test_from_draft_to_correction(stage: Stage, tmp_path: Path) -> None:
    """Drafted at a desk, approved on a phone, sent once to 200 people; receipts come without a reload; corrected to all of them."""
    at_desk, on_phone = stage.seat("王芳", **DESK), stage.seat("李强", **PHONE)
    asked: list[str] = []
    for one in (at_desk, on_phone):
        one.on("request", lambda request: asked.append(request.url))
    (tmp_path / "desk").mkdir()
    (tmp_path / "phone").mkdir()
    officer = Viewer(stage, at_desk.new_page(), tmp_path / "desk")
    second = Viewer(stage, on_phone.new_page(), tmp_path / "phone")
    _draft(officer)
    _approve(second, f"向 {PEOPLE} 人发送")
    _watch(officer)
    _correct(officer)
    _approve(second, f"向 {PEOPLE} 人发送")
    second.await_words(f"{PEOPLE} 条通知中已送达 {PEOPLE} 条")
    second.look("corrected")
    words = [one.body for one in stage.sandbox.messages()]
    assert (len(words), sum("更正" in one for one in words)) == (2 * PEOPLE, PEOPLE)
    officer.open("/office/alerts/1/report")
    officer.look("report")
    officer.open("/office/alerts/1/safety")
    officer.look("safety")
    assert [url for url in asked if not url.startswith((stage.url, "data:"))] == []


def _draft(officer: Viewer) -> None:
    page = officer.page
    officer.open("/office/alerts/new")
    page.locator("[name=country]").first.fill("塔吉克斯坦")
    page.check("#level-4")
    page.fill("#title_zh", "示例：杜尚别发生强烈地震，请立即前往开阔地带")
    page.fill("#title_en", "Example: strong earthquake in Dushanbe, move to open ground now")
    page.check("#ask_safe")
    page.locator(".finish button").click()
    officer.await_words("提交审批")
    officer.press("提交审批")
    officer.await_words("须由另一位同事批准")
    officer.look("submitted")
    assert page.locator("main :text('可批准的同事：chief、李强')").count() == 1
    assert page.locator("main >> text=核对并发送").count() == 0
    # The page stays open: what happens next comes to it by itself.
    page.evaluate("window.neverReloaded = true")


def _approve(second: Viewer, button: str) -> None:
    second.open("/office/alerts/1")
    second.press("核对并发送")
    second.page.fill("#confirm", "赞比亚")
    second.press(button)
    second.look("wrong-country")
    assert second.page.locator("#confirm").input_value() == "赞比亚"
    second.page.fill("#confirm", "塔吉克斯坦")
    second.press(button)
    second.await_words("正在发送")


def _watch(officer: Viewer) -> None:
    """See it land on the page that was open all the time: nothing jumps, and at the end it asks no more."""
    page = officer.page
    officer.await_words("送达情况")
    officer.look("landing")
    page.locator("#by-channel details summary").click()
    page.evaluate("window.scrollTo(0, 120)")
    page.focus("#step-correction")
    officer.await_words(f"{PEOPLE} 条通知中已送达 {PEOPLE} 条，不再自动变化")
    assert page.evaluate("[window.neverReloaded, window.scrollY, document.activeElement.id]") == [
        True,
        120,
        "step-correction",
    ]
    assert page.locator("#by-channel details").get_attribute("open") is not None
    officer.look("landed")
    page.locator(".counts a:has-text('已送达')").first.click()
    officer.look("people")
    assert page.locator("tbody tr").count() == 50
    page.go_back()


def _correct(officer: Viewer) -> None:
    page = officer.page
    officer.open("/office/alerts/1")
    officer.press("起草更正")
    page.fill("#title_zh", "示例：地震发生在苦盏，杜尚别暂无影响")
    page.fill("#title_en", "Example: the earthquake was in Khujand, Dushanbe is not affected")
    officer.press("预览")
    officer.look("preview")
    assert page.locator(f"main :text('已通知（或可能已收到）的 {PEOPLE} 人')").count() == 1
    officer.press(f"起草，发给 {PEOPLE} 人")
    officer.await_words("第 2 版尚未发送")
    officer.press("提交审批")
    officer.await_words("须由另一位同事批准")
