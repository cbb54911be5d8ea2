"""Elements of SVG and HTML, escaped, and the frame around every picture: what it says in a sentence, and its table. Pure.

No element carries `style=`: the pages' policy forbids it (`console.pages.frame.HEADERS`). Colours are classes of
`static/office.css`, so that light, dark, print and forced colours are decided in one place.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup, escape

from core.i18n import Language, Message, t

Words = Message | str | int
"""What stands on a picture: a sentence of ours, a name or a number as it is."""


@dataclass(frozen=True)
class Link:
    """A cell of a table that leads somewhere."""

    words: Words
    href: str


Cell = Words | Link


@dataclass(frozen=True)
class Rows:
    """The same data as a table; the first cell of a row names it."""

    caption: Message
    heads: tuple[Message, ...]
    rows: tuple[tuple[Cell, ...], ...]


def tag(element: str, attributes: Mapping[str, object] | None = None, *children: object) -> Markup:
    """Return an element with everything in it escaped but what is markup already.

    Args:
        attributes: by name, as they are written.
    """
    given = "".join(f' {name}="{escape(value)}"' for name, value in (attributes or {}).items())
    return Markup(f"<{element}{given}>{''.join(escape(one) for one in children)}</{element}>")  # noqa: S704 (escaped above)


def said(words: Words, language: Language) -> str:
    """Return words as the reader reads them."""
    return words.render(language) if isinstance(words, Message) else str(words)


def drawing(name: str, told: str, size: tuple[int, int], *children: object) -> Markup:
    """Return an SVG drawing that says in a sentence what it shows.

    Args:
        name: its id, unique on the page.
        size: width and height in its own units; it is shown as large, and the page scrolls it where it is wider.
    """
    width, height = size
    shown = {
        "xmlns": "http://www.w3.org/2000/svg", "class": "drawing", "role": "img", "aria-labelledby": f"{name}-title",
        "viewBox": f"0 0 {width} {height}", "width": width, "height": height, "focusable": "false",
    }  # fmt: skip
    return tag("svg", shown, tag("title", {"id": f"{name}-title"}, told), *children)


def hatching(name: str) -> Markup:
    """Return the pattern of what is not known; it is filled in by `url(#name-hatch)`. Each drawing has its own: one in a closed
    part of the page would not be drawn for the others.
    """
    ground = tag("rect", {"class": "hatch-ground", "width": 6, "height": 6})
    line = tag("path", {"class": "hatch-line", "d": "M-1,7 L7,-1 M-1,1 L1,-1 M5,7 L7,5"})
    pattern = {"id": f"{name}-hatch", "width": 6, "height": 6, "patternUnits": "userSpaceOnUse"}
    return tag("defs", {}, tag("pattern", pattern, ground, line))


def picture(name: str, shown: Markup, rows: Rows, language: Language) -> Markup:
    """Return a picture with the table of its data one click away. What is wider than the page scrolls inside itself."""
    inside = tag("div", {"class": "picture-scroll", "tabindex": 0, "role": "group", "aria-label": said(rows.caption, language)},
                 shown)  # fmt: skip
    opened = tag("details", {"class": "picture-data"}, tag("summary", {}, said(t("The same as a table"), language)),
                 table(rows, language))  # fmt: skip
    return tag("figure", {"class": "picture", "id": name}, inside, opened)


def table(rows: Rows, language: Language, *, cards: bool = True) -> Markup:
    """Return the data as a table that scrolls inside itself, and is a row of cards on a phone.

    Args:
        cards: False: a table on a phone too. Each cell of a card carries its heading, which is much for hundreds of rows.
    """
    caption = said(rows.caption, language)
    heads = [said(one, language) for one in rows.heads]
    first = rows.rows[0] if rows.rows else ("",) * len(heads)
    columns = (tag("th", {"scope": "col"} | _kind(cell), one) for one, cell in zip(heads, first, strict=True))
    head = tag("thead", {}, tag("tr", {}, *columns))
    lines = [_line(row, heads if cards else (), language) for row in rows.rows]
    made = tag(
        "table", {"class": "cards"} if cards else {}, tag("caption", {}, caption), head, tag("tbody", {}, *lines)
    )
    return tag("div", {"class": "table", "role": "region", "aria-label": caption, "tabindex": 0}, made)


def _line(row: Sequence[Cell], heads: Sequence[str], language: Language) -> Markup:
    first, *others = row
    named = [{"data-head": head} for head in heads[1:]] or [{}] * len(others)
    cells = [tag("td", name | _kind(one), _cell(one, language)) for name, one in zip(named, others, strict=True)]
    return tag("tr", {}, tag("th", {"scope": "row"}, _cell(first, language)), *cells)


def _kind(cell: Cell) -> dict[str, object]:
    return {"class": "number"} if isinstance(cell.words if isinstance(cell, Link) else cell, int) else {}


def _cell(cell: Cell, language: Language) -> Markup | str:
    if isinstance(cell, Link):
        return tag("a", {"href": cell.href}, said(cell.words, language))
    return said(cell, language)
