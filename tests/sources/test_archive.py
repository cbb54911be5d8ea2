"""The archive of what was received."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest

from sources.archive import Archive

BODY = "通知".encode() * 1000
NAME = hashlib.sha256(BODY).hexdigest()


def test_a_body_comes_back_as_it_was_put(tmp_path: Path) -> None:
    """Bytes in, the same bytes out, and nothing else is left in the directory."""
    archive = Archive(tmp_path / "captures")
    archive.put(NAME, BODY)
    assert archive.get(NAME) == BODY
    assert [x.name for x in tmp_path.rglob("*") if x.is_file()] == [f"{NAME}.gz"]


def test_a_body_is_written_once(tmp_path: Path) -> None:
    """Putting it again leaves the first file, which counts as received now."""
    archive = Archive(tmp_path)
    archive.put(NAME, BODY)
    file = next(tmp_path.rglob("*.gz"))
    os.utime(file, (1, 1))
    before = file.stat()
    archive.put(NAME, BODY)
    assert file.stat().st_ino == before.st_ino
    assert file.stat().st_mtime > before.st_mtime


def test_the_same_body_is_the_same_file_everywhere(tmp_path: Path) -> None:
    """Two archives hold byte for byte the same file, so that copies can be compared."""
    for name in ("one", "two"):
        Archive(tmp_path / name).put(NAME, BODY)
    first, second = (next((tmp_path / name).rglob("*.gz")).read_bytes() for name in ("one", "two"))
    assert first == second


def test_a_body_that_is_not_there_is_said_so(tmp_path: Path) -> None:
    """Asking for what was never kept is an error, not an empty body."""
    with pytest.raises(FileNotFoundError):
        Archive(tmp_path).get(NAME)
