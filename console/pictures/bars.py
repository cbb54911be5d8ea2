"""How far a sending has come, a stacked bar for each channel with the numbers beside it. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from markupsafe import Markup

from console.pictures.markup import Link, Rows, Words, hatching, picture, said, tag
from core.i18n import Language, t
from notify.store.account import ARRIVED, NOT_ARRIVED
from notify.tables import DeliveryState

LEAST = 1.0
"""Per cent of the bar that even one notice of a quarter of a million takes up: what is there is seen."""


class Part(StrEnum):
    """What came of notices, in the order of the bar. Accepted is not delivered."""

    DELIVERED = "delivered"
    ACCEPTED = "accepted"
    WAITING = "waiting"
    DOUBT = "doubt"
    FAILED = "failed"


WORDS = {
    Part.DELIVERED: t("delivered"), Part.ACCEPTED: t("accepted by provider"), Part.WAITING: t("waiting"),
    Part.DOUBT: t("in doubt"), Part.FAILED: t("not delivered"),
}  # fmt: skip
_STATES = {
    DeliveryState.PLANNED: Part.WAITING, DeliveryState.READY: Part.WAITING, DeliveryState.SENDING: Part.WAITING,
    DeliveryState.UNKNOWN: Part.DOUBT, DeliveryState.UNRESOLVED: Part.DOUBT,
    DeliveryState.FAILED: Part.FAILED, DeliveryState.EXPIRED: Part.FAILED,
}  # fmt: skip


@dataclass(frozen=True)
class Bar:
    """The notices of one channel.

    Attributes:
        href: beginning of the address of the list behind a number; the name of the part is put after it. Empty: no list.
    """

    label: Words
    counts: Mapping[Part, int]
    href: str = ""

    @property
    def total(self) -> int:
        """Return how many notices there are."""
        return sum(self.counts.values())


def part_of(state: str, provider_status: str) -> Part | None:
    """Return where a notice stands in the bar; None for one that was held back or cancelled, and goes nowhere."""
    if state == DeliveryState.ACCEPTED:
        if provider_status in ARRIVED:
            return Part.DELIVERED
        return Part.FAILED if provider_status in NOT_ARRIVED else Part.ACCEPTED
    return _STATES.get(DeliveryState(state))


def delivery_bars(name: str, bars: Sequence[Bar], language: Language) -> Markup:
    """Return a bar for each channel, its numbers in words beneath it, and all as a table.

    Args:
        name: id of the picture, unique on the page.
    """
    lines = [_line(f"{name}-{number}", bar, language) for number, bar in enumerate(bars)]
    parts = [part for part in Part if any(bar.counts.get(part) for bar in bars)]
    rows = Rows(
        t("Notices by channel"), (t("Channel"), t("Notices"), *(WORDS[part] for part in parts)),
        tuple((bar.label, bar.total, *(_cell(bar, part) for part in parts)) for bar in bars),
    )  # fmt: skip
    return picture(name, tag("ol", {"class": "bars"}, *lines), rows, language)


def _line(name: str, bar: Bar, language: Language) -> Markup:
    label = said(bar.label, language)
    there = [part for part in Part if bar.counts.get(part)]
    numbers = [_number(name, bar, part, language) for part in there]
    head = tag("p", {"class": "bar-label"}, tag("strong", {}, label), " ",
               said(t("{count} notices", count=bar.total), language))  # fmt: skip
    told = f"{label}: " + ", ".join(f"{said(WORDS[part], language)} {bar.counts[part]}" for part in there)
    return tag("li", {}, head, _drawn(name, told, bar), tag("ul", {"class": "bar-numbers"}, *numbers))


def _drawn(name: str, told: str, bar: Bar) -> Markup:
    """Draw one bar in per cent of the width there is, so that hatching keeps its slant however wide that is."""
    pieces, at = [], 0.0
    for part, width in shares(bar.counts).items():
        pieces.append(tag("rect", {"class": f"part part-{part}", "x": f"{at:.2f}%", "y": 1, "width": f"{width:.2f}%",
                                   "height": 22} | _fill(name, part)))  # fmt: skip
        at += width
    frame = {"class": "bar", "role": "img", "aria-labelledby": f"{name}-title", "width": "100%", "height": 24,
             "focusable": "false"}  # fmt: skip
    return tag("svg", frame, tag("title", {"id": f"{name}-title"}, told), hatching(name), *pieces)


def shares(counts: Mapping[Part, int]) -> dict[Part, float]:
    """Return the width of each part that is there, in per cent, none too small to be seen; together 100."""
    total = sum(counts.values())
    raised = {part: max(100 * counts[part] / total, LEAST) for part in Part if counts.get(part)}
    whole = sum(raised.values())
    return {part: 100 * width / whole for part, width in raised.items()}


def _fill(name: str, part: Part) -> dict[str, object]:
    return {"fill": f"url(#{name}-hatch)"} if part is Part.DOUBT else {}


def _number(name: str, bar: Bar, part: Part, language: Language) -> Markup:
    box = tag("rect", {"class": f"part part-{part}", "x": 1, "y": 1, "width": 12, "height": 12} | _fill(name, part))
    sign = tag("svg", {"class": "key", "width": 14, "height": 14, "aria-hidden": "true", "focusable": "false"}, box)
    words = tag("span", {}, f"{said(WORDS[part], language)} ", tag("strong", {}, bar.counts[part]))
    inside = (sign, " ", words)
    return tag("li", {}, tag("a", {"href": bar.href + part}, *inside) if bar.href else inside[0] + " " + words)


def _cell(bar: Bar, part: Part) -> Link | int:
    count = bar.counts.get(part, 0)
    return Link(count, bar.href + part) if bar.href and count else count
