"""One source that speaks through many sites (embassies): each is read alone, and fails alone."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from core.errors import SourceBroken, SourceSkipped, SourceTransient
from core.i18n import Message, t
from sources.model import Capture, Get, Reading


def read_sites(
    get: Get, addresses: Iterable[str], parse: Callable[[Capture], Reading]
) -> tuple[tuple[Reading, ...], tuple[Message, ...]]:
    """Read each address with `get` and `parse`, in turn, one request each.

    Returns:
        The readings of the sites that could be read, and one note for each that could not.

    Raises:
        SourceBroken: no site could be read. `SourceSkipped` if it was a replay without captures of the first one,
            `SourceTransient` if one of them may be reached at another try.
    """
    readings: list[Reading] = []
    faults: list[SourceBroken] = []
    for address in addresses:
        try:
            readings.append(parse(get(address)))
        except SourceBroken as error:
            faults.append(error)
    if not readings:
        raise _worst(faults)
    return tuple(readings), tuple(t("One site could not be read: {reason}", reason=one.message) for one in faults)


def _worst(faults: list[SourceBroken]) -> SourceBroken:
    """Return the fault that says best what to do: nothing was to be read, try again, or the first."""
    for kind in (SourceSkipped, SourceTransient):
        if found := next((fault for fault in faults if isinstance(fault, kind)), None):
            return found
    return faults[0]
