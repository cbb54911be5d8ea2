"""The size of an SMS."""

from __future__ import annotations

import pytest

from notify.sms import Parts, count


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("中" * 70, 1),
        ("中" * 71, 2),
        ("中" * 134, 2),
        ("中" * 135, 3),
        ("🚨" * 35, 1),
        ("🚨" * 36, 2),
        ("🚨" * 67, 3),
        ("中" * 66 + "🚨" + "中" * 66, 3),
        ("a" * 152 + "€" + "a" * 150, 2),
        ("a" * 160, 1),
        ("a" * 161, 2),
        ("a" * 306, 2),
        ("a" * 307, 3),
        ("a" * 152 + "€" + "a" * 152, 3),
        ("€" * 80, 1),
        ("€" * 81, 2),
        ("", 0),
    ],
)
def test_parts(text: str, parts: int) -> None:
    """A text takes as many parts as the network would carry, without splitting a character of two units."""
    assert count(text).parts == parts


@pytest.mark.parametrize("odd", ["’", "`", "\u00a0", "中"])
def test_one_odd_character_changes_the_alphabet(odd: str) -> None:
    """One curly quote, backtick, no-break space or Chinese character turns the whole text into UCS-2."""
    assert count("a" * 99 + odd) == Parts("ucs2", 100, 2)


def test_units() -> None:
    """Extended characters take two septets, an emoji two UTF-16 units, a letter of the alphabet one septet."""
    assert count("[é]") == Parts("gsm7", 5, 1)
    assert count("🚨中") == Parts("ucs2", 3, 1)
