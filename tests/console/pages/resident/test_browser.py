"""The story of a resident in a real browser, on a phone without script: registered, moved, asked if safe, asked for the data, left."""

from __future__ import annotations

import json
import re
import socket
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from sqlmodel import SQLModel

from console.app import build
from core.clock import FixedClock
from core.database import ensure_instance, open_engine, reading, writing
from core.keys import MasterKeys
from core.settings import Settings
from notify import alerts
from notify.manual import ManualAlert, draft_manual
from notify.office import Office
from notify.safety.board import board
from notify.sandbox.running import Running, running
from registry.actors import SYSTEM
from registry.scope.people import Chosen, next_people
from tests.console.pages.resident.desk import CHILD, FRIEND, MAIL, ME, PHONE
from tests.console.serving import serving
from tests.notify.sending.house import House

if TYPE_CHECKING:
    from playwright.sync_api import Page

CHROMIUM = Path("/usr/bin/chromium")
HEAVIEST = 150_000


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[Running]:
    """A sandbox that takes text messages and mail."""
    with running(tmp_path / "sandbox") as one:
        yield one


@pytest.fixture
def door() -> socket.socket:
    """The port of the pages, taken before anybody is told its address."""
    return socket.create_server(("127.0.0.1", 0))


@pytest.fixture
def office(
    tmp_path: Path, clock: FixedClock, keys: MasterKeys, sandbox: Running, door: socket.socket
) -> Iterator[Office]:
    """An office with an empty register."""
    engine = open_engine(f"sqlite:///{tmp_path / 'story.db'}")
    SQLModel.metadata.create_all(engine)
    ensure_instance(engine, keys, clock.now())
    settings = Settings(
        home=tmp_path, sandbox_port=sandbox.port, office_name="示例市外办", office_phone="+861055550000",
        public_base_url=f"http://127.0.0.1:{door.getsockname()[1]}",
    )  # fmt: skip
    yield Office(settings, engine, clock, keys)
    engine.dispose()


class Phone:
    """A phone in somebody's hand: presses and types, and looks at every page it comes to."""

    def __init__(self, page: Page, shots: Path) -> None:
        """Keep pictures in `shots`."""
        self.page, self.shots, self.count = page, shots, 0
        shots.mkdir()

    def look(self, name: str) -> None:
        """Take a picture; nothing sticks out of a narrow page."""
        self.count += 1
        self.page.screenshot(path=self.shots / f"{self.count:02}-{name}.png", full_page=True)
        width = self.page.evaluate("[document.documentElement.scrollWidth, window.innerWidth]")
        assert width[0] <= width[1], f"{name} is {width[0]} wide"
        assert len(self.page.content().encode()) < HEAVIEST

    def type(self, **typed: str) -> None:
        """Fill fields by their names."""
        for name, text in typed.items():
            self.page.fill(f"[name={name.replace('__', '-')}]", text)

    def press(self, words: str) -> None:
        """Press a button, or follow a link."""
        self.page.locator(f"main button:has-text('{words}'), main a:has-text('{words}')").first.click()

    def says(self, words: str) -> None:
        """Expect words on the page."""
        assert words in self.page.inner_text("main"), self.page.inner_text("main")


def newest_code(sandbox: Running, before: int) -> str:
    """Return the code in the text message that comes after so many others."""
    for _ in range(200):
        if len(sandbox.messages()) > before:
            found = re.search(r"(?<!\d)\d{6}(?!\d)", sandbox.messages()[-1].body)
            assert found is not None
            return found[0]
        threading.Event().wait(0.05)
    raise AssertionError("no message came")


def countries(office: Office) -> list[list[str]]:
    """Return where each person is by what holds now."""
    with reading(office.engine) as connection:
        found = next_people(connection, SYSTEM, office.keys, Chosen())
    return [[stay.country for stay in one.postings if stay.status != "returned"] for one in found]


def register(phone: Phone, sandbox: Running) -> None:
    """Register with two companions; the first code that is typed is wrong."""
    phone.look("form")
    phone.press("发送验证码")
    phone.says("请核对")
    phone.look("faults")
    phone.page.check("#accept")
    phone.type(name=ME, phone=PHONE, mail=MAIL, city="里昂", country="法国", date_to="2027-06-30")
    phone.page.check("#foreign-yes")
    phone.type(contact_name="贾敏", contact_relation="母亲", contact_phone="13900139000")
    phone.press("添加同行人员")
    phone.type(companion__0=FRIEND)
    phone.press("In English")
    phone.says("Companion 1")
    phone.press("改用中文")
    phone.press("添加同行人员")
    phone.type(companion__1=CHILD)
    assert phone.page.input_value("[name=companion-0]") == FRIEND
    phone.page.check("#asked")
    phone.look("filled")
    phone.press("发送验证码")
    code = newest_code(sandbox, 0)
    phone.type(code=f"{(int(code) + 1) % 10**6:06d}")
    phone.press("完成登记")
    phone.says("验证码错误")
    phone.look("wrong-code")
    phone.type(code=code)
    phone.press("完成登记")
    phone.says("登记成功")
    phone.look("done")


def come_back(phone: Phone, base: str, sandbox: Running) -> None:
    """Come back another day, and prove who one is."""
    phone.page.context.clear_cookies()
    phone.page.goto(f"{base}/register/see")
    phone.look("ask")
    before = len(sandbox.messages())
    phone.type(name=ME, address=PHONE)
    phone.press("发送验证码")
    phone.look("prove")
    phone.type(code=newest_code(sandbox, before))
    phone.press("继续")


def ask_who_is_safe(office: Office) -> int:
    """Send an alert for Zambia that asks; return its number."""
    manual = ManualAlert.model_validate({
        "countries": ["ZM"], "level": 4, "title_zh": "示例：请尽快离开", "channels": ["sms"], "ask_safe": True, "valid_hours": 24,
    })  # fmt: skip
    draft = draft_manual(manual, office.name, office.clock.now())
    with writing(office.engine) as connection:
        version = alerts.open_alert(connection, draft, office.acting(SYSTEM))
        assert version is not None
        alerts.release_by_rule(connection, version, office.acting(SYSTEM))
    House(office).run(within=5)
    return 1


def answer(phone: Phone, base: str, sandbox: Running) -> None:
    """Open the link in the newest notice and press that one is safe oneself; companions behind the same number answer apart."""
    link = next(found[0] for one in reversed(sandbox.messages()) if (found := re.search(r"/safe/\S+", one.body)))
    phone.page.goto(base + link)
    phone.look("are-you-safe")
    phone.page.locator("main label", has_text=ME[0]).first.click()
    phone.press("平安")
    phone.says("已记录")
    phone.look("noted")


def test_the_story_of_a_resident(office: Office, sandbox: Running, door: socket.socket, tmp_path: Path) -> None:
    """Two companions, a wrong code and the right one, another country, safe there, all data as a file, and out: no script, 360
    pixels.
    """
    browser_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    if not CHROMIUM.exists():
        pytest.skip(f"no browser at {CHROMIUM}")
    with serving(build(office), door) as base, browser_api.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox"])
        context = browser.new_context(
            viewport={"width": 360, "height": 740}, java_script_enabled=False, locale="zh-CN", accept_downloads=True
        )
        elsewhere: list[str] = []
        context.on("request", lambda asked: elsewhere.append(asked.url) if not asked.url.startswith(base) else None)
        phone = Phone(context.new_page(), tmp_path / "shots")
        phone.page.goto(f"{base}/register/")
        register(phone, sandbox)
        come_back(phone, base, sandbox)
        phone.look("mine")
        phone.press("更改或结束")
        phone.type(country="赞比亚", city="卢萨卡", date_to="")
        phone.look("stay")
        phone.press("保存")
        phone.says("所在地已更改")
        assert countries(office) == [["ZM"]] * 3
        with ThreadPoolExecutor(1) as beside:  # the browser's driver has this thread's event loop
            alert = beside.submit(ask_who_is_safe, office).result()
        answer(phone, base, sandbox)
        with reading(office.engine) as connection:
            total = board(connection, alert, SYSTEM).total
        assert (total.asked, total.safe, total.silent) == (3, 1, 2)
        come_back(phone, base, sandbox)
        with phone.page.expect_download() as waiting:
            phone.press("导出为文件")
        held = json.loads(Path(waiting.value.path()).read_text(encoding="utf-8"))
        assert [one["name"] for one in held] == [ME, FRIEND, CHILD]
        phone.press("退出登记")
        phone.page.check("#who-me")
        phone.page.check("#erase")
        phone.look("leave")
        phone.press("退出登记")
        phone.says(f"将无法再联系到 {FRIEND}")
        phone.look("cut-off")
        phone.page.check("#keep")
        phone.press("退出登记")
        phone.says("继续登记的人员")
        phone.look("left")
        assert countries(office) == [[], ["ZM"], ["ZM"]]
        assert [url for url in elsewhere if not url.startswith("data:")] == []
        browser.close()
