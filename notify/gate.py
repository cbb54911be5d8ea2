"""The last gate before a provider: right instance, right mode, allowed recipient (DESIGN promise 13). Pure."""

from __future__ import annotations

import ipaddress
from collections.abc import Set
from dataclasses import dataclass
from functools import cache

from core.tables import Mode


@dataclass(frozen=True)
class Gate:
    """What this instance may do now."""

    uid: str
    mode: Mode
    drill_allow: Set[str]

    def refuse(self, *, alert_uid: str, alert_mode: str, endpoint: str, address: str) -> str:
        """Return why a notice may not leave, as a short code; empty if it may."""
        if alert_uid != self.uid:
            return "gate-instance"
        if alert_mode not in (self.mode, Mode.DRILL):
            return "gate-mode"
        if not self.may_reach(endpoint):
            return "gate-sandbox"
        # A drill keeps to its list in every mode: a live office that practises wakes nobody else.
        if Mode.DRILL in (self.mode, alert_mode) and address not in self.drill_allow:
            return "gate-drill"
        return ""

    def may_reach(self, endpoint: str) -> bool:
        """Tell whether this instance may talk to a host at all: a sandbox only to this machine."""
        return self.mode is not Mode.SANDBOX or is_loopback(endpoint)


@cache
def is_loopback(host: str) -> bool:
    """Tell whether a host is this machine: `localhost` or a loopback address. Names are not looked up."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False
