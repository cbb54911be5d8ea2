"""Every country name of real captures resolves, to the code the feed gives beside it."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from core.places.finder import resolve
from core.places.names import codes

FEEDS = Path(__file__).resolve().parents[2].parent / "shared" / "feeds"
NO_COUNTRY = re.compile(r"Schengen|神根|Leeward Islands|Ridge|Rise|^$")
"""Fields of those feeds that name a group of states or a piece of sea."""

pytestmark = pytest.mark.skipif(not FEEDS.is_dir(), reason="no captures beside this checkout")


def _us() -> Iterator[tuple[str, str]]:
    for path in (FEEDS / "us-state").glob("*.xml"):
        for item in re.findall(r"<item>.*?<title>(.*?)</title>", path.read_text("utf-8", errors="replace"), re.DOTALL):
            yield re.split(r"\s+-\s+Level|\s+-\s+Other|\s*Travel Advisory", html.unescape(item))[0], ""


def _ca() -> Iterator[tuple[str, str]]:
    for path in (FEEDS / "ca-gac").glob("index*.json"):
        for entry in json.loads(path.read_text())["data"].values():
            yield from ((entry[language]["name"], entry.get("country-iso", "")) for language in ("eng", "fra"))


def _de() -> Iterator[tuple[str, str]]:
    index = json.loads((FEEDS / "de-aa" / "travelwarning_index_2026-07.json").read_text())["response"]
    yield from ((x["countryName"], x["countryCode"]) for x in index.values() if isinstance(x, dict))


def _gdacs() -> Iterator[tuple[str, str]]:
    for path in (FEEDS / "gdacs").glob("*.xml"):
        for name in re.findall(r"<gdacs:country>([^<]*)", path.read_text("utf-8", errors="replace")):
            yield html.unescape(name), ""


def _hk() -> Iterator[tuple[str, str]]:
    def walk(node: Any) -> Iterator[tuple[str, str]]:
        if isinstance(node, dict) and "countryCode" in node:
            yield from ((node.get(f"title{x}") or "", "") for x in ("En", "Tc", "Sc"))
        for child in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
            yield from walk(child)

    yield from walk(json.loads((FEEDS / "hk-sb" / "ota_index-20260928.json").read_text()))


def _uk() -> Iterator[tuple[str, str]]:
    for entry in json.loads((FEEDS / "uk-fcdo" / "derived_slug-iso2_list.json").read_text()):
        yield entry["name"], entry["iso2"]


@pytest.mark.parametrize("read", [_us, _ca, _de, _gdacs, _hk, _uk], ids=lambda read: read.__name__.strip("_"))
def test_every_country_of_a_real_feed_resolves(read: Any) -> None:
    """No country of the captures is lost, and none resolves to another than the feed's own code."""
    fields = {(name.strip(), code) for name, code in read()}
    assert len(fields) > 40
    assert [name for name, _ in fields if not resolve(name) and not NO_COUNTRY.search(name)] == []
    assert [(n, c) for n, c in fields if c in codes() and resolve(n) and c not in resolve(n)] == []
