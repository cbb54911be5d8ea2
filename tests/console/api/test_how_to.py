"""The how-to for personnel systems: its curl line and its Python example run as they stand, against a served console."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

from console.app import build
from tests.console.api.test_apart import CALLS
from tests.console.api.world import A_ROWS, BASE, World, request, roster
from tests.console.serving import serving

PAGE = Path(__file__).resolve().parents[3] / "docs" / "how-to" / "connect-an-hr-system.md"


def block(kind: str) -> str:
    """Return the one code block of a kind on the page."""
    (found,) = re.findall(rf"^```{kind}\n(.*?)^```$", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    return str(found)


@contextmanager
def served(world: World, directory: Path) -> Iterator[Mapping[str, str]]:
    """Serve the console on loopback, with a roster in the directory; give the environment of a company's machine."""
    (directory / "roster.csv").write_bytes(
        roster((*A_ROWS, ("唐三藏", "非洲", "", "+244923000111", "", "", "", "", "在外")))
    )
    with serving(build(world.office)) as address:
        yield {"LINGBAO": address, "TOKEN": world.a.token, "PATH": "/usr/bin:/bin"}


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
def test_the_curl_line(light: World, tmp_path: Path) -> None:
    """The line of the page, in a shell, previews the roster and writes nothing."""
    (line,) = re.findall(r"^curl .*$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    with served(light, tmp_path) as env:
        done = subprocess.run(["bash", "-c", line], cwd=tmp_path, env=env, capture_output=True, timeout=60, check=True)
    told = json.loads(done.stdout)
    assert (told["applied"], told["people"]["joined"], told["people"]["unchanged"]) == (False, 1, 3)
    assert light.a.get("/me")["people"] == 3


def test_the_python_example(light: World, tmp_path: Path) -> None:
    """The example of the page, as a program of its own, applies the roster, moves a person and reads the notices."""
    with served(light, tmp_path) as env:
        done = subprocess.run([sys.executable, "-c", block("python")], cwd=tmp_path, env=env, capture_output=True, timeout=60,
                              check=False, text=True)  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "'joined': 1" in done.stdout
    assert "Kitwe" in done.stdout
    assert light.a.get("/people")["items"][0]["postings"][0]["city"] == "Kitwe"
    assert light.a.get("/me")["people"] == 4


def test_the_table_names_every_call(light: World) -> None:
    """Every route of the description is in the table of the page, and nothing else."""
    rows = re.findall(r"^\| `([A-Z]+) (/\S+)` \|", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    assert {(method, path) for method, path in rows} == set(CALLS)
    assert request(light.a.app, "GET", f"{BASE}/openapi.json").json()["openapi"].startswith("3.1")
