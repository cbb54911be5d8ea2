"""The month of a company contact in a real browser: signed in by mail, a hostile workbook mended and applied, 无变化.

On a desktop with scripts, and on a phone of 360 px without: every page is looked at by a machine, and kept as a picture.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from sqlmodel import SQLModel

from console.app import build
from core.clock import FixedClock
from core.database import ensure_instance, open_engine, writing
from core.keys import MasterKeys
from core.settings import load
from notify.office import Office
from notify.sandbox.running import Running, running
from registry.actors import SYSTEM
from registry.asking.rounds import ask_round
from registry.asking.rules import month_of
from registry.contacts import add_contact
from registry.employers import add_employer
from registry.liaisons import Duty, NewLiaison
from tests.console.serving import serving
from tests.registry.files import HEADER, xlsx

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

CHROMIUM = Path("/usr/bin/chromium")
HEAVIEST = 150_000
LINK = re.compile(r"/company/sign-in/\S+")
SCRIPT = "<script>document.title='broken'</script>"
ROWS = (
    (f"王伟{SCRIPT}", "赞比亚", "卢萨卡", "8.61E+12", "", "", "", "", "在外"),
    ("李娜", "非洲", "", "+260977123457", "", "", "", "", "在外"),
    ("=HYPERLINK(1)", "赞比亚", "", "+260977123459", "", "", "", "", "在外"),
    ("孙悟空", "塔吉克斯坦", "杜尚别", "+992935000001", "", "wukong@example.com", "", "", "在外"),
)
FORMS: dict[str, dict[str, Any]] = {
    "desktop": {"viewport": {"width": 1280, "height": 900}},
    "phone": {
        "viewport": {"width": 360, "height": 740},
        "is_mobile": True,
        "has_touch": True,
        "java_script_enabled": False,
    },
}


@dataclass
class Stage:
    """An office on a port of this machine, with a sandbox for its mail and a company for each form of device."""

    url: str
    office: Office
    sandbox: Running
    browser: Browser

    def link(self, mail: str) -> str:
        """Return the address in the newest mail to somebody; it comes a moment after the page."""
        for _ in range(200):
            found = [LINK.search(one.text) for one in self.sandbox.mail() if mail in one.to]
            if found and found[-1] is not None:
                return self.url + found[-1].group()
            time.sleep(0.05)
        raise AssertionError("no mail came")


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """Open the office, its sandbox, and the browser; skip where there is none."""
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    if not CHROMIUM.exists():
        pytest.skip("no Chromium at /usr/bin/chromium")
    home = tmp_path_factory.mktemp("office")
    clock, keys = FixedClock(datetime(2026, 11, 22, tzinfo=UTC)), MasterKeys({"test": bytes(range(32))}, "test")
    engine = open_engine(f"sqlite:///{home / 'story.db'}")
    SQLModel.metadata.create_all(engine)
    ensure_instance(engine, keys, clock.now())
    with running(home / "sandbox") as sandbox, playwright.sync_playwright() as started:
        settings = load(home=home, channels="email", smtp_host="127.0.0.1", smtp_port=sandbox.mail_port)
        office = Office(settings, engine, clock, keys)
        browser = started.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox"])
        with serving(build(office)) as address:
            yield Stage(address, office, sandbox, browser)
            browser.close()
    engine.dispose()


@dataclass
class Viewer:
    """Somebody who presses and types, and looks at every page they come to."""

    page: Page
    shots: Path
    narrow: bool
    count: int = 0

    def look(self, name: str) -> None:
        """Take a picture; the page is light, nothing sticks out, and its title is ours."""
        self.count += 1
        self.page.screenshot(path=self.shots / f"{self.count:02}-{name}.png", full_page=True)
        assert "示例市外办" in self.page.title()
        assert len(self.page.content().encode()) < HEAVIEST
        widths = self.page.evaluate("[document.documentElement.scrollWidth, window.innerWidth]")
        assert widths[0] <= widths[1], f"{name} is {widths[0]} wide"

    def press(self, words: str) -> None:
        """Press the button or follow the link with these words."""
        self.page.locator(f"main :is(button, a):has-text('{words}')").first.click()


@pytest.mark.parametrize("form", FORMS)
def test_the_month_of_a_contact(stage: Stage, form: str, tmp_path: Path) -> None:
    """From the mail to 无变化: every step by hand, in Chinese, with pages that hold what was typed and run no cell."""
    mail = f"{form}@example.com"
    with writing(stage.office.engine) as connection:
        now = stage.office.clock.now()
        company = add_employer(connection, SYSTEM, code=f"DEMO-{form}", name=f"示例{form}公司", now=now)
        new = NewLiaison(Duty.LIAISON, "示例联络员", "", mail)
        add_contact(connection, SYSTEM, company, new, keys=stage.office.keys, now=now)
    context = stage.browser.new_context(locale="zh-CN", **FORMS[form])
    asked: list[str] = []
    context.on("request", lambda request: asked.append(request.url))
    viewer = Viewer(context.new_page(), tmp_path, form == "phone")
    page = viewer.page
    _sign_in(stage, viewer, mail)
    _upload(viewer)
    _mend_and_apply(viewer)
    with writing(stage.office.engine) as connection:
        ask_round(connection, month_of(datetime(2026, 12, 1, tzinfo=UTC), "Asia/Shanghai"), stage.office.clock.now())
    page.goto(stage.url + "/company/")
    viewer.look("overview")
    viewer.press("无变化")
    viewer.look("unchanged")
    assert page.locator("text=名单上的人员本月均已确认").count() == 1
    page.locator("header >> text=退出").click()
    assert page.locator("h1").inner_text() == "单位登录"
    assert [url for url in asked if not url.startswith((stage.url, "data:"))] == []
    context.close()


def _sign_in(stage: Stage, viewer: Viewer, mail: str) -> None:
    page = viewer.page
    page.goto(stage.url + "/company/")
    viewer.look("sign-in")
    page.fill("#mail", mail)
    viewer.press("发送链接")
    viewer.look("sent")
    page.goto(stage.link(mail))
    viewer.look("link")
    viewer.press("登录")
    viewer.look("first")
    assert page.locator("text=开始使用的三个步骤").count() == 1


def _upload(viewer: Viewer) -> None:
    page = viewer.page
    viewer.press("上传境外人员名单")
    viewer.press("读取并检查名单")
    viewer.look("errors")
    page.locator(".summary a").first.click()
    assert page.url.endswith("#file")
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    page.set_input_files("#file", {"name": f"花名册{SCRIPT}.xlsx".replace("/", ""), "mimeType": kind,
                                   "buffer": xlsx(HEADER, *ROWS)})  # fmt: skip
    page.check("#kind-full")
    viewer.press("读取并检查名单")
    viewer.look("report")
    assert page.locator("fieldset.mend").count() == 3


def _mend_and_apply(viewer: Viewer) -> None:
    page = viewer.page
    page.fill('[name="cell.0.2.0"]', "王伟")
    page.fill('[name="cell.0.2.3"]', "+260977123450")
    page.fill('[name="cell.0.3.1"]', "肯尼亚")
    viewer.press("按填写内容重新检查")
    viewer.look("mended")
    assert page.locator("fieldset.mend").count() == 1
    viewer.press("导入：收入 3 行")
    viewer.look("applied")
    page.locator("nav >> text=本单位人员").click()
    viewer.look("people")
    assert page.locator("th[scope=row]").count() == 3
    page.locator("th[scope=row] a").first.click()
    viewer.look("person")
