"""The units of systemd: systemd reads them, they start commands that exist, and they are locked in."""

from __future__ import annotations

import configparser
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.settings import Settings
from tests.deploy.said import DEPLOY, ROOT, unknown_settings, wrong_commands

UNITS = DEPLOY / "systemd"
FILES = sorted(one for one in UNITS.rglob("*") if one.is_file())
SERVICES = sorted(UNITS.glob("*.service"))
SHARED = UNITS / "lingbao-.service.d" / "office.conf"
PROGRAM = "/opt/lingbao/.venv/bin/"
SAFE_ENOUGH = 2.0
"""Exposure as `systemd-analyze security` counts it: 10 is a service without any lock, below 3 it is content."""


class Twice(dict[str, str]):
    """Keeps every value of a key that stands more than once, as systemd does."""

    def __setitem__(self, key: str, value: object) -> None:
        if isinstance(value, list) and isinstance(known := self.get(key), list):
            known.extend(value)
        else:
            super().__setitem__(key, value)  # type: ignore[assignment]


def read(path: Path) -> configparser.RawConfigParser:
    """Read a unit."""
    parser = configparser.RawConfigParser(dict_type=Twice, strict=False, comment_prefixes=("#",), delimiters=("=",))
    parser.optionxform = str  # type: ignore[assignment, method-assign]
    parser.read(path, encoding="utf-8")
    return parser


def values(unit: configparser.RawConfigParser, section: str, key: str) -> list[str]:
    """Return all values of a key."""
    return unit.get(section, key, fallback="").splitlines()


def named(path: Path) -> Iterator[str]:
    """Yield the variables that a unit sets."""
    for line in values(read(path), "Service", "Environment"):
        yield from (one.partition("=")[0] for one in line.split())


@pytest.mark.parametrize("path", SERVICES, ids=lambda one: one.name)
def test_every_unit_starts_what_exists(path: Path) -> None:
    """The command of each service can be typed, and its page is there."""
    unit = read(path)
    [line] = values(unit, "Service", "ExecStart")
    assert line.startswith(PROGRAM)
    assert wrong_commands([line.removeprefix(PROGRAM)]) == []
    [page] = values(unit, "Unit", "Documentation")
    assert (ROOT / page.removeprefix("file:///opt/lingbao/")).is_file(), page


def test_every_variable_in_a_unit_is_read_by_somebody() -> None:
    """No unit sets a variable that has no meaning: a misspelt one of ours would stop every command."""
    assert unknown_settings(name for path in FILES for name in named(path)) == []
    example = (DEPLOY / "lingbao.env.example").read_text(encoding="utf-8")
    assert unknown_settings(re.findall(r"^#?([A-Z]+_?[A-Z_]*)=", example, re.MULTILINE)) == []


def test_the_one_unit_and_the_others_are_locked_in_alike() -> None:
    """What the units of a larger office share stands, word for word, in the unit of an office on one machine too."""
    one, shared = dict(read(UNITS / "lingbao.service")["Service"]), dict(read(SHARED)["Service"])
    assert {key: one.get(key) for key in shared} == shared


@pytest.mark.parametrize("path", SERVICES, ids=lambda one: one.name)
def test_no_unit_runs_as_root_or_without_a_bound(path: Path) -> None:
    """Each service has its user and its memory; what stays is started again for ever."""
    service = read(path)["Service"]
    assert service["User"] == "lingbao"
    assert service["MemoryMax"]
    assert service["Type"] == "oneshot" or service["Restart"] == "always"


def test_a_dispatcher_may_write_down_what_it_has_in_hand() -> None:
    """A dispatcher is given longer to end than its longest call may take."""
    given = int(read(UNITS / "lingbao-dispatcher@.service")["Service"]["TimeoutStopSec"])
    settings = Settings.model_fields
    assert given > settings["connect_timeout"].default + settings["send_timeout"].default


def test_every_timer_has_its_service() -> None:
    """Each timer starts a service that ends by itself."""
    for path in UNITS.glob("*.timer"):
        assert read(path.with_suffix(".service"))["Service"]["Type"] == "oneshot", path.name


@pytest.fixture(scope="module")
def verified(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a copy of the units whose program exists, for systemd looks for it."""
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd-analyze is not here")
    top = tmp_path_factory.mktemp("systemd")
    shutil.copytree(UNITS, top / "units")
    for path in (top / "units").glob("*.service"):
        path.write_text(re.sub(rf"{PROGRAM}\w+", "/bin/true", path.read_text(encoding="utf-8")), encoding="utf-8")
    return top / "units"


def test_systemd_understands_every_unit(verified: Path) -> None:
    """`systemd-analyze verify` finds nothing to say of any unit or timer."""
    units = [str(one) for one in sorted(verified.iterdir()) if one.is_file()]
    done = subprocess.run(
        ["systemd-analyze", "verify", *units], capture_output=True, text=True, check=False, timeout=60
    )
    ours = [line for line in done.stderr.splitlines() if "lingbao" in line]
    assert ours == [], done.stderr
    assert done.returncode == 0, done.stderr


def test_every_service_is_locked_in(verified: Path) -> None:
    """By systemd's own count none of our services is exposed."""
    for path in sorted(verified.glob("*.service")):
        command = ["systemd-analyze", "security", "--offline=true", "--no-pager", path.name]
        done = subprocess.run(command, cwd=verified, capture_output=True, text=True, check=False, timeout=60)
        found = re.search(r"exposure level for \S+: ([\d.]+)", done.stdout)
        assert found, done.stderr
        assert float(found[1]) <= SAFE_ENOUGH, path.name


def test_prefect_has_a_place_for_its_pages() -> None:
    """Prefect copies its pages beside itself, where nothing can be written: every unit, and the image, give it another place."""
    place = "PREFECT_SERVER_UI_STATIC_DIRECTORY=/var/lib/lingbao/"
    for path in (UNITS / "lingbao.service", SHARED, DEPLOY / "Containerfile"):
        assert place in path.read_text(encoding="utf-8"), path.name
