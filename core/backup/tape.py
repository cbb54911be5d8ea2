"""The tape inside a backup: a tar in a gzip stream, in order: the manifest, small files, rows, other files."""

from __future__ import annotations

import gzip
import io
import re
import tarfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import BinaryIO

from core.backup.faults import BadBackup
from core.backup.manifest import NAME
from core.i18n import t

GZIP = b"\x1f\x8b"
LARGEST = 256_000_000
"""Bytes of one member: rows are some megabytes, a captured page is at most 8."""

ROWS, HOME = "rows", "home"
_ROWS = re.compile(r"rows/([a-z][a-z0-9_]{0,62})/(\d{1,9})\.jsonl")


@dataclass(frozen=True)
class Member:
    """One thing on the tape.

    Attributes:
        table: if it holds rows: of which table.
        path: if it is a file: its path within the home directory, proven to lead nowhere else. None of both: the manifest.
    """

    content: bytes
    table: str = ""
    path: PurePosixPath | None = None

    @property
    def is_manifest(self) -> bool:
        """Tell whether it is the manifest."""
        return not self.table and self.path is None


class Tape:
    """A tape that is being written."""

    def __init__(self, tar: tarfile.TarFile) -> None:
        """Write on an open tar."""
        self._tar, self._part = tar, 0

    def manifest(self, content: bytes) -> None:
        """Write the manifest: the first thing."""
        self._add(NAME, content)

    def rows(self, table: str, lines: bytes) -> None:
        """Write lines of rows of a table."""
        self._part += 1
        self._add(f"{ROWS}/{table}/{self._part}.jsonl", lines)

    def file(self, path: PurePosixPath, content: bytes) -> None:
        """Write a file of the home directory."""
        self._add(f"{HOME}/{path}", content)

    def _add(self, name: str, content: bytes) -> None:
        entry = tarfile.TarInfo(name)
        entry.size, entry.mode = len(content), 0o600
        self._tar.addfile(entry, io.BytesIO(content))


@contextmanager
def writing_tape(target: BinaryIO) -> Iterator[Tape]:
    """Give a tape whose bytes go to `target`."""
    # What is sealed under keys of people does not shrink further by more effort.
    with (
        gzip.GzipFile(fileobj=target, mode="wb", compresslevel=1, mtime=0) as packed,
        tarfile.open(fileobj=packed, mode="w|", format=tarfile.PAX_FORMAT) as tar,
    ):
        yield Tape(tar)


def members(source: BinaryIO) -> Iterator[Member]:
    """Read a tape from its beginning to its end.

    Raises:
        BadBackup: this is no tape, it was cut off, or something on it has no place in a backup.
    """
    try:
        with gzip.GzipFile(fileobj=source, mode="rb") as packed, tarfile.open(fileobj=packed, mode="r|") as tar:
            for entry in tar:
                yield _member(tar, entry)
    except (tarfile.TarError, gzip.BadGzipFile, zlib.error, EOFError) as error:
        raise BadBackup(t("The backup cannot be read to its end: it is none, or it was cut off or changed.")) from error


def _member(tar: tarfile.TarFile, entry: tarfile.TarInfo) -> Member:
    body = tar.extractfile(entry) if entry.isreg() and entry.size <= LARGEST else None
    if body is None:
        raise _unwanted(entry)
    # A name is never used as a path before it is proven: anybody who has the public key can make a file that opens.
    if entry.name == NAME:
        return Member(body.read())
    if found := _ROWS.fullmatch(entry.name):
        return Member(body.read(), table=found.group(1))
    path = PurePosixPath(entry.name)
    inner = path.parts[1:]
    if path.parts[:1] != (HOME,) or not inner or str(path) != entry.name or any(_strange(part) for part in inner):
        raise _unwanted(entry)
    return Member(body.read(), path=PurePosixPath(*inner))


def _strange(part: str) -> bool:
    return part in {"", ".", ".."} or not part.isprintable() or "\\" in part or len(part.encode()) > 255


def _unwanted(entry: tarfile.TarInfo) -> BadBackup:
    return BadBackup(t("The backup holds something that has no place in one: {name}.", name=repr(entry.name[:80])))
