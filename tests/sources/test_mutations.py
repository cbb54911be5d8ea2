"""Every page of every publisher, gone bad in every way: a named fault, or advisories that say what the whole page says."""

from __future__ import annotations

import pytest

from tests.sources.mutations import (
    BOMBS,
    HIDDEN,
    SEEN,
    Bombed,
    Cut,
    Inserted,
    Marked,
    Mutation,
    Promise,
    Rearranged,
    Recoded,
)
from tests.sources.promises import keeps
from tests.sources.scenes import page_of, scenes, targets, truth

every_page = pytest.mark.parametrize(("scene", "page"), targets(), ids=lambda value: str(value))
PLACES = (0.15, 0.5, 0.85)


def hold(scene: str, page: str, *mutations: Mutation) -> None:
    """Assert that each mutation of a page keeps its promise."""
    for one in mutations:
        try:
            keeps(scene, page, one(page_of(scene, page)), one.promise)
        except AssertionError as error:
            raise AssertionError(f"{scene}/{page}: {one!r}: {error}") from error


@pytest.mark.parametrize("scene", scenes())
def test_every_scene_says_something(scene: str) -> None:
    """The undamaged pages give advisories, or the tests below would prove nothing."""
    assert truth(scene)


@every_page
def test_a_page_that_was_cut_off_is_whole_or_refused(scene: str, page: str) -> None:
    """A page cut anywhere is never taken for a shorter one."""
    hold(scene, page, *(Cut(share / 20) for share in range(20)), Cut(0.99))


@every_page
def test_marks_and_blanks_change_nothing(scene: str, page: str) -> None:
    """Byte order marks, doubled ones too, and blanks around a page end in the same reading, or in a fault."""
    hold(scene, page, *(Marked(marks, blank) for marks in range(4) for blank in (b"", b" ", b"\r\n\t", b"\n" * 50)))


@every_page
def test_another_encoding_says_nothing_new(scene: str, page: str) -> None:
    """A page in another encoding than it says is refused, or read without a country or grade of its own invention."""
    names = ("utf-16", "utf-16-le", "utf-32", "cp1252", "shift_jis", "big5", "euc_kr", "gb18030", "ascii")
    hold(scene, page, *(Recoded(name) for name in names))


@every_page
def test_another_order_says_the_same(scene: str, page: str) -> None:
    """Entries in another order, and entries given twice, say what they said."""
    hold(scene, page, *(Rearranged(way, place, 7) for way in ("shuffle", "repeat") for place in PLACES))


@every_page
def test_a_lost_field_costs_no_more_than_the_entry(scene: str, page: str) -> None:
    """Without one of its fields an entry is set aside or says less, never something else."""
    hold(scene, page, *(Rearranged("drop", n / 30, seed) for n in range(30) for seed in range(1)))


@every_page
@pytest.mark.parametrize("payload", HIDDEN + SEEN)
def test_markup_in_a_text_reaches_nobody(scene: str, page: str, payload: str) -> None:
    """Scripts, pictures, links and marks that turn the reading direction leave no trace, and add no country and no grade."""
    hold(scene, page, *(Inserted(payload, place) for place in PLACES))


@every_page
def test_hostile_bytes_end_soon(scene: str, page: str) -> None:
    """Entity bombs, towers, half comments and impossible numbers anywhere end in a fault or in sound objects."""
    hold(scene, page, *(Bombed(bomb, (place,)) for bomb in BOMBS for place in (0.3, 0.8)))


@every_page
@pytest.mark.parametrize(
    "body",
    [
        b"[" * 10_000,
        b"[" * 10_000 + b"]" * 10_000,
        b'{"data":' * 10_000 + b"1" + b"}" * 10_000,
        b"<rss version='2.0'><channel><item>" + b"<a>" * 10_000 + b"</a>" * 10_000 + b"</item></channel></rss>",
        b"<html><body><ul class='news-list'><li>" + b"<div>" * 10_000 + b"x" + b"</div>" * 10_000 + b"</li></ul></body></html>",
        b"<html>" + b"<ul><li>" * 10_000 + b"</html>",
        b'<!DOCTYPE l [<!ENTITY a "aaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;">]><rss><channel><item>&b;</item></channel></rss>',
        b'<!DOCTYPE l SYSTEM "file:///etc/passwd"><rss version="2.0"><channel><item/></channel></rss>',
        b"",
    ],
    ids=["brackets", "arrays", "objects", "elements", "divisions", "lists", "entities", "outside", "nothing"],
)  # fmt: skip
def test_towers_of_ten_thousand_are_refused(scene: str, page: str, body: bytes) -> None:
    """What is nested ten thousand deep, or declares entities, is as good as a page that cannot be had."""
    keeps(scene, page, body, Cut.promise)


DESERTS = {
    "items": "<html><body><ul class='news-list news'>" + "<li>" * 10_000 + "</ul></body></html>",
    "links": "<html><body><div class='news-list list-content'><ul class='news-list news'>"
    + "<li><a href='./202611/t20261105_1.htm'>提醒中国公民暂勿前往海地</a><span>2026-11-05</span></li>\n" * 200
    + "</ul></div></body></html>",
    "brackets": "[" * 200_000,
    "pairs": "[" + "[]," * 20_000 + "1]",
    "entries": "<rss version='2.0'><channel><title>x</title>"
    + "<item><title>x</title></item>" * 2_000
    + "</channel></rss>",
    "half tags": "<rss version='2.0'><channel><item><title>" + "&lt;b " * 10_000 + "</title></item></channel></rss>",
    "words": "<html><body><h1>" + "a b " * 10_000 + "</h1></body></html>",
    "signs": "<html><body>" + "&amp;lt;" * 5_000 + "</body></html>",
}
"""What is dear to build, in small: with the 20 MB that the largest page may have, all were timed once by hand."""


@every_page
def test_a_desert_of_tags_ends_soon(scene: str, page: str) -> None:
    """Thousands of empty entries, links, brackets and half tags end in time, as a fault or as sound objects."""
    for body in DESERTS.values():
        keeps(scene, page, body.encode(), Promise.SOUND)
