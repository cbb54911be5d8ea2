"""The bill of materials and the page of licences: complete, valid, and those of the lock."""

from __future__ import annotations

import importlib.metadata
import json

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from deploy.tools import licences, sbom
from deploy.tools.bundle import Wheel, contents
from deploy.tools.locked import read_lock
from tests.deploy.said import ROOT

LOCK = read_lock()
NAMES = sorted({one.name for one in LOCK})


def test_the_lock_is_read_whole() -> None:
    """Every package of the lock is read, with its hashes and with who asks for it."""
    text = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    assert len(LOCK) == sum("==" in line and not line.startswith((" ", "#")) for line in text.splitlines())
    assert sum(len(one.hashes) for one in LOCK) == text.count("--hash=sha256:")
    assert all(set(one.needed_by) <= {*NAMES, "lingbao"} and one.needed_by for one in LOCK)


def test_the_bill_is_that_of_the_lock() -> None:
    """The bill in the repository is the one made from the lock. If not: `make sbom`."""
    assert sbom.FILE.read_text(encoding="utf-8") == sbom.of_the_lock()


def test_the_bill_is_valid() -> None:
    """The bill holds to the schema of CycloneDX, names every package once, and says what needs what."""
    text = sbom.FILE.read_text(encoding="utf-8")
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(text) is None
    found = json.loads(text)
    assert sorted(one["bom-ref"] for one in found["components"]) == sorted(f"{one.name}@{one.version}" for one in LOCK)
    needs = {one["ref"]: one.get("dependsOn", []) for one in found["dependencies"]}
    assert any(one.startswith("prefect@") for one in needs["lingbao"])
    assert any(one.startswith("starlette@") for one in next(needs[ref] for ref in needs if ref.startswith("fastapi@")))


def test_the_bill_of_a_bundle_has_the_hash_of_each_file() -> None:
    """What a bundle carries stands in its bill with the hash of the file."""
    one = next(one for one in LOCK if one.name == "prefect")
    wheel = Wheel(ROOT / "x.whl", one.name, one.version, "ab" * 32)
    [part] = json.loads(contents([wheel], LOCK))["components"]
    assert part["hashes"] == [{"alg": "SHA-256", "content": "ab" * 32}]


def test_the_page_of_licences_is_that_of_the_lock() -> None:
    """docs/licences.md is the page made from the lock. If not: `make licences`."""
    assert licences.PAGE.read_text(encoding="utf-8") == licences.page(LOCK)


def test_every_licence_is_known_and_thought_about() -> None:
    """Each locked package has an SPDX expression, and each that asks for more than its text has a line that says what follows."""
    for one in LOCK:
        said = licences.licence(one)
        assert licences.is_permissive(said) or any(part in said for part in licences.FOLLOWS), f"{one.name}: {said}"


def test_no_licence_is_kept_that_metadata_say_better() -> None:
    """A licence that we looked up ourselves is not one that the package by now says in SPDX itself, otherwise."""
    for name, said in licences.KNOWN.items():
        try:
            expression = importlib.metadata.metadata(name).get_all("License-Expression")
        except importlib.metadata.PackageNotFoundError:
            continue
        assert not expression or expression == [said], name


@pytest.mark.parametrize(
    ("expression", "permissive"),
    [
        ("MIT", True),
        ("MIT OR GPL-2.0-or-later", True),
        ("MPL-2.0 AND (Apache-2.0 OR MIT)", False),
        ("LGPL-3.0-only", False),
        ("Apache-2.0 AND CNRI-Python", True),
    ],
)
def test_one_may_choose_where_a_licence_lets_one(expression: str, *, permissive: bool) -> None:
    """Of licences joined by OR the permissive one counts; of those joined by AND all do."""
    assert licences.is_permissive(expression) is permissive


def test_words_that_are_no_licence_are_refused() -> None:
    """What is no SPDX expression is an error, not a permissive licence."""
    with pytest.raises(licences.NoLicence):
        licences.is_permissive("do as you like")
