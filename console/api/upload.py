"""The file of a roster out of a request: as the body itself, or as the field `file` of a form."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from dataclasses import dataclass

from fastapi import Request
from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser

from console.api.problems import Problem
from console.media import XLSX
from core.i18n import t
from registry.cells import visible

FORM = "multipart/form-data"
ENDINGS = {
    "text/csv": "csv",
    "application/vnd.ms-excel": "xls",
    XLSX: "xlsx",
}
"""Media types of a roster that is the body itself. What the file really is, its bytes tell."""
LONGEST_NAME = 255


@dataclass(frozen=True)
class Upload:
    """A file as it was sent."""

    name: str
    data: bytes


async def read_upload(request: Request) -> Upload:
    """Return the file of a request, which the door has measured already.

    Raises:
        Problem: 415 for another media type, 422 for a form without a file or an empty body.
    """
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    body = await request.body()
    if kind == FORM:
        upload = await _of_form(request, body)
    elif kind in ENDINGS:
        upload = Upload(f"roster.{ENDINGS[kind]}", body)
    else:
        raise Problem(
            415, "media-type", t("Send text/csv, an Excel workbook, or multipart/form-data with a field `file`.")
        )
    if not upload.data:
        raise Problem(422, "no-file", t("There is no file in the request."))
    return upload


async def _of_form(request: Request, body: bytes) -> Upload:
    async def once() -> AsyncGenerator[bytes, None]:
        yield body

    try:
        form = await MultiPartParser(request.headers, once(), max_files=1, max_fields=10).parse()
    except (MultiPartException, KeyError, UnicodeError, ValueError) as error:
        raise Problem(422, "no-file", t("There is no file in the request.")) from error
    try:
        file = form.get("file")
        if not isinstance(file, UploadFile):
            raise Problem(422, "no-file", t("There is no file in the request."))
        name = visible(file.filename or "").strip().replace("\\", "/").rpartition("/")[2]
        return Upload(name[-LONGEST_NAME:] or "roster.csv", await file.read())
    finally:
        await form.close()
