"""Every page of every reader in a real browser: open to all (axe-core), light, from this host alone, and no wider than a phone."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from console.pages.company.visit import COOKIE as COMPANY_COOKIE
from console.pages.frame import STATIC
from console.pages.office.visit import COOKIE as OFFICE_COOKIE
from registry.accounts.sign_in import Whose, make_link, open_session
from registry.tables import Role
from tests.console.pages.every.walk import kind_of, walk
from tests.console.pages.office.desk import NAMES, Desk, copied
from tests.console.pages.office.scenery import furnished
from tests.console.serving import serving

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page

CHROMIUM = Path("/usr/bin/chromium")
HEAVIEST = 150_000
"""Bytes of a page with its style and scripts, as they are before compression."""
RULES = {
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
}
FORMS: Mapping[str, dict[str, Any]] = {
    "desktop": {"viewport": {"width": 1280, "height": 900}},
    "phone": {"viewport": {"width": 360, "height": 740}, "is_mobile": True, "has_touch": True, "color_scheme": "dark"},
}
READERS = {"administrator": "/office/", "officer": "/office/", "auditor": "/office/ledger", "company": "/company/",
           "nobody": "/"}  # fmt: skip

WALKS = (
    ("administrator", "desktop"), ("administrator", "phone"), ("officer", "phone"), ("auditor", "desktop"),
    ("company", "phone"), ("nobody", "phone"),
)  # fmt: skip
"""An administrator comes to every page that officers come to; what a wide screen shows of a page, it shows to all."""


@dataclass
class Stage:
    """A furnished office on a port of this machine, and a browser."""

    url: str
    desk: Desk
    browser: Browser
    company: str

    def context(self, reader: str, form: str) -> BrowserContext:
        """Return a browser of one reader, signed in."""
        context = self.browser.new_context(locale="zh-CN", **FORMS[form])
        cookies = {"company": (COMPANY_COOKIE, self.company)}
        if reader in {role.value for role in NAMES}:
            cookies[reader] = (OFFICE_COOKIE, self.desk.secrets[NAMES[Role(reader)]])
        if reader in cookies:
            name, value = cookies[reader]
            context.add_cookies([{"name": name, "value": value, "url": self.url}])
        return context


@pytest.fixture(scope="module")
def stage(desk_template: Desk, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """Open an office with something of everything in it; skip where there is no browser."""
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    pytest.importorskip("axe_playwright_python", reason="axe-core is not installed")
    if not CHROMIUM.exists():
        pytest.skip("no Chromium at /usr/bin/chromium")
    desk = furnished(copied(desk_template, tmp_path_factory.mktemp("every")))
    with desk.office.engine.begin() as connection:
        now = desk.office.clock.now()
        link = make_link(connection, Whose(1, user_id=2), by="test", now=now)
        company = open_session(connection, link, device="", now=now)
    with playwright.sync_playwright() as started:
        browser = started.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox"])
        with serving(desk.app) as url:  # type: ignore[arg-type]
            yield Stage(url, desk, browser, company)
            browser.close()
    desk.office.engine.dispose()


@pytest.mark.timeout(240)
@pytest.mark.parametrize(("reader", "form"), WALKS)
def test_every_page(stage: Stage, reader: str, form: str, tmp_path: Path) -> None:
    """No violation of WCAG 2.2 AA, no word to another host, no fault of a script, nothing that sticks out, under 150 kB."""
    from axe_playwright_python.sync_playwright import Axe

    context, faults = stage.context(reader, form), []
    page = context.new_page()
    page.on("console", lambda said: faults.append(f"{page.url}: {said.text}") if said.type == "error" else None)
    page.on("request", lambda one: None if one.url.startswith((stage.url, "data:")) else faults.append(one.url))
    axe = Axe()

    def look(address: str) -> list[str]:
        """Look at one page, and return where it leads."""
        if not _is_page(context, address):
            return []
        answer = page.goto(address)
        assert answer is not None
        if answer.status != 200:
            faults.append(f"{answer.status} {address}")
            return []
        page.wait_for_selector(".htmx-request", state="detached")  # a part that is on its way
        page.screenshot(path=tmp_path / f"{re.sub(r'[^a-z]+', '-', kind_of(address))}.png", full_page=True)
        found = axe.run(page, options=RULES)
        faults.extend(f"{kind_of(address)}: {one['id']} {_where(one)}" for one in found.response["violations"])
        faults.extend(_of_measure(page, kind_of(address)))
        return [str(link) for link in page.eval_on_selector_all("a[href]", "all => all.map(one => one.href)")]

    seen = walk(stage.url + READERS[reader], READERS[reader] if reader != "auditor" else "/office", look)
    context.close()
    assert not faults, "\n".join(faults)
    assert len(seen) >= {"administrator": 20, "officer": 15, "auditor": 2, "company": 6, "nobody": 3}[reader], seen


def _is_page(context: BrowserContext, address: str) -> bool:
    """Tell whether an address leads to a page and not to a file that is saved."""
    answer = context.request.get(address, max_redirects=5)
    saved = answer.headers.get("content-disposition", "").startswith("attachment")
    return answer.headers.get("content-type", "").startswith("text/html") and not saved


def _of_measure(page: Page, kind: str) -> Iterator[str]:
    wide, room = page.evaluate("[document.documentElement.scrollWidth, window.innerWidth]")
    if wide > room:
        yield f"{kind} is {wide} wide on {room}"
    names = page.eval_on_selector_all(
        "link[rel=stylesheet], script[src]",
        "all => all.map(one => (one.href || one.src).replace(/.*static.|[?].*/g, ''))",
    )
    weight = len(page.content().encode()) + sum((STATIC / str(name)).stat().st_size for name in names)
    if weight > HEAVIEST:
        yield f"{kind} weighs {weight}"


def _where(violation: Mapping[str, Any]) -> str:
    return "; ".join(f"{one['target']} {one.get('failureSummary', '')[:200]}" for one in violation["nodes"][:3])
