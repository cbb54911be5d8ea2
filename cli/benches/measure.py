"""One measured figure, as `lingbao bench` prints it (DESIGN section 9)."""

from __future__ import annotations

import resource
from dataclasses import asdict, dataclass, field
from typing import Any


def peak_mb() -> int:
    """Return the most memory this process has held, in MB (Linux counts in kB)."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


@dataclass(frozen=True)
class Measure:
    """A figure and its limit.

    Attributes:
        limit: the bare operation, measured in the same run, in the same unit.
        ratio: value against limit, turned so that 1.0 is as good as bare and more is better.
        rss_mb: peak memory of the process.
    """

    name: str
    value: float
    unit: str
    limit: float
    ratio: float
    note: str = ""
    rss_mb: int = field(default_factory=peak_mb)

    def as_json(self) -> dict[str, Any]:
        """Return the figure as plain JSON values."""
        return asdict(self)
