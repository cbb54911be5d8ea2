"""An office whose codes are kept by recorders, and a browser without script: it sends what a form holds."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import httpx
from bs4 import BeautifulSoup, Tag
from fastapi import FastAPI
from sqlalchemy import Engine
from starlette.routing import Mount

from console.app import build
from console.pages.resident import PATH
from core.clock import FixedClock
from core.database import ensure_instance, writing
from core.keys import MasterKeys
from core.settings import Settings
from notify.channels.recorder import Recorder
from notify.office import Office
from registry.enrol import index_key
from tests.registry.people import Register

ME, FRIEND, CHILD = "林黛玉", "紫鹃", "雪雁"
PHONE, MAIL = "+33612345678", "daiyu@example.com"
FILLED = {
    "accept": "yes", "name": ME, "phone": PHONE, "mail": MAIL, "proof": "phone", "reads": "zh", "foreign": "yes",
    "country": "法国", "city": "里昂", "kind": "student",
}  # fmt: skip


@dataclass
class Page:
    """An answer, as a browser has it."""

    answer: httpx.Response

    @property
    def soup(self) -> BeautifulSoup:
        """Return the parsed page."""
        return BeautifulSoup(self.answer.text, "lxml")

    @property
    def text(self) -> str:
        """Return the words of the page, blanks joined."""
        return " ".join(self.soup.get_text(" ").split())

    def form(self, action: str) -> dict[str, list[str]]:
        """Return what the form with this action would send now."""
        found = self.soup.find("form", action=action)
        assert isinstance(found, Tag), f"{action} not in {self.text[:300]}"
        sent: dict[str, list[str]] = {}
        for one in found.find_all(["input", "select"]):
            name, kind = str(one.get("name", "")), str(one.get("type", ""))
            if one.name == "select":
                chosen = one.find("option", selected=True) or one.find("option")
                sent.setdefault(name, []).append(str(chosen["value"]) if isinstance(chosen, Tag) else "")
            elif kind not in {"checkbox", "radio"} or one.has_attr("checked"):
                sent.setdefault(name, []).append(str(one.get("value", "")))
        return sent

    def link(self, part: str) -> str:
        """Return the first link whose address has this part."""
        for one in self.soup.find_all("a", href=True):
            if part in str(one["href"]):
                return str(one["href"])
        raise AssertionError(f"no link with {part}")


@dataclass
class Browser:
    """A browser with a cookie jar."""

    app: FastAPI
    jar: httpx.Cookies = field(default_factory=httpx.Cookies)
    caller: str = "127.0.0.1"

    def open(self, path: str) -> Page:
        """Open an address, and follow where it leads."""
        return self.send("GET", path, {})

    def submit(self, page: Page, action: str, **typed: str | list[str] | None) -> Page:
        """Send a form of a page with what was typed; None: the field is not sent."""
        sent: dict[str, str | list[str]] = dict(page.form(action))
        for name, value in typed.items():
            sent.pop(name.replace("__", "-"), None)
            if value is not None:
                sent[name.replace("__", "-")] = value
        return self.send("POST", action, sent)

    def send(self, method: str, path: str, data: Mapping[str, str | list[str]]) -> Page:
        """Make a request as it is given, and follow where it leads."""

        async def go() -> httpx.Response:
            transport = httpx.ASGITransport(self.app, client=(self.caller, 4711))
            async with httpx.AsyncClient(
                transport=transport, base_url="http://127.0.0.1", cookies=self.jar, follow_redirects=True
            ) as client:  # fmt: skip
                answer = await client.request(method, path, data=data or None)
                self.jar = client.cookies
                return answer

        return Page(asyncio.run(go()))


@dataclass
class Desk:
    """An office, its register, and the codes it sent."""

    office: Office
    register_of: Register
    clock: FixedClock
    app: FastAPI
    sms: Recorder
    mail: Recorder

    def browser(self, caller: str = "127.0.0.1") -> Browser:
        """Return a browser that was never here."""
        return Browser(self.app, caller=caller)

    def pages(self) -> FastAPI:
        """Return the room of these pages."""
        (room,) = [one.app for one in self.app.routes if isinstance(one, Mount) and one.path == PATH]
        assert isinstance(room, FastAPI)
        return room

    def wait(self) -> None:
        """Wait until every code that goes out after the answer has gone out."""
        self.pages().state.errands.wait()

    def code(self, channel: Recorder | None = None) -> str:
        """Return the newest code that was sent."""
        self.wait()
        found = re.search(r"\b\d{6}\b", (channel or self.sms).sent[-1].body)
        assert found is not None
        return found[0]

    def enter(self, browser: Browser, wish: str = "change", name: str = ME, address: str = PHONE) -> Page:
        """Prove who one is, and return the first page of the visit."""
        asked = browser.submit(browser.open(f"/register/{wish}"), f"/register/{wish}", name=name, address=address)
        return browser.submit(
            asked, f"/register/{wish}/code", code=self.code(self.mail if "@" in address else self.sms)
        )


def desk(engine: Engine, home: Path, clock: FixedClock, keys: MasterKeys, *, an_hour: int = 60) -> Desk:
    """Return an office with an empty register and two channels.

    Args:
        an_hour: how often one network may ask.
    """
    ensure_instance(engine, keys, clock.now())
    sms, mail = Recorder(), Recorder(name="email")
    settings = Settings(home=home, office_name="示例市外办", resident_calls_per_hour=an_hour)
    office = Office(settings, engine, clock, keys, {"sms": sms, "email": mail})
    with writing(engine) as connection:
        secret = index_key(connection, keys)
        return Desk(office, Register(connection, keys, secret, clock), clock, build(office), sms, mail)


def sign_up(here: Desk, browser: Browser, **typed: str) -> Page:
    """Register somebody with two companions, and return the page of the code."""
    page = browser.open("/register/")
    page = browser.submit(page, "/register/", **(FILLED | typed), more="yes")
    page = browser.submit(page, "/register/", companion__0=FRIEND, more="yes")
    return browser.submit(page, "/register/", companion__1=CHILD, asked="yes")
