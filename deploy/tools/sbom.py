"""The bill of materials of the lock, as CycloneDX 1.6 in JSON. `python -m deploy.tools.sbom` writes deploy/sbom.cdx.json.

It is the same wherever and whenever it is made: no time of day, and a number made from the lock. What a library needs is what the
lock says of it; its licence is on docs/licences.md too. The bundle carries one of its own, with the hash of each of its files.
"""

from __future__ import annotations

import json
import tomllib
import uuid
from collections.abc import Iterable, Mapping
from pathlib import Path

from cyclonedx.contrib.license.factories import LicenseFactory
from cyclonedx.model import HashAlgorithm, HashType
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.output.json import JsonV1Dot6
from packageurl import PackageURL

from deploy.tools.licences import licence
from deploy.tools.locked import LOCK, OURS, ROOT, Locked, read_lock

FILE = ROOT / "deploy" / "sbom.cdx.json"


def bill(packages: Iterable[Locked], seed: bytes, hashes: Mapping[str, str] | None = None) -> str:
    """Return the bill of these packages.

    Args:
        packages: what is in it.
        seed: what it describes, as bytes: the same bytes give the same serial number.
        hashes: SHA-256 of the one file of each package, where that is known.

    Raises:
        deploy.tools.licences.NoLicence: a licence is not known.
    """
    chosen, makes = list(packages), LicenseFactory()
    ours = Component(name=OURS, version=version(), type=ComponentType.APPLICATION, bom_ref=OURS,
                     licenses=[makes.make_from_string("Apache-2.0")])  # fmt: skip
    bom = Bom(serial_number=uuid.uuid5(uuid.NAMESPACE_OID, seed.hex()))
    bom.metadata.component = ours
    parts: dict[str, list[Component]] = {OURS: [ours]}
    for one in chosen:
        part = _component(one, makes, (hashes or {}).get(one.name))
        bom.components.add(part)
        parts.setdefault(one.name, []).append(part)
    for name, whose in parts.items():
        wanted = [part for one in chosen if name in one.needed_by for part in parts[one.name]]
        for part in whose:
            bom.register_dependency(part, dict.fromkeys(wanted))
    found = json.loads(JsonV1Dot6(bom).output_as_string())
    del found["metadata"]["timestamp"]
    return json.dumps(found, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def _component(one: Locked, makes: LicenseFactory, sha256: str | None) -> Component:
    return Component(
        name=one.name,
        version=one.version,
        type=ComponentType.LIBRARY,
        bom_ref=f"{one.name}@{one.version}",
        purl=PackageURL("pypi", name=one.name, version=one.version),
        licenses=[makes.make_from_string(licence(one))],
        hashes=[HashType(alg=HashAlgorithm.SHA_256, content=sha256)] if sha256 else None,
        description=f"only where {one.marker}" if one.marker else None,
    )


def version() -> str:
    """Return the version of the program, as pyproject.toml says."""
    return str(tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"])


def of_the_lock(file: Path = LOCK) -> str:
    """Return the bill of a whole lock.

    Raises:
        OSError: the lock cannot be read.
        deploy.tools.licences.NoLicence: a licence is not known.
    """
    return bill(read_lock(file), file.read_bytes())


def main() -> None:
    """Write the bill."""
    FILE.write_text(of_the_lock(), encoding="utf-8")


if __name__ == "__main__":
    main()
