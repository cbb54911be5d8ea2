"""Ways in which bytes go bad, each a small object that says what must still be true. Its `repr` is all it takes to do it again."""

from __future__ import annotations

import json
import random
import re
from abc import abstractmethod
from dataclasses import dataclass
from enum import Enum
from itertools import pairwise
from typing import Any, ClassVar

from lxml import etree, html

SCRIPT = "alert(document.cookie)"
HIDDEN = (
    f"<script>{SCRIPT}</script>",
    "<b></b>",
    "\u202e\u202c\u200b\u200d\u2066\ufeff\u00ad",
    "&#x202e;&#8203;&#x2067;",
)
"""What no reader sees: it must be as if it were not there."""
SEEN = (
    f"&lt;script&gt;{SCRIPT}&lt;/script&gt;",
    "&lt;img src=x onerror=alert(1)&gt;",
    f"&amp;lt;script&amp;gt;{SCRIPT}&amp;lt;/script&amp;gt;",
    f"&lt;scr&lt;b&gt;ipt&gt;{SCRIPT}&lt;/script&gt;",
    f"\\u003cscript\\u003e{SCRIPT}\\u003c/script\\u003e",
    f"<![CDATA[<script>{SCRIPT}</script>]]>",
    "&lt;a href=&quot;javascript:alert(1)&quot;&gt;here&lt;/a&gt;",
    "[here](javascript:alert(1)) ![](https://elsewhere.example/x.png)",
    "\u202eoge\u202c",
)
"""What leaves words behind: they are words of the text like others, and must be harmless."""
BOMBS = (
    '<!DOCTYPE l [<!ENTITY a "aaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>', "&b;" * 200, "&#x10ffff;&#0;&#xd800;",
    "<div>" * 3000, "&lt;div&gt;" * 3000, "[" * 3000, '{"a":' * 3000, "<![CDATA[", "<!--", "]]>", "\0", '"', "\\ud800",
    "9" * 400, "-1", "null",
)  # fmt: skip
LISTS = frozenset({"ul", "ol", "li", "table", "tbody", "tr", "select"})
GAP = re.compile(r"(?<=[a-z]) (?=[a-z])|(?<=[\u4e00-\u9fff])(?=[\u4e00-\u9fff])")


class Promise(Enum):
    """What holds for every advisory that is read from mutated bytes.

    SAME: the reading is the one of the undamaged bytes, or broken.
    TOLD: key, countries and levels are those of an advisory of the undamaged bytes, or it names no place and no grade.
    WEAKER: a field or a letter was lost: it says no country and no grade beyond an undamaged advisory, and may have lost
        some and say so (`unknown`).
    SOUND: the text itself was changed, so it may say anything; it is a sound object all the same.
    """

    SAME = "same"
    TOLD = "told"
    WEAKER = "weaker"
    SOUND = "sound"


class Mutation:
    """One way in which bytes go bad."""

    promise: ClassVar[Promise]

    @abstractmethod
    def __call__(self, body: bytes) -> bytes:
        """Return the bytes gone bad."""


@dataclass(frozen=True)
class Cut(Mutation):
    """The connection broke: only this share of the bytes came. What was cut off must never look like withdrawn."""

    promise = Promise.SAME
    share: float

    def __call__(self, body: bytes) -> bytes:
        """Return the beginning."""
        return body[: int(self.share * len(body))]


@dataclass(frozen=True)
class Marked(Mutation):
    """Byte order marks and blanks before the first byte."""

    promise = Promise.SAME
    marks: int
    blank: bytes = b""

    def __call__(self, body: bytes) -> bytes:
        """Return the decorated bytes."""
        return b"\xef\xbb\xbf" * self.marks + self.blank + body + self.blank


@dataclass(frozen=True)
class Recoded(Mutation):
    """Sent in another encoding than the page says."""

    promise = Promise.WEAKER
    encoding: str

    def __call__(self, body: bytes) -> bytes:
        """Return the same text in that encoding; what it cannot hold becomes a question mark."""
        return body.decode("utf-8-sig").encode(self.encoding, errors="replace")


@dataclass(frozen=True)
class Inserted(Mutation):
    """Markup, links or invisible characters between two words of a text."""

    payload: str
    place: float

    @property
    def promise(self) -> Promise:  # type: ignore[override]
        """Say that what a reader does not see costs no more than the entry."""
        return Promise.WEAKER if self.payload in HIDDEN else Promise.SOUND

    def __call__(self, body: bytes) -> bytes:
        """Return the bytes with the payload in one of the gaps between words."""
        text = body.decode("utf-8-sig")
        gaps = [match.start() for match in GAP.finditer(text)]
        at = gaps[int(self.place * len(gaps))] if gaps else len(text)
        return f"{text[:at]}{self.payload}{text[at:]}".encode()


@dataclass(frozen=True)
class Rearranged(Mutation):
    """Whole entries in another order, lost, or given twice: the document stays well-formed."""

    way: str
    place: float
    seed: int = 0

    @property
    def promise(self) -> Promise:  # type: ignore[override]
        """Say that order means nothing, and that a lost field may cost an entry its meaning, never give it another."""
        return Promise.WEAKER if self.way == "drop" else Promise.TOLD

    def __call__(self, body: bytes) -> bytes:
        """Return the document with the children of one node shuffled, one of them dropped, or one repeated."""
        chance = random.Random(self.seed)
        if body.lstrip()[:1] in {b"{", b"["}:
            data = json.loads(body)
            self._children(list(_containers(data)), chance)
            return json.dumps(data, ensure_ascii=False).encode()
        page = b"<html" in body[:200].lower()
        marked = body[body.index(b"<") :]
        root = html.document_fromstring(marked) if page else etree.fromstring(marked)
        self._children([one for one in root.iter() if _is_list(one, self.way)], chance)
        return bytes(etree.tostring(root, encoding="utf-8", method="html" if page else "xml"))

    def _children(self, nodes: list[Any], chance: random.Random) -> None:
        if not nodes:
            return
        node = nodes[int(self.place * len(nodes))]
        keys = list(node) if isinstance(node, dict) else list(range(len(node)))
        if not keys:
            return
        if self.way == "shuffle" and not isinstance(node, dict):
            children = list(node)
            chance.shuffle(children)
            node[:] = children
        elif self.way == "drop":
            del node[chance.choice(keys)]
        elif self.way == "repeat" and isinstance(node, list):
            node.append(node[chance.choice(keys)])
        elif self.way == "repeat" and not isinstance(node, dict):
            node.append(etree.fromstring(etree.tostring(node[chance.choice(keys)], with_tail=False)))


@dataclass(frozen=True)
class Flipped(Mutation):
    """One bit turned at each of these shares of the length."""

    promise = Promise.SOUND
    places: tuple[float, ...]

    def __call__(self, body: bytes) -> bytes:
        """Return the flipped bytes."""
        changed = bytearray(body)
        for place in self.places:
            changed[int(place * len(body))] ^= 1 << int(place * 8)
        return bytes(changed)


@dataclass(frozen=True)
class Torn(Mutation):
    """The bytes cut at these shares of the length, and the pieces put together in this order: some lost, some twice."""

    promise = Promise.SOUND
    places: tuple[float, ...]
    order: tuple[int, ...]

    def __call__(self, body: bytes) -> bytes:
        """Return the pieces in order."""
        pieces = _pieces(body, self.places)
        return b"".join(pieces[number % len(pieces)] for number in self.order)


@dataclass(frozen=True)
class Bombed(Mutation):
    """Hostile bytes put in at these shares of the length."""

    promise = Promise.SOUND
    bomb: str
    places: tuple[float, ...]

    def __call__(self, body: bytes) -> bytes:
        """Return the bytes with the bomb between the pieces."""
        return self.bomb.encode().join(_pieces(body, self.places))


def _pieces(body: bytes, places: tuple[float, ...]) -> list[bytes]:
    cuts = [0, *sorted(int(place * len(body)) for place in places), len(body)]
    return [body[a:b] for a, b in pairwise(cuts)]


def _containers(node: object) -> list[Any]:
    """Return every object and list in a JSON value."""
    children = list(node.values()) if isinstance(node, dict) else node if isinstance(node, list) else []
    inside = [one for child in children for one in _containers(child)]
    return [node, *inside] if isinstance(node, dict | list) else inside


def _is_list(element: Any, way: str) -> bool:
    """Say whether children of an element can be moved: for another order or twice, only where all are of one kind.

    Of a page, fields are lost in lists only: a heading gone from a prose text leaves another text.
    """
    if not isinstance(element.tag, str) or not len(element):
        return False
    if way == "drop":
        return not isinstance(element, html.HtmlElement) or element.tag in LISTS
    return len(element) > 1 and len({child.tag for child in element}) == 1
