"""The program and what it stands on: versions that were tried together, and the data of time zones."""

from __future__ import annotations

import sqlite3
import sys
import zoneinfo
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path

import tzdata  # type: ignore[import-untyped]
from packaging.requirements import Requirement

from cli.doctor.model import Finding, Patient, fault, ok, warning
from core.i18n import t

NAME, ZONES = "versions", "time-zones"
PROGRAM = "lingbao"
PINS = ("prefect>=3.8.8,<4", "fastapi<0.151", "sqlalchemy>=2.0,<2.1")
"""Decision 0003: with others Prefect's server does not start, or its scheduler creates nothing and says nothing."""

OLDEST_SQLITE = (3, 35)
"""RETURNING came with it."""


def check(patient: Patient) -> Iterable[Finding]:
    """Hold what is installed against what the program asks for."""
    wanted = [Requirement(one) for one in _asked_for()]
    wrong = _wrong(wanted, {one.name: _installed(one.name) for one in wanted})
    todo = t("Install what `requirements.lock` names: `make setup`, or `pip install -r requirements.lock`.")
    for requirement, have in wrong:
        yield fault(NAME, t("{name} {version} is installed; {wanted} is needed.", name=requirement.name, version=have or "–",
                            wanted=str(requirement.specifier)), todo)  # fmt: skip
    if sqlite3.sqlite_version_info[:2] < OLDEST_SQLITE:
        yield fault(
            NAME, t("SQLite is {version}; 3.35 is needed.", version=sqlite3.sqlite_version), t("Use a newer Python.")
        )
    if not wrong:
        shown = ", ".join(f"{Requirement(one).name} {_installed(Requirement(one).name)}" for one in PINS)
        yield ok(NAME, t("Python {python}, SQLite {sqlite}, {pinned}; all {count} libraries fit.", python=sys.version.split()[0],
                         sqlite=sqlite3.sqlite_version, pinned=shown, count=len(wanted)))  # fmt: skip


def _asked_for() -> list[str]:
    """Return the requirements of the installed program; run from its folder, the pins alone are known."""
    try:
        asked = [one for one in requires(PROGRAM) or () if "extra ==" not in one]
    except PackageNotFoundError:
        asked = []
    return [*asked, *PINS]


def _installed(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return ""


def _wrong(wanted: Iterable[Requirement], installed: Mapping[str, str]) -> list[tuple[Requirement, str]]:
    found = {}
    for one in wanted:
        applies = one.marker is None or one.marker.evaluate()
        if applies and not (installed[one.name] and one.specifier.contains(installed[one.name], prereleases=True)):
            found[one.name] = (one, installed[one.name])
    return list(found.values())


def check_zones(patient: Patient) -> Iterable[Finding]:
    """See that the clock of the office's zone is known, and that the system's own data are not older than those we bring."""
    office = zoneinfo.ZoneInfo("Asia/Shanghai")
    summer = datetime(2026, 7, 1, tzinfo=UTC).astimezone(office)
    if summer.utcoffset() != timedelta(hours=8):
        yield fault(ZONES, t("Asia/Shanghai is {hours} hours ahead here; it is 8.", hours=str(summer.utcoffset())),
                    t("Bring the time zone data of the system up to date (package tzdata)."))  # fmt: skip
        return
    system = _system_version(zoneinfo.TZPATH)
    if system and system < tzdata.IANA_VERSION:
        yield warning(ZONES, t("The system's time zone data are of {system}, ours of {ours}; the system's are used first.",
                               system=system, ours=tzdata.IANA_VERSION),
                      t("Bring the system's package tzdata up to date, or set PYTHONTZPATH to nothing: then ours are used."))  # fmt: skip
        return
    yield ok(ZONES, t("Time zone data are of {version}.", version=system or tzdata.IANA_VERSION))


def _system_version(places: Iterable[str]) -> str:
    """Return the version of the system's data, as `2026a`; empty if there are none or they do not say."""
    for place in places:
        plain, source = Path(place) / "+VERSION", Path(place) / "tzdata.zi"
        if plain.is_file():
            return plain.read_text(encoding="ascii").strip()
        if source.is_file():
            with source.open(encoding="utf-8") as lines:
                return lines.readline().removeprefix("# version").strip()
    return ""
