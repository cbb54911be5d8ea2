"""The frame of every page: templates, language, security headers, and the mark that a drill is a drill."""

from __future__ import annotations

import hmac
import secrets
from datetime import date, datetime
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import Any, get_args
from zoneinfo import ZoneInfo

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import Response

from console.api.language import language_of
from core.database import reading
from core.i18n import Language, Message
from core.languages import own_name
from core.places.names import codes, display
from core.tables import Mode
from notify.office import Office
from notify.store.alerts import instance
from registry.enrol import index_key

HERE = Path(__file__).parents[1]
TEMPLATES, STATIC = HERE / "templates", HERE / "static"
LANGUAGE_COOKIE = "lingbao-language"
FORM_COOKIE = "lingbao-form"
SESSION_MARK = "-session"
"""How the name of every session cookie ends: a form is good in the session it was shown in, and in no other."""
YEAR = 365 * 24 * 3600
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; connect-src 'self'; form-action 'self'; "
        "frame-ancestors 'none'; base-uri 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}
"""On every answer with a page, also a refusal (OWASP ASVS 4.0, 14.4)."""
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


class Frame:
    """Makes pages for one office."""

    def __init__(self, office: Office) -> None:
        """Read the templates once; they are compiled when they are first needed."""
        self.office = office
        self._environments = {language: self._environment(language) for language in get_args(Language)}

    def render(self, request: Request, name: str, status: int = 200, /, **values: object) -> HTMLResponse:
        """Return a page.

        Args:
            name: the template. `values`: what it shows; a `Message` is put into the language of the reader.
        """
        language = language_for(request)
        form, fresh = self._form_cookie(request)
        told = {
            "language": language, "office_name": self._office_name(language), "mode": self._mode(),
            "form_token": self.form_token(request, form), "path": request.url.path, "query": dict(request.query_params),
            "may_switch": request.method == "GET",
        }  # fmt: skip
        page = HTMLResponse(self._environments[language].get_template(name).render(told | values), status)
        page.headers["Content-Language"] = "en" if language == "en" else "zh-CN"
        if fresh:
            set_cookie(request, page, FORM_COOKIE, form, strict=True)
        if request.query_params.get("lang") in get_args(Language):
            set_cookie(request, page, LANGUAGE_COOKIE, language, lasts=YEAR)
        return page

    def form_token(self, request: Request, cookie: str = "") -> str:
        """Return what the hidden field `form_token` must hold for this caller; empty if they have no cookie for forms yet.

        A signed double-submit cookie, bound to the sessions the caller is in (OWASP CSRF Prevention Cheat Sheet).
        """
        cookie = cookie or request.cookies.get(FORM_COOKIE, "")
        if not cookie:
            return ""
        sessions = sorted(f"{name}={value}" for name, value in request.cookies.items() if name.endswith(SESSION_MARK))
        return hmac.digest(self.secret, "\0".join(("form", cookie, *sessions)).encode(), sha256).hex()

    @cached_property
    def secret(self) -> bytes:
        """Return the key of what we sign for browsers. It stays when master keys are rotated."""
        with reading(self.office.engine) as connection:
            return hmac.digest(index_key(connection, self.office.keys), b"pages", sha256)

    def local(self, moment: datetime) -> datetime:
        """Return a moment as the clocks of the office show it."""
        return moment.astimezone(ZoneInfo(self.office.settings.zone))

    def _form_cookie(self, request: Request) -> tuple[str, bool]:
        known = request.cookies.get(FORM_COOKIE, "")
        return (known, False) if known else (secrets.token_urlsafe(32), True)

    def _mode(self) -> Mode:
        with reading(self.office.engine) as connection:
            return Mode(instance(connection).mode)

    def _office_name(self, language: Language) -> str:
        return self.office.name.en if language == "en" else self.office.name.zh

    def _environment(self, language: Language) -> Environment:
        def said(value: object) -> object:
            return value.render(language) if isinstance(value, Message) else value

        def sentence(text: str, /, **values: object) -> str:
            return Message(text, values).render(language)

        made = Environment(
            loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined, finalize=said,
            trim_blocks=True, lstrip_blocks=True,
        )  # fmt: skip
        made.globals |= {"t": sentence, "asset": asset, "said": said, "own_name": own_name}
        made.filters |= {"when": self._when, "day": _day, "country": lambda code: _country(code, language)}
        return made

    def _when(self, moment: datetime | None) -> str:
        return "" if moment is None else f"{self.local(moment):%Y-%m-%d %H:%M}"


def frame_of(request: Request) -> Frame:
    """Return the frame of the application at hand (see `console.pages.application`)."""
    frame = request.app.state.frame
    assert isinstance(frame, Frame)
    return frame


def language_for(request: Request) -> Language:
    """Return the language of a reader: chosen on this page, chosen before, or the browser's; Chinese first."""
    cookie, query = request.cookies.get(LANGUAGE_COOKIE), request.query_params.get("lang")
    for chosen in (getattr(request.state, "chosen_language", ""), query, cookie):
        for language in get_args(Language):
            if chosen == language:
                found: Language = language
                return found
    return language_of(request.headers.get("accept-language", ""))


def set_cookie(
    request: Request, answer: Response, name: str, value: str, *, strict: bool = False, lasts: int | None = None
) -> None:
    """Give the browser a cookie that no script reads and, but on this machine, no open line carries.

    Args:
        strict: not sent along when another site leads here. `lasts`: seconds; None: until the browser is closed.
    """
    answer.set_cookie(
        name, value, max_age=lasts, httponly=True, secure=not on_this_machine(request),
        samesite="strict" if strict else "lax",
    )  # fmt: skip


def on_this_machine(request: Request) -> bool:
    """Tell whether the reader's browser runs on the machine of the office's program."""
    return request.url.hostname in LOOPBACK


def asset(name: str) -> str:
    """Return the address of a static file; it changes with the file, so that no browser shows an old one."""
    return f"/static/{name}?v={sha256((STATIC / name).read_bytes()).hexdigest()[:12]}"


def _day(value: date | None) -> str:
    return "" if value is None else value.isoformat()


def _country(code: str, language: Language) -> Any:
    return display(code, language) if code in codes() else code
