"""A browser without scripts and without a network: it keeps cookies, follows redirects, and sends forms with their token."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from html import unescape
from typing import Any

import httpx
from starlette.types import ASGIApp

TOKEN = re.compile(r'name="form_token" value="([0-9a-f]*)"')
HOST = "http://127.0.0.1"


@dataclass
class Surfer:
    """Somebody at a browser on the machine of the office. `page`: the last answer."""

    app: ASGIApp
    cookies: httpx.Cookies = field(default_factory=httpx.Cookies)
    headers: Mapping[str, str] = field(default_factory=lambda: {"Accept-Language": "en"})
    page: httpx.Response = field(default_factory=lambda: httpx.Response(200))
    token: str = ""

    def ask(self, method: str, path: str, *, follow: bool = True, **more: Any) -> httpx.Response:
        """Make a request, and those it is led on to."""

        async def once() -> httpx.Response:
            transport = httpx.ASGITransport(self.app)
            async with httpx.AsyncClient(
                transport=transport, base_url=HOST, cookies=self.cookies, follow_redirects=follow, headers=self.headers
            ) as client:
                answer = await client.request(method, path, **more)
                self.cookies = client.cookies
                return answer

        self.page = asyncio.run(once())
        found = TOKEN.search(self.page.text) if "html" in self.page.headers.get("content-type", "") else None
        self.token = found.group(1) if found else self.token
        return self.page

    def get(self, path: str, status: int = 200) -> str:
        """Return the text of a page."""
        answer = self.ask("GET", path)
        assert answer.status_code == status, (answer.status_code, answer.text)
        return unescape(answer.text)

    def post(self, path: str, status: int = 200, /, *, files: Any = None, **fields: object) -> str:
        """Send a form with the token of the last page; return the text of the page it leads to."""
        answer = self.ask("POST", path, data={"form_token": self.token, **fields}, files=files)
        assert answer.status_code == status, (answer.status_code, answer.text)
        return unescape(answer.text)

    def links(self, start: str) -> list[str]:
        """Return the addresses on the last page that begin so."""
        found = re.findall(r'(?:href|action)="([^"]+)"', self.page.text)
        return [unescape(one) for one in found if one.startswith(start)]
