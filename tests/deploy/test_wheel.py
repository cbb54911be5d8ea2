"""The wheel has everything of the tree: an office runs from it without a checkout."""

from __future__ import annotations

import subprocess
import zipfile
from pathlib import Path

import pytest

from deploy.tools.bundle import build, licence_texts, requirements, wheels_in
from tests.deploy.said import ROOT

ROOMS = ("core", "sources", "registry", "notify", "flows", "console", "cli")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return our wheel, built once."""
    return build(tmp_path_factory.mktemp("wheel"))


def test_the_wheel_has_every_file_of_the_tree(wheel: Path) -> None:
    """Migrations, templates, pictures, words, policies, tables: what is tracked in a room is in the wheel, byte for byte."""
    listed = subprocess.run(["git", "ls-files", *ROOMS], cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode != 0:
        pytest.skip("this is no checkout: there is no list of files")
    there = [name for name in listed.stdout.splitlines() if (ROOT / name).is_file()]
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
        assert sorted(set(there) - names) == []
        assert [name for name in there if archive.read(name) != (ROOT / name).read_bytes()] == []
        assert archive.read("flows/prefect.yaml") == (ROOT / "prefect.yaml").read_bytes()
    kinds = {Path(name).suffix for name in names}
    assert {".py", ".po", ".html", ".css", ".js", ".toml", ".csv", ".txt", ".mako", ".yaml"} <= kinds


def test_the_wheel_has_nothing_else(wheel: Path) -> None:
    """No test, no cache, no key and no office of a developer goes out with the wheel."""
    with zipfile.ZipFile(wheel) as archive:
        names = [name for name in archive.namelist() if ".dist-info/" not in name]
    assert {name.partition("/")[0] for name in names} == set(ROOMS)
    assert [name for name in names if "__pycache__" in name or name.endswith((".db", ".keys", ".env"))] == []


def test_a_bundle_installs_exactly_its_files(wheel: Path) -> None:
    """The list that pip is given names our wheel with its hash, and its licence is taken along."""
    [ours] = wheels_in(wheel.parent)
    assert requirements([ours]) == f"lingbao=={ours.version} --hash=sha256:{ours.sha256}\n"
    assert [name for name, _ in licence_texts(ours)] == ["LICENSE"]
