"""Where a cause leads: the page on which an officer does something about it. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping

ALERT, BOARD, SOURCE = "/office/alerts/{0}", "/office/alerts/{0}/safety", "/office/sources/{0}"
WAYS: Mapping[str, str] = {
    r"draft/(\d+)": ALERT,
    r"help/(\d+)/\d+": BOARD,
    r"silent/(\d+)": BOARD,
    r"watch/share/(\d+)/\d+": ALERT,
    r"watch/doubt/(\d+)": ALERT + "/notices?state=unresolved&every=1",
    r"watch/source/([a-z0-9-]+)": SOURCE,
    r"watch/(?:night|home)": "/office/sources",
    r"watch/duty": "/office/duty",
}
"""By the causes that `notify.duty.paging.page` is given, and those of the watchdog."""


def way(cause: str) -> str:
    """Return the address of the page where something can be done about a cause; empty: there is no such page."""
    for pattern, address in WAYS.items():
        if (found := re.fullmatch(pattern, cause)) is not None:
            return address.format(*found.groups())
    return ""
