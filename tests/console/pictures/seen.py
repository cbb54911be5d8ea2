"""A picture as a machine sees it: read as XML, its texts and its table."""

from __future__ import annotations

from dataclasses import dataclass
from xml.etree.ElementTree import Element

from defusedxml.ElementTree import fromstring
from markupsafe import Markup

SVG = "{http://www.w3.org/2000/svg}"


@dataclass(frozen=True)
class Seen:
    """What is in a picture."""

    root: Element

    def every(self, name: str) -> list[Element]:
        """Return the elements of a name, be they HTML or SVG."""
        return [one for one in self.root.iter() if one.tag.removeprefix(SVG) == name]

    def texts(self, name: str, class_: str = "") -> list[str]:
        """Return the texts of the elements of a name, of a class if one is given."""
        return ["".join(one.itertext()) for one in self.every(name)
                if not class_ or class_ in one.get("class", "").split()]  # fmt: skip

    def values(self, name: str, attribute: str) -> list[str]:
        """Return an attribute of the elements of a name."""
        return [value for one in self.every(name) if (value := one.get(attribute))]

    def rows(self) -> list[list[str]]:
        """Return the table, cell by cell, without its head."""
        body = [one for one in self.every("tr") if one.find("td") is not None]
        return [["".join(cell.itertext()) for cell in row] for row in body]


def look(picture: Markup) -> Seen:
    """Read a picture, and hold it to what every picture keeps: well formed, no style of its own, every sign has its words."""
    seen = Seen(fromstring(f"<div>{picture}</div>"))
    everything = list(seen.root.iter())
    ids = [one.get("id") for one in everything if one.get("id")]
    assert len(ids) == len(set(ids)), ids
    for one in everything:
        assert not any(name == "style" or name.startswith("on") for name in one.keys()), one.attrib  # noqa: SIM118
        assert one.get("aria-labelledby", ids[0] if ids else "") in {*ids, ""}
        fill = one.get("fill", "")
        assert not fill or fill.removeprefix("url(#").removesuffix(")") in ids, fill
    for drawing in seen.every("svg"):
        assert drawing.get("role") == "img" or drawing.get("aria-hidden") == "true"
    return seen
