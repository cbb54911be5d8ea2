"""Reading entry by entry: dates, addresses, and names against codes."""

from __future__ import annotations

from datetime import UTC, datetime
from time import gmtime, struct_time

import pytest

from sources.entries import Unreadable, agree, moment_of, moment_of_epoch, web_address

PAGE = "https://one.example/list/"


@pytest.mark.parametrize("number", [1783604826, 1783604826000])
def test_epoch_numbers_are_told_apart_by_magnitude(number: int) -> None:
    """Seconds and milliseconds give the same moment."""
    assert moment_of_epoch(number) == datetime(2026, 7, 9, 13, 47, 6, tzinfo=UTC)


@pytest.mark.parametrize("number", [0, -5, 10**18])
def test_a_number_that_is_no_moment_is_unreadable(number: int) -> None:
    """Zero is a missing date, not 1970."""
    with pytest.raises(Unreadable, match="unreadable date"):
        moment_of_epoch(number)


def test_a_feeds_date_is_utc_or_missing_or_unreadable() -> None:
    """A date that is there and cannot be read is not the same as none."""
    assert moment_of(gmtime(0), "1970") == datetime(1970, 1, 1, tzinfo=UTC)
    assert moment_of(None, "  ") is None
    with pytest.raises(Unreadable, match="38 Nov"):
        moment_of(None, "38 Nov")
    with pytest.raises(Unreadable):
        moment_of(struct_time((2026, 13, 1, 0, 0, 0, 0, 1, 0)), "month 13")


@pytest.mark.parametrize(
    ("link", "address"),
    [
        ("./a.html", f"{PAGE}a.html"),
        ("", PAGE),
        ("//two.example/x", "https://two.example/x"),
        (" http://a.b/ ", "http://a.b/"),
    ],
)
def test_links_become_full_addresses(link: str, address: str) -> None:
    """A notice can quote what the page linked to."""
    assert web_address(PAGE, link) == address


@pytest.mark.parametrize(
    "link", ["javascript:alert(1)", "data:text/html,x", "mailto:a@b.c", "http://[", "file:///etc/x"]
)
def test_a_link_that_is_no_web_address_is_unreadable(link: str) -> None:
    """Nothing else may end up behind a link that people press."""
    with pytest.raises(Unreadable, match="no web address"):
        web_address(PAGE, link)


@pytest.mark.parametrize(
    ("by_name", "by_code", "found"),
    [
        (("NE",), ("NE",), ("NE",)),
        (("NE",), (None, None), ("NE",)),
        (("IL", "PS"), ("IL",), ("IL", "PS")),
        ((), ("KR", "KR"), ("KR",)),
    ],
)
def test_a_name_and_its_codes_agree(
    by_name: tuple[str, ...], by_code: tuple[str | None, ...], found: tuple[str, ...]
) -> None:
    """A code confirms a name, stands in for one nobody knows, and says nothing where it is missing."""
    assert agree("name", by_name, *by_code) == found


@pytest.mark.parametrize(
    ("by_name", "by_code", "words"),
    [
        (("NE",), ("NG",), "disagree"),
        (("NE",), ("NE", "NG"), "disagree"),
        ((), ("KR", "KP"), "disagree"),
        ((), (None,), "no known place"),
    ],
)
def test_a_contradiction_is_never_settled_by_guessing(
    by_name: tuple[str, ...], by_code: tuple[str | None, ...], words: str
) -> None:
    """Two countries for one entry, or none, go to an officer."""
    with pytest.raises(Unreadable, match=words):
        agree("name", by_name, *by_code)
