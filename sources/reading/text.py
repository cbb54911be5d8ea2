"""Plain text from the HTML of feeds and pages. Pure. Hostile nesting and size are bounded before anything is parsed."""

from __future__ import annotations

import html
import re
import unicodedata
import warnings

from bs4 import BeautifulSoup, CData, MarkupResemblesLocatorWarning, Tag, XMLParsedAsHTMLWarning
from bs4.element import NavigableString

MAX_CHARS = 2_000_000
"""Longest HTML that is read; what comes after is cut. No notice of a real publisher has a tenth of it."""

MAX_DEPTH = 200
"""Deepest nesting given to the parser, which recurses; deeper text loses its tags first."""

MOST_PASSES = 3
"""How often elements are cut out of a plain field; a text that still holds some was made to, and loses every `<`."""

MOST_TAGS = 5_000
"""Tags in one text that are built into a tree; a text with more loses its tags first. Real ones have some hundred."""

_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]*)[^<>]*?(/?)>")
_VOID = frozenset(
    {"br", "hr", "img", "input", "meta", "link", "area", "base", "col", "source", "wbr", "p", "li", "td", "tr", "th"}
)
_BLOCK = (
    "p",
    "div",
    "li",
    "tr",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "table",
    "ul",
    "ol",
    "section",
    "article",
    "blockquote",
)
_APART = frozenset({*_BLOCK, "td", "th", "dt", "dd", "option"})
_HAN = re.compile(r"[\u3400-\u9fff]")
_DROPPED = ("script", "style", "noscript", "template", "head", "iframe", "object", "svg")
# Elements of HTML only: a publisher may well write <Update> or "winds < 50 kn", which are words.
_ELEMENT = re.compile(
    r"</?(?:script|style|iframe|object|embed|svg|math|img|video|audio|form|input|button|link|meta|base|html|head|body|a|p|br"
    r"|hr|div|span|b|i|u|s|em|strong|small|font|center|ul|ol|li|dl|dt|dd|table|thead|tbody|tr|td|th|h[1-6]|section|article"
    r"|blockquote|template|noscript)(?=[\s/>])[^<>]*>",
    re.IGNORECASE,
)
_DOUBLE = re.compile(r"&(?:amp;)+(?=#?\w{1,8};)|&lt;/?[a-zA-Z][^<>]{0,400}?&gt;")
# Controls, soft hyphens, marks that turn the reading direction, joiners, fillers and tag characters: nobody sees them, but they
# turn words around, split a country's name from its reader, and make two titles that look the same two notices.
_INVISIBLE = re.compile(
    r"[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u0084\u0086-\u009f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e"
    r"\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff9-\ufffb\U000e0000-\U000e007f]"
)
_SPACES = re.compile(r"[^\S\n]+")


def to_text(html_text: str) -> str:
    """Return the words of `html_text`: paragraphs as lines, entities decoded, no-break spaces as spaces.

    Twice-encoded entities are decoded too. Scripts, styles and invisible characters (also those that turn the reading
    direction) are dropped. Text without tags passes through. Bounded: at most `MAX_CHARS` are read, and markup nested
    deeper than `MAX_DEPTH` is stripped flat.
    """
    source = visible(html_text[:MAX_CHARS])
    for _ in range(2):
        if not _DOUBLE.search(source):
            break
        source = html.unescape(source)
    if "<" not in source:
        return lines(html.unescape(source))
    if source.count("<") > MOST_TAGS or _depth(source) > MAX_DEPTH:
        return lines(html.unescape(_TAG.sub(_flat, source)))
    return lines(_soup(source))


def without_tags(text: str) -> str:
    """Return plain text without invisible characters, and text that holds elements of HTML without them, on one line.

    A field that should be plain text may hold markup: scripts go with their words, what is still an element is cut out.
    """
    seen = visible(text)
    for _ in range(MOST_PASSES):  # what is cut out may have stood between the halves of another element
        if not _ELEMENT.search(seen):
            return seen
        seen = " ".join(_ELEMENT.sub(" ", to_text(seen)).split())
    return seen.replace("<", " ") if _ELEMENT.search(seen) else seen


def shown(tag: Tag) -> str:
    """Return the words of an element of a page on one line, as a reader sees them.

    A tag inside a Chinese word does not part it: 暂勿<b>前往</b> is one grade, and read apart another one.
    """
    said, block = "", tag
    for node in tag.descendants:
        if type(node) not in {NavigableString, CData} or not str(node).strip():
            continue
        around = next((parent for parent in node.parents if parent is tag or parent.name in _APART), tag)
        within_word = around is block and _HAN.match(said[-1:]) and _HAN.match(str(node))
        said += str(node) if within_word else f" {node}"
        block = around
    return " ".join(without_tags(said).split())


def visible(text: str) -> str:
    """Return the text without the characters that nobody sees."""
    return text if text.isascii() and text.isprintable() else _INVISIBLE.sub("", text)


def _soup(source: str) -> str:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", MarkupResemblesLocatorWarning)
        warnings.simplefilter("ignore", XMLParsedAsHTMLWarning)
        soup = BeautifulSoup(source, "lxml")
    for tag in soup(_DROPPED):
        tag.decompose()
    for tag in soup.find_all("br"):
        tag.replace_with("\n")
    for tag in soup.find_all(_BLOCK):
        tag.insert_before("\n")
        tag.insert_after("\n")
    return soup.get_text()


def _flat(match: re.Match[str]) -> str:
    return "\n" if match[2].lower() in (*_BLOCK, "br") else ""


def _depth(source: str) -> int:
    """Return how deep tags are nested at most, counting opened and closed ones without building a tree."""
    depth = deepest = 0
    for match in _TAG.finditer(source):
        if match[2].lower() in _VOID or match[3]:
            continue
        depth = max(0, depth - 1) if match[1] else depth + 1
        deepest = max(deepest, depth)
    return deepest


def lines(text: str) -> str:
    """Return `text` with each line's white space folded, without empty lines and invisible characters, in NFC."""
    clean = visible(unicodedata.normalize("NFC", text)).replace("\r", "\n")
    folded = (_SPACES.sub(" ", line).strip() for line in clean.split("\n"))
    return "\n".join(line for line in folded if line)
