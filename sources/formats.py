"""From bytes to JSON, feeds and HTML. Pure; refuses what is hostile, cut off or not the format.

Bytes are decoded here and nowhere else: headers lie about charsets or name none (the ministry's list has no charset,
and a client that falls back to ISO-8859-1 garbles it).
"""

from __future__ import annotations

import io
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from xml.etree.ElementTree import Element, ParseError

import feedparser
import orjson
from bs4 import BeautifulSoup, Tag
from bs4.dammit import EncodingDetector
from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser, fromstring

from core.errors import SourceBroken
from core.i18n import Message, t
from sources.model import Capture

BOM = b"\xef\xbb\xbf"
# The mark once more encoded as if it were Latin-1: seen in a stored GDACS feed (knowledge: hazards-and-cap, 1.1).
DOUBLE_BOM = b"\xc3\xaf\xc2\xbb\xc2\xbf"
_PROLOG = re.compile(r"^\s*<\?xml[^>]*>")
# Python decodes more than pages are written in; some of it takes time that grows with the square of the length (idna).
_OF_THE_WEB = re.compile(
    r"utf-?8|gb_?2312|gbk|gb18030|big5(-hkscs)?|(windows-|cp)\d{3,5}|iso-?8859-\d{1,2}|latin-?1|(us-)?ascii|shift[-_]jis|euc-(jp|kr)"
    r"|koi8-[ru]",
    re.IGNORECASE,
)
LONGEST_TAIL = 4_000
"""Bytes at the end of a page in which its closing tag must stand; some servers add comments after it."""
MOST_TAGS, MOST_FEED_TAGS, MOST_XML_TAGS = 50_000, 200_000, 1_000_000
"""Tags (`<`) in one page, elements in a feed and in another XML document. Building a page takes some 30 µs for each, and
millions fit into 20 MB. Real pages and feeds stay under 20,000; two days of Japanese mails to 200 countries each have some 200,000."""
DEEPEST = 100
"""Deepest nesting we read. Real feeds stay under 10, real pages under 40; libxml2 drops what is below 256."""


def read_json(capture: Capture) -> Mapping[str, Any]:
    """Read a JSON object in UTF-8.

    Raises:
        SourceBroken: no JSON, no UTF-8, too deep, or something else than an object with members. (An empty object is
            what some publishers answer with when they switch a feed off.)
    """
    found = _json(capture)
    if not isinstance(found, dict) or not found:
        raise wrong_shape(capture, t("a JSON object with entries"))
    return found


def read_json_list(capture: Capture) -> list[Any]:
    """Read a JSON list in UTF-8.

    Raises:
        SourceBroken: no JSON, no UTF-8, too deep, or something else than a list with entries.
    """
    found = _json(capture)
    if not isinstance(found, list) or not found:
        raise wrong_shape(capture, t("a JSON list with entries"))
    return found


def _json(capture: Capture) -> Any:
    try:
        return orjson.loads(_strip(capture.body))
    except orjson.JSONDecodeError as error:
        raise SourceBroken(
            t(
                "{source}: {url} is no readable JSON: {reason}.",
                **_where(capture),
                reason=str(error),
            )
        ) from error


def read_feed(capture: Capture) -> Any:
    """Read an RSS or Atom feed as feedparser's structure.

    Only the entries' own HTML is left as it is: whoever shows it must clean it.

    Raises:
        SourceBroken: not well-formed XML, with a DTD or entities, nested too deep, or no feed with entries.
    """
    body = _strip(capture.body)
    _guard_xml(capture, body, MOST_FEED_TAGS)
    # Always a stream: feedparser takes plain bytes for a file name when they look like one.
    feed = feedparser.parse(io.BytesIO(body), sanitize_html=False, resolve_relative_uris=False)
    if not feed.get("version") or not feed.entries:
        raise wrong_shape(capture, t("a feed with entries"))
    return feed


def read_xml(capture: Capture, root: str) -> Element:
    """Read an XML document whose outermost element is `root`.

    Raises:
        SourceBroken: not well-formed, with a DTD or entities, nested too deep, or another document.
    """
    body = _strip(capture.body)
    _guard_xml(capture, body, MOST_XML_TAGS)
    found: Element = fromstring(body, forbid_dtd=True)
    if found.tag != root:
        raise wrong_shape(capture, t("the element {name}", name=root))
    return found


def read_html(capture: Capture) -> BeautifulSoup:
    """Read an HTML page, decoded by its own `<meta charset>`, else as UTF-8.

    Raises:
        SourceBroken: the bytes are not in that encoding, or the page is nested too deep.
    """
    body = _strip(capture.body)
    declared = EncodingDetector.find_declared_encoding(body, is_html=True) or "utf-8"
    try:
        if not _OF_THE_WEB.fullmatch(declared):
            raise LookupError(declared)
        # GB2312 in a header means its superset in practice (WHATWG Encoding Standard, "gbk").
        text = body.decode("gb18030" if declared.lower() in {"gb2312", "gbk"} else declared)
    except (UnicodeDecodeError, LookupError) as error:
        raise SourceBroken(
            t(
                "{source}: {url} is not in the encoding {encoding}.",
                **_where(capture),
                encoding=declared,
            )
        ) from error
    if "<" not in text:
        raise wrong_shape(capture, t("an HTML page"))
    if text.count("<") > MOST_TAGS:
        raise _hostile(capture)
    soup = BeautifulSoup(_PROLOG.sub("", text), "lxml")
    if _too_deep(soup):
        raise _hostile(capture)
    return soup


def read_whole_html(capture: Capture) -> BeautifulSoup:
    """Read an HTML page that ends as pages do: half a page could lack the very line that matters.

    Raises:
        SourceBroken: as `read_html`, or the page has no end.
    """
    soup = read_html(capture)
    if not has_end(capture):
        raise wrong_shape(capture, t("the end of an HTML page"))
    return soup


def has_end(capture: Capture) -> bool:
    """Say whether an HTML page ends as pages do."""
    return b"</html>" in capture.body[-LONGEST_TAIL:].lower()


def is_closed(capture: Capture, begins: re.Pattern[bytes], name: str) -> bool:
    """Say whether the element that `begins` finds first was closed: for pages of which only this part matters.

    Args:
        begins: the opening tag, in bytes.
        name: the element's name (`div`); others of that name inside it must be closed as well.
    """
    start = begins.search(capture.body)
    if start is None:
        return False
    depth = 1
    for tag in re.finditer(rb"<(/?)%b\b" % name.encode(), capture.body[start.end() :], re.IGNORECASE):
        depth += -1 if tag[1] else 1
        if not depth:
            return True
    return False


def wrong_shape(capture: Capture, expected: Message) -> SourceBroken:
    """Say that bytes could be decoded, but are not what this source publishes: `expected`, a sentence part."""
    return SourceBroken(
        t(
            "{source}: {url} does not hold {expected}: redesigned, moved or switched off.",
            **_where(capture),
            expected=expected,
        )
    )


def _strip(body: bytes) -> bytes:
    return body.removeprefix(BOM).removeprefix(DOUBLE_BOM).strip()


def _where(capture: Capture) -> dict[str, object]:
    return {"source": capture.source, "url": capture.url}


def _hostile(capture: Capture) -> SourceBroken:
    return SourceBroken(
        t("{source}: {url} is nested too deep or declares entities; it was not read.", **_where(capture))
    )


@dataclass
class _DepthGuard:
    """A target for the XML parser that builds nothing and stops at too deep a nesting or after too many elements."""

    most: int
    depth: int = 0
    count: int = 0

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        """Count one level down."""
        self.depth += 1
        self.count += 1
        if self.depth > DEEPEST or self.count > self.most:
            raise RecursionError(tag)

    def end(self, tag: str) -> None:
        """Count one level up."""
        self.depth -= 1

    def data(self, text: str) -> None:
        """Take no notice of text."""
        return

    def close(self) -> None:
        """Return nothing: only the depth was wanted."""
        return


def _guard_xml(capture: Capture, body: bytes, most: int) -> None:
    """Refuse what feedparser would take: half documents, DTDs, entities, towers and deserts of elements."""
    parser = DefusedXMLParser(target=_DepthGuard(most), forbid_dtd=True)
    try:
        parser.feed(body)
        parser.close()
    except (DefusedXmlException, RecursionError) as error:
        raise _hostile(capture) from error
    except (ParseError, ValueError, LookupError) as error:
        raise SourceBroken(
            t(
                "{source}: {url} is no readable XML: {reason}.",
                **_where(capture),
                reason=str(error),
            )
        ) from error


def _too_deep(soup: BeautifulSoup) -> bool:
    stack: list[tuple[Tag, int]] = [(soup, 0)]
    while stack:
        element, depth = stack.pop()
        if depth > DEEPEST:
            return True
        stack.extend((child, depth + 1) for child in element.contents if isinstance(child, Tag))
    return False
