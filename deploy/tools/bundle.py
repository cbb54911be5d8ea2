"""Everything that a machine without internet needs, as one tar: `python -m deploy.tools.bundle`, or `make bundle`.

The wheels of the lock for one kind of machine and one version of Python, ours, a list of them with the hash of each, licences, the
bill of materials, pages, units, and the script that installs it all (deploy/offline/install.sh).
"""

from __future__ import annotations

import argparse
import hashlib
import shutil
import subprocess
import sys
import sysconfig
import tarfile
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from packaging.utils import parse_wheel_filename

from deploy.tools import sbom
from deploy.tools.locked import LOCK, OURS, ROOT, Locked, read_lock

ALONG = ("README.md", "README.zh-CN.md", "CHANGELOG.md", "LICENSE", "prefect.toml", "docs", "deploy")
LEFT_OUT = shutil.ignore_patterns("__pycache__", "tools", "offline", "Containerfile", "compose.yaml", "kubernetes")
"""Made from the checkout, or nothing without an image."""


@dataclass(frozen=True)
class Wheel:
    """One file that is installed: what it is, and its SHA-256."""

    path: Path
    name: str
    version: str
    sha256: str


def download(wheels: Path, platforms: Sequence[str]) -> None:
    """Fetch the wheels of the lock that are needed on this machine, or on `platforms`; build ours.

    Raises:
        subprocess.CalledProcessError: pip or the build failed; it said why.
    """
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check"]
    for one in platforms:
        pip += ["--platform", one]
    # --no-deps: the lock is complete. Source archives would have to be built on a machine that has nothing to build with.
    pip += [
        "--require-hashes",
        "--no-deps",
        "--only-binary",
        ":all:",
        "--requirement",
        str(LOCK),
        "--dest",
        str(wheels),
    ]
    subprocess.run(pip, check=True)
    build(wheels)


def build(wheels: Path) -> Path:
    """Build our wheel into a directory and return it.

    Raises:
        subprocess.CalledProcessError: the build failed; it said why.
    """
    command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(wheels)]
    subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    [found] = wheels.glob(f"{OURS}-*.whl")
    return found


def wheels_in(directory: Path) -> list[Wheel]:
    """Return the wheels of a directory in the order of their names."""
    return [_wheel(path) for path in sorted(directory.glob("*.whl"))]


def _wheel(path: Path) -> Wheel:
    name, version, _, _ = parse_wheel_filename(path.name)
    return Wheel(path, str(name), str(version), hashlib.sha256(path.read_bytes()).hexdigest())


def requirements(wheels: Sequence[Wheel]) -> str:
    """Return what `pip install --require-hashes` is told: exactly these files."""
    return "".join(f"{one.name}=={one.version} --hash=sha256:{one.sha256}\n" for one in wheels)


def contents(wheels: Sequence[Wheel], lock: Sequence[Locked]) -> str:
    """Return the bill of materials of a bundle, with the hash of each file."""
    there = {(one.name, one.version) for one in wheels}
    chosen = [one for one in lock if (one.name, one.version) in there]
    return sbom.bill(chosen, requirements(wheels).encode(), {one.name: one.sha256 for one in wheels})


def licence_texts(wheel: Wheel) -> Iterator[tuple[str, bytes]]:
    """Yield the licence files of a wheel, with their names."""
    with zipfile.ZipFile(wheel.path) as archive:
        for name in archive.namelist():
            folder, _, file = name.rpartition("/")
            if ".dist-info" in folder and file.upper().startswith(("LICEN", "COPYING", "NOTICE", "AUTHORS", "AL2")):
                yield name.split("/", 1)[1].removeprefix("licenses/").replace("/", "-"), archive.read(name)


def fill(top: Path, machine: str, platforms: Sequence[str]) -> None:
    """Write a whole bundle into an empty directory.

    Raises:
        subprocess.CalledProcessError: pip or the build failed; it said why.
        OSError: something cannot be written.
    """
    (top / "wheels").mkdir(parents=True)
    download(top / "wheels", platforms)
    found = wheels_in(top / "wheels")
    (top / "requirements.txt").write_text(requirements(found), encoding="utf-8")
    (top / "sbom.cdx.json").write_text(contents(found, read_lock()), encoding="utf-8")
    (top / "MACHINE").write_text(machine + "\n", encoding="utf-8")
    for one in found:
        for name, text in licence_texts(one):
            target = top / "licences" / one.name / name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(text)
    (top / "program").mkdir()
    for name in ALONG:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, top / "program" / name, ignore=LEFT_OUT)
        else:
            shutil.copy(ROOT / name, top / "program" / name)
    shutil.copy(ROOT / "deploy" / "offline" / "install.sh", top / "install.sh")
    (top / "SHA256SUMS").write_text("".join(_sums(top)), encoding="utf-8")


def _sums(top: Path) -> Iterator[str]:
    for path in sorted(top.rglob("*")):
        if path.is_file():
            yield f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.relative_to(top).as_posix()}\n"


def main() -> None:
    """Make the bundle and name its file."""
    parser = argparse.ArgumentParser(description="All that a machine without internet needs, in one file.")
    parser.add_argument("--out", type=Path, default=ROOT / "dist", help="directory (default: dist)")
    parser.add_argument(
        "--machine", default=sysconfig.get_platform().rpartition("-")[2], help="as `uname -m` says (default: this)"
    )
    parser.add_argument(
        "--platform", action="append", default=[], help="wheel tags for another machine, best first; repeatable"
    )
    given = parser.parse_args()
    python = ".".join(map(str, sys.version_info[:2]))
    top = given.out / f"{OURS}-{sbom.version()}-{given.machine}-python{python}"
    shutil.rmtree(top, ignore_errors=True)
    fill(top, f"{given.machine} {python}", given.platform)
    whole = top.with_name(top.name + ".tar")
    with tarfile.open(whole, "w") as archive:
        archive.add(top, arcname=top.name)
    shutil.rmtree(top)
    sum_ = hashlib.sha256(whole.read_bytes()).hexdigest()
    whole.with_name(whole.name + ".sha256").write_text(f"{sum_}  {whole.name}\n", encoding="utf-8")
    sys.stdout.write(f"{whole} ({whole.stat().st_size // 1_000_000} MB)\n")


if __name__ == "__main__":
    main()
