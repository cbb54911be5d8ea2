"""Words of others inside our Markdown: the brief and Prefect's pages. Pure."""

from __future__ import annotations

import re

_ENDS = re.compile(r"[\s()<>\\]")
_ACTIVE = re.compile(r"[\\\[\]<]|^[#>+=-]")


def quoted(text: str) -> str:
    """Return `text` on one line, unable to become a link, an image, a tag or a heading of its own.

    Only what can act is escaped (CommonMark, section 2.4), so that the file still reads well as it is: stars and backticks
    change no more than the look of a word.
    """
    return _ACTIVE.sub(r"\\\g<0>", " ".join(text.split()))


def linked(url: str) -> str:
    """Return an address as the target of a Markdown link, unable to end it early."""
    return _ENDS.sub(lambda found: f"%{ord(found[0]):02X}", url)
