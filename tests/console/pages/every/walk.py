"""Following every link from a start page: each kind of page once, whatever number or mark it is about."""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import parse_qsl, urljoin, urlsplit

NUMBER = re.compile(r"(?<=/)(?:\d+|\d{4}-W\d\d|[0-9a-f]{16,}|[A-Z]{2}|(?<=sources/)[a-z0-9-]+)(?=/|$)")
MOST = 80
"""Kinds of pages that one reader can come to; more would be a circle."""


def kind_of(address: str) -> str:
    """Return what kind of page an address leads to: its path without numbers, and the names of its questions."""
    parts = urlsplit(address)
    asked = ",".join(sorted({name for name, _ in parse_qsl(parts.query)} - {"lang", "done"}))
    return f"{NUMBER.sub('*', parts.path)}?{asked}"


def walk(start: str, under: str, look: Callable[[str], list[str]]) -> list[str]:
    """Look at a page, then at those it leads to under a path; return the kinds that were seen, in order.

    Args:
        start: address of the first page. `under`: a path; links to other rooms are not followed.
        look: opens a page; returns the links on it, or an empty list for what is no page.
    """
    waiting, seen = [start], dict.fromkeys([kind_of(start)])
    done: list[str] = []
    while waiting:
        here = waiting.pop(0)
        done.append(kind_of(here))
        assert len(done) <= MOST, done
        for link in look(here):
            there = urljoin(here, link).partition("#")[0]
            if urlsplit(there).netloc != urlsplit(start).netloc or not urlsplit(there).path.startswith(under):
                continue
            if kind_of(there) not in seen:
                seen[kind_of(there)] = None
                waiting.append(there)
    return done
