"""What people send by a form: read within measure, and only from a page of ours."""

from __future__ import annotations

import hmac
from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass, field
from typing import Annotated
from urllib.parse import parse_qsl, urlsplit

from fastapi import Depends, Request
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException, MultiPartParser

from console.pages.frame import Frame, frame_of
from core.i18n import Message
from registry.cells import visible

TOKEN = "form_token"  # noqa: S105 (the name of a field)
LARGEST = 64_000
LARGEST_TEXT = 2_000_000
LARGEST_FILE = 20_000_000
"""Bytes of a form, of one with a long text (200,000 characters of Chinese, nine bytes each), and of one that carries a file."""
MOST_FIELDS = 2000
LONGEST_NAME = 255
FORM, MULTIPART = "application/x-www-form-urlencoded", "multipart/form-data"


@dataclass(frozen=True)
class SentFile:
    """A file as it was sent."""

    name: str
    data: bytes = field(repr=False)


@dataclass(frozen=True)
class Form:
    """What was sent. Fields as typed, apart from outer blanks; a field may occur several times."""

    fields: Mapping[str, tuple[str, ...]] = field(default_factory=dict, repr=False)
    file: SentFile | None = None

    def text(self, name: str, longest: int = 500) -> str:
        """Return a field, cut to `longest` characters; empty if it was not sent."""
        return self.fields.get(name, ("",))[0].strip()[:longest]

    def every(self, name: str) -> tuple[str, ...]:
        """Return all values of a field, in order."""
        return tuple(value.strip() for value in self.fields.get(name, ()))

    def __contains__(self, name: object) -> bool:
        """Tell whether a field was sent, be it empty: which button was pressed."""
        return name in self.fields


@dataclass(frozen=True)
class FieldError:
    """One field that is wrong: its name (also its id on the page), and what to do."""

    name: str
    message: Message


class FormRefused(Exception):
    """A form that did not come from a page of ours, or from one that is too old. `form`: what was sent, if it came from here."""

    def __init__(self, form: Form | None) -> None:
        """Keep what was sent."""
        super().__init__("form refused")
        self.form = form


async def read_form(request: Request) -> Form:
    """Return the form of a POST.

    Raises:
        FormRefused: it came from another site, or without the token of a page of ours.
        HTTPException: 413 too large, 415 no form.
    """
    return await _read(request, LARGEST)


async def read_text(request: Request) -> Form:
    """Return the form of a POST that carries a long text. Raises as `read_form`."""
    return await _read(request, LARGEST_TEXT)


async def read_upload(request: Request) -> Form:
    """Return the form of a POST that carries a file in the field `file`. Raises as `read_form`."""
    return await _read(request, LARGEST_FILE)


Posted = Annotated[Form, Depends(read_form)]
"""A form that came from a page of ours."""
Written = Annotated[Form, Depends(read_text)]
"""The same with a long text."""
Uploaded = Annotated[Form, Depends(read_upload)]
"""The same with a file."""


async def _read(request: Request, largest: int) -> Form:
    if _foreign(request):
        raise FormRefused(None)
    body = _measured(request, largest)
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind == FORM:
        form = _of_fields([part async for part in body])
    elif kind == MULTIPART:
        form = await _of_parts(request, body)
    else:
        raise HTTPException(415)
    request.state.chosen_language = form.text("lang")
    if not _holds(request, frame_of(request), form):
        raise FormRefused(form if _ours(request) else None)
    return form


def _ours(request: Request) -> bool:
    """Tell whether the browser says that a page of ours sent this. Silence is no proof."""
    site, origin = request.headers.get("sec-fetch-site", ""), request.headers.get("origin", "null")
    return site == "same-origin" or (origin != "null" and not _foreign(request))


def _foreign(request: Request) -> bool:
    """Tell whether another site's page sent this, by the browser's own word.

    With `Referrer-Policy: no-referrer` a browser writes `Origin: null` on our own forms too (Fetch Standard, 3.1), so
    that `null` says nothing; `Sec-Fetch-Site` does, where a browser sends it.
    """
    site = request.headers.get("sec-fetch-site", "")
    if site:
        return site not in {"same-origin", "none"}
    origin = request.headers.get("origin", "null")
    return origin != "null" and urlsplit(origin).netloc != request.headers.get("host", "")


def _holds(request: Request, frame: Frame, form: Form) -> bool:
    wanted = frame.form_token(request)
    return bool(wanted) and hmac.compare_digest(wanted.encode(), form.text(TOKEN).encode())


async def _measured(request: Request, largest: int) -> AsyncGenerator[bytes, None]:
    size = 0
    async for part in request.stream():
        size += len(part)
        if size > largest:
            raise HTTPException(413)
        yield part


def _of_fields(parts: list[bytes]) -> Form:
    try:
        pairs = parse_qsl(b"".join(parts).decode(), keep_blank_values=True, max_num_fields=MOST_FIELDS)
    except ValueError as error:
        raise HTTPException(400) from error
    return Form(_grouped(pairs))


class _InMemory(MultiPartParser):
    # A list of people must not lie in clear on a disk, be it for a moment.
    spool_max_size = LARGEST_FILE + 1


async def _of_parts(request: Request, body: AsyncGenerator[bytes, None]) -> Form:
    try:
        parser = _InMemory(request.headers, body, max_files=1, max_fields=MOST_FIELDS, max_part_size=LARGEST)
        form = await parser.parse()
    except (MultiPartException, KeyError, ValueError) as error:
        raise HTTPException(400) from error
    try:
        found = form.get("file")
        file = None
        if isinstance(found, UploadFile) and found.filename:
            name = visible(found.filename).strip().replace("\\", "/").rpartition("/")[2]
            file = SentFile(name[-LONGEST_NAME:] or "roster.csv", await found.read())
        return Form(_grouped([(key, value) for key, value in form.multi_items() if isinstance(value, str)]), file)
    finally:
        await form.close()


def _grouped(pairs: list[tuple[str, str]]) -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for name, value in pairs:
        found.setdefault(name, []).append(visible(value))
    return {name: tuple(values) for name, values in found.items()}
