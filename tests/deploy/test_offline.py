"""The script that installs a bundle: it refuses what is not for this machine or was changed, and a failure changes nothing."""

from __future__ import annotations

import base64
import hashlib
import platform
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from deploy.tools.bundle import requirements, wheels_in
from tests.deploy.said import DEPLOY

SCRIPT = DEPLOY / "offline" / "install.sh"
PYTHON = ".".join(map(str, sys.version_info[:2]))
INFO = "lingbao-0.0.1.dist-info"
PROGRAM = "import sys\ndef run():\n    sys.exit({code})\n"


def wheel(folder: Path, code: int) -> None:
    """Write a wheel called lingbao whose command ends with a status."""
    files = {
        "small.py": PROGRAM.format(code=code),
        "flows/__init__.py": "",
        "flows/prefect.yaml": "deployments: []\n",
        f"{INFO}/METADATA": "Metadata-Version: 2.1\nName: lingbao\nVersion: 0.0.1\n",
        f"{INFO}/WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        f"{INFO}/entry_points.txt": "[console_scripts]\nlingbao = small:run\n",
    }
    lines = [f"{name},sha256={_digest(text)},{len(text)}" for name, text in files.items()]
    with zipfile.ZipFile(folder / "lingbao-0.0.1-py3-none-any.whl", "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
        archive.writestr(f"{INFO}/RECORD", "\n".join([*lines, f"{INFO}/RECORD,,", ""]))


def _digest(text: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()


def bundle(top: Path, *, code: int = 0, machine: str = platform.machine(), python: str = PYTHON) -> Path:
    """Write a bundle with one small wheel."""
    (top / "wheels").mkdir(parents=True)
    wheel(top / "wheels", code)
    (top / "requirements.txt").write_text(requirements(wheels_in(top / "wheels")))
    (top / "MACHINE").write_text(f"{machine} {python}\n")
    (top / "sbom.cdx.json").write_text("{}")
    for name in ("licences", "program"):
        (top / name).mkdir()
        (top / name / "a-file").write_text(name)
    shutil.copy(SCRIPT, top / "install.sh")
    sums = [
        f"{hashlib.sha256(one.read_bytes()).hexdigest()}  {one.relative_to(top)}\n"
        for one in top.rglob("*")
        if one.is_file()
    ]
    (top / "SHA256SUMS").write_text("".join(sums))
    return top


def install(top: Path, target: Path) -> subprocess.CompletedProcess[str]:
    """Run the script of a bundle."""
    return subprocess.run(
        ["sh", str(top / "install.sh"), str(target)], env={"PATH": "/usr/bin:/bin", "PYTHON": sys.executable},
        capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip


def there(target: Path) -> list[str]:
    """Return the names in a directory."""
    return sorted(one.name for one in target.iterdir()) if target.is_dir() else []


@pytest.mark.parametrize(
    ("given", "said"),
    [({"machine": "pdp11"}, "pdp11"), ({"python": "2.7"}, "Python 2.7 is needed")],
    ids=["machine", "python"],
)
def test_a_bundle_for_another_machine_is_refused(tmp_path: Path, given: dict[str, str], said: str) -> None:
    """What is not for this machine or this Python is named, and nothing is made."""
    done = install(bundle(tmp_path / "bundle", **given), tmp_path / "target")  # type: ignore[arg-type]
    assert (done.returncode, there(tmp_path / "target")) == (2, [])
    assert said in done.stderr


def test_a_bundle_of_which_one_byte_was_changed_is_refused(tmp_path: Path) -> None:
    """A file whose hash is another stops the installation before it begins."""
    top = bundle(tmp_path / "bundle")
    (top / "program" / "a-file").write_text("another")
    done = install(top, tmp_path / "target")
    assert (done.returncode, there(tmp_path / "target")) == (2, [])
    assert "Copy" in done.stderr or "copy the bundle again" in done.stderr


def test_a_bundle_is_installed_and_one_that_does_not_work_changes_nothing(tmp_path: Path) -> None:
    """A bundle installs without an index; a later one whose program does not start leaves the program from before at work."""
    target = tmp_path / "target"
    first = install(bundle(tmp_path / "first"), target)
    assert first.returncode == 0, first.stderr
    assert there(target) == [".venv", "a-file", "flows", "licences", "prefect.yaml", "sbom.cdx.json"]
    assert (target / "prefect.yaml").read_text() == "deployments: []\n"
    second = install(bundle(tmp_path / "second", code=3), target)
    assert second.returncode == 2
    assert "is there again" in second.stderr
    assert subprocess.run([target / ".venv" / "bin" / "lingbao"], check=False).returncode == 0
    assert ".venv.before" not in there(target)
