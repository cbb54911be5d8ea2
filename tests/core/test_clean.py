"""What is committed names no place that only its authors have."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
# Each pattern is put together here, so that this file does not hold what it looks for.
INDEXES = (
    "pypi" + ".org",
    "pythonhosted" + ".org",
    "dev" + "pi",
    "artifact" + "ory",
    "nexus" + "/repository",
    "simple" + "/pypi",
)
HOMES = ("/ro" + "ot/", "/ho" + r"me/[a-z]+/", "/Us" + "ers/[a-z]+/", "/wo" + "rk/", r"[A-Z]:\\\\Us" + "ers")
PATTERN = re.compile("|".join((*INDEXES, *HOMES)))
BINARY = {".png", ".ico", ".gz", ".xlsx", ".xls", ".docx", ".woff2", ".mo"}


def committed() -> list[Path]:
    """Return the files that are, or would be, committed."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, check=False)
    if listed.returncode != 0:
        pytest.skip("this is no checkout: there is no list of committed files")
    found = [ROOT / name for name in listed.stdout.decode().split("\0") if name]
    return [file for file in found if file.is_file() and file.suffix not in BINARY]


def test_no_office_is_committed() -> None:
    """No database, master key or backup that somebody made while trying things lies among the files."""
    kept = {".db", ".db-wal", ".db-shm", ".sqlite", ".keys", ".age"}
    assert [str(file.relative_to(ROOT)) for file in committed() if file.suffix in kept] == []


def test_no_committed_file_names_a_package_index_or_a_path_of_a_machine() -> None:
    """Where packages come from, and where somebody's files lie, is the business of each machine."""
    found = []
    for file in committed():
        for number, line in enumerate(file.read_text(encoding="utf-8", errors="replace").splitlines(), 1):
            if match := PATTERN.search(line):
                found.append(f"{file.relative_to(ROOT)}:{number}: {match[0]}")
    assert found == []


@pytest.mark.parametrize(
    "text", ["https://pypi" + ".org/simple", "/ho" + "me/li/lingbao", "/ro" + "ot/x", "/wo" + "rk/main"]
)
def test_the_pattern_finds_what_it_is_for(text: str) -> None:
    """The search is not empty."""
    assert PATTERN.search(text)
