"""The script that installs a bundle: it refuses what is not for this machine or was changed, and a failure changes nothing.

Python is played here: environments are made in no time, and what pip is told is written down. `make bundle` and its installation
were run for real (docs/how-to/offline.md).
"""

from __future__ import annotations

import hashlib
import platform
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.deploy.said import DEPLOY

SCRIPT = DEPLOY / "offline" / "install.sh"
PYTHON = ".".join(map(str, sys.version_info[:2]))
PLAYED = f"""#!/bin/sh
case "$1 $2" in
    "-m venv")
        mkdir -p "$3/bin" "$3/site/flows"
        cp "$0" "$3/bin/python" ;;
    "-m pip")
        echo "$PIP_NO_INDEX $*" > "$(dirname "$0")/told"
        printf '#!/bin/sh\\nexit %s\\n' "$CODE" > "$(dirname "$0")/lingbao"
        chmod +x "$(dirname "$0")/lingbao" ;;
    *sysconfig*)
        cd "$(dirname "$0")/../site" && pwd ;;
    *)
        exec {sys.executable} "$@" ;;
esac
"""


def bundle(top: Path, *, machine: str = platform.machine(), python: str = PYTHON) -> Path:
    """Write a bundle without a wheel."""
    (top / "wheels").mkdir(parents=True)
    (top / "requirements.txt").write_text("")
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


def install(top: Path, target: Path, code: int = 0) -> subprocess.CompletedProcess[str]:
    """Run the script of a bundle whose program ends with a status."""
    python = top.with_name("python")
    python.write_text(PLAYED)
    python.chmod(0o755)
    return subprocess.run(
        ["sh", str(top / "install.sh"), str(target)], env={"PATH": "/usr/bin:/bin", "PYTHON": str(python), "CODE": str(code)},
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
    assert "copy the bundle again" in done.stderr


def test_a_bundle_is_installed_and_one_that_does_not_work_changes_nothing(tmp_path: Path) -> None:
    """pip is told to take these files alone; a later bundle whose program does not start leaves the one from before at work."""
    target, top = tmp_path / "target", bundle(tmp_path / "bundle")
    first = install(top, target)
    assert first.returncode == 0, first.stderr
    assert there(target) == [".venv", "a-file", "flows", "licences", "prefect.yaml", "sbom.cdx.json"]
    assert (target / "flows").resolve() == (target / ".venv" / "site" / "flows").resolve()
    told = (target / ".venv" / "bin" / "told").read_text()
    assert told.startswith("1 -m pip install")
    assert "--require-hashes" in told
    assert f"--find-links {top / 'wheels'}" in told
    second = install(top, target, code=3)
    assert second.returncode == 2
    assert "is there again" in second.stderr
    assert subprocess.run([target / ".venv" / "bin" / "lingbao"], check=False).returncode == 0
    assert ".venv.before" not in there(target)


def test_the_program_from_before_is_kept(tmp_path: Path) -> None:
    """After a second bundle the environment of the first one is still there."""
    target, top = tmp_path / "target", bundle(tmp_path / "bundle")
    for _ in range(3):
        assert install(top, target).returncode == 0
    assert {".venv", ".venv.before"} <= set(there(target))
