"""How people know their own sessions by: browser and system, in two words. Pure."""

from __future__ import annotations

BROWSERS = (("Edg/", "Edge"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"), ("Safari/", "Safari"))
SYSTEMS = (("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("Windows", "Windows"), ("Mac OS", "macOS"),
           ("Linux", "Linux"))  # fmt: skip


def device_of(agent: str) -> str:
    """Return browser and system of a `User-Agent`; empty for what is none of those we know."""
    found = [next((word for mark, word in marks if mark in agent), "") for marks in (BROWSERS, SYSTEMS)]
    return " · ".join(word for word in found if word)
