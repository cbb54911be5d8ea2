"""Damaged and hostile bytes for every publisher: a named fault or correct objects, in time, and never a tag for a person.

The number of examples for each publisher and kind of damage is `LINGBAO_FUZZ` (`make fuzz`); without it the same few
examples are tried every time.
"""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, datetime
from functools import cache
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.errors import SourceBroken
from core.places.names import codes
from sources.catalog import publishers
from sources.model import Advisory, Capture, Level, Publisher

OWN = Path(__file__).parent / "captures"
BUDGET = int(os.environ.get("LINGBAO_FUZZ", "0"))
SLOWEST = 5.0
"""Seconds one reading may take on a busy machine; the lists here take a hundredth of one."""
TAG = re.compile(r"</?(?:script|style|iframe|object|svg|img|a|p|div|b|br|ul|li)(?=[\s/>])[^<>]*>", re.IGNORECASE)
SCRIPT = "alert(document.cookie)"
PAYLOADS = (
    b"<script>" + SCRIPT.encode() + b"</script>",
    b"&lt;script&gt;" + SCRIPT.encode() + b"&lt;/script&gt;",
    b"&amp;lt;script&amp;gt;" + SCRIPT.encode() + b"&amp;lt;/script&amp;gt;",
    b"\\u003cscript\\u003e" + SCRIPT.encode() + b"\\u003c/script\\u003e",
    b"<![CDATA[<script>" + SCRIPT.encode() + b"</script>]]>",
    b"&lt;img src=x onerror=alert(1)&gt;",
)
BOMBS = (
    b'<!DOCTYPE l [<!ENTITY a "aaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>',
    b"&b;" * 200,
    b"&#x10ffff;&#0;&#xd800;",
    b"<div>" * 3000,
    b"&lt;div&gt;" * 3000,
    b"[" * 3000,
    b'{"a":' * 3000,
    b"<![CDATA[",
    b"<!--",
    b"]]>",
    b"\x00",
    b'"',
    b"\\ud800",
    b"9" * 400,
    b"-1",
    b"null",
)
every_publisher = pytest.mark.parametrize("name", publishers())
SEED = st.integers(0, 2**32 - 1)
Damage = Callable[[bytes], bytes]


def tried(examples: int) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Try so many examples, or as many as the budget says; the same ones each time unless there is a budget."""
    return settings(
        max_examples=BUDGET or examples,
        deadline=None,
        derandomize=not BUDGET,
        database=None,
        suppress_health_check=[HealthCheck.too_slow],
    )


def limit() -> pytest.MarkDecorator:
    """Give a large budget the time it needs."""
    return pytest.mark.timeout(300 + BUDGET * 5)


@cache
def whole(name: str) -> bytes:
    """Return the publisher's own list, as we wrote it."""
    return next((OWN / name).glob("list.*")).read_bytes()


@cache
def known(name: str) -> tuple[frozenset[str], frozenset[Level]]:
    """Return the countries and levels of the undamaged list."""
    found = read(publishers()[name], whole(name))
    return (
        frozenset(code for one in found for code in one.countries),
        frozenset(level for one in found for level in (one.level_national, one.level_regional_max)),
    )


def read(publisher: Publisher, body: bytes) -> tuple[Advisory, ...]:
    """Read bytes in time; refused ones give nothing. Whatever is read must hold for every advisory."""
    capture = Capture(publisher.CARD.id, publisher.CARD.url, datetime(2026, 11, 9, tzinfo=UTC), body)
    start = time.monotonic()
    try:
        found = publisher.parse(capture).advisories
    except SourceBroken:
        found = ()
    assert time.monotonic() - start < SLOWEST
    for one in found:
        holds(one)
    return found


def holds(one: Advisory) -> None:
    """Assert what is true of every advisory: real countries, a web address, aware times, a level, no tag in any text."""
    assert set(one.countries) <= codes()
    assert re.match(r"https?://", one.url)
    assert all(moment is None or moment.tzinfo for moment in (one.published_at, one.updated_at, one.expires_at))
    assert all(level in {1, 2, 3, 4, "unstated", "unknown"} for level in (one.level_national, one.level_regional_max))
    said = [one.title, one.summary, one.level_words, *one.places, *one.unresolved]
    said += [text for contact in one.contacts for text in asdict(contact).values()]
    assert not [text for text in said if TAG.search(text)]


def says_no_more(name: str, body: bytes) -> None:
    """Assert that a list whose structure was kept names no country and no level that the undamaged one does not."""
    countries, levels = known(name)
    for one in read(publishers()[name], body):
        assert set(one.countries) <= countries
        assert {one.level_national, one.level_regional_max} <= levels


@st.composite
def damage(draw: st.DrawFn) -> Damage:
    """Draw one kind of damage to bytes: flips, chunks in another order or repeated, or a bomb put in somewhere."""
    kind = draw(st.sampled_from(["flip", "shuffle", "repeat", "bomb", "drop"]))
    places = draw(st.lists(st.floats(0, 1, exclude_max=True), min_size=1, max_size=6))
    if kind == "flip":
        return lambda body: flipped(body, places)
    if kind == "shuffle":
        order = draw(st.permutations(range(len(places) + 1)))
        return lambda body: b"".join(chunks(body, places)[i] for i in order)
    if kind == "repeat":
        times = draw(st.integers(2, 40))
        return lambda body: b"".join(part * (times if i == 1 else 1) for i, part in enumerate(chunks(body, places)))
    if kind == "drop":
        return lambda body: b"".join(chunks(body, places)[::2])
    bomb = draw(st.sampled_from(BOMBS + PAYLOADS))
    return lambda body: bomb.join(chunks(body, places[:2]))


def chunks(body: bytes, places: list[float]) -> list[bytes]:
    """Cut bytes at these shares of their length."""
    cuts = [0, *sorted(int(place * len(body)) for place in places), len(body)]
    return [body[a:b] for a, b in pairwise(cuts)]


def flipped(body: bytes, places: list[float]) -> bytes:
    """Turn one bit of the byte at each of these shares of the length."""
    changed = bytearray(body)
    for place in places:
        changed[int(place * len(body))] ^= 1 << int(place * 8)
    return bytes(changed)


@every_publisher
@limit()
@tried(100)
@given(data=st.data())
def test_damaged_bytes_end_as_a_fault_or_as_sound_objects(name: str, data: st.DataObject) -> None:
    """Flipped, shuffled, repeated, lost and booby-trapped bytes raise nothing but `SourceBroken`, and soon."""
    read(publishers()[name], data.draw(damage())(whole(name)))


@every_publisher
@limit()
@tried(25)
@given(share=st.floats(0, 1), marks=st.integers(0, 3), blank=st.sampled_from([b"", b" ", b"\r\n\t", b"\n" * 50]))
def test_a_cut_or_decorated_list_says_nothing_new(name: str, share: float, marks: int, blank: bytes) -> None:
    """A list cut anywhere, or with doubled byte order marks and blanks around it, invents no country and no level."""
    body = whole(name)
    says_no_more(name, b"\xef\xbb\xbf" * marks + blank + body + blank)
    says_no_more(name, body[: int(share * len(body))])


@every_publisher
@pytest.mark.parametrize("encoding", ["utf-16", "utf-32", "utf-7", "cp1252", "shift_jis", "big5", "euc_kr", "gb18030"])
def test_another_encoding_says_nothing_new(name: str, encoding: str) -> None:
    """A list in another encoding than it says is refused, or read without a country or level of its own invention."""
    says_no_more(name, whole(name).decode("utf-8-sig").encode(encoding, errors="replace"))


@every_publisher
@limit()
@tried(30)
@given(payload=st.sampled_from(PAYLOADS), place=st.floats(0, 1, exclude_max=True))
def test_a_script_in_a_text_reaches_nobody(name: str, payload: bytes, place: float) -> None:
    """A script put between two words of a text leaves no tag in it, and adds no country and no level."""
    body = whole(name)
    gaps = [match.start() for match in re.finditer(rb"(?<=[a-z]) (?=[a-z])", body)]
    cut = gaps[int(place * len(gaps))] if gaps else 0
    says_no_more(name, body[:cut] + b" " + payload + body[cut:])
