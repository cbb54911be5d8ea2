"""What requirements.lock says: each package, its version, where it is needed, and by whom. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from packaging.markers import Marker
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[2]
LOCK = ROOT / "requirements.lock"
OURS = "lingbao"

_ENTRY = re.compile(r"^(?P<what>\S+==[^\\\n]+?) ?\\\n(?P<rest>(?: {4}.*\n?)*)", re.MULTILINE)
_HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")
_VIA = re.compile(r"^ {4}#(?: via)? +(?!via$)(\S+)", re.MULTILINE)


@dataclass(frozen=True)
class Locked:
    """One line of the lock.

    Attributes:
        name: normalised name.
        version: the exact version.
        marker: on which machines it is needed; None: on all.
        hashes: SHA-256 of each file that may be installed.
        needed_by: normalised names of the packages that ask for it; `lingbao` is us.
    """

    name: str
    version: str
    marker: Marker | None
    hashes: frozenset[str]
    needed_by: tuple[str, ...]

    @property
    def here(self) -> bool:
        """Tell whether it is needed on the machine that asks."""
        return self.marker is None or self.marker.evaluate()


def read_lock(file: Path = LOCK) -> list[Locked]:
    """Return the packages of a lock in its order.

    Raises:
        OSError: the file cannot be read.
    """
    return [_locked(one["what"], one["rest"]) for one in _ENTRY.finditer(file.read_text(encoding="utf-8"))]


def _locked(what: str, rest: str) -> Locked:
    wanted = Requirement(what)
    [exact] = wanted.specifier
    return Locked(
        name=canonicalize_name(wanted.name),
        version=exact.version,
        marker=wanted.marker,
        hashes=frozenset(_HASH.findall(rest)),
        needed_by=tuple(dict.fromkeys(canonicalize_name(by) for by in _VIA.findall(rest))),
    )
