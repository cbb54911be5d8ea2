"""The roll call as a ring, never without the table by country or company: a ring alone tells nobody whom to call. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import cos, pi, sin

from markupsafe import Markup

from console.pictures.markup import Cell, Link, Rows, Words, drawing, hatching, said, table, tag
from core.i18n import Language, t
from notify.safety.tally import STATE_WORDS, State, Tally

SIZE, OUTER, INNER = 180, 84, 54
LEAST = 0.02
"""Share of the ring that even one person takes up."""


@dataclass(frozen=True)
class Group:
    """People of one country or company. `href`: their part of the board; empty: none."""

    label: Words
    tally: Tally
    href: str = ""


def roll_call_ring(name: str, total: Tally, groups: Sequence[Group], language: Language) -> Markup:
    """Return the ring with its numbers, and the table by group beside it.

    Args:
        name: id of the picture, unique on the page.
    """
    counts = by_state(total)
    people = sum(counts.values())
    told = ", ".join(f"{said(STATE_WORDS[state], language)} {count}" for state, count in counts.items())
    call = said(t("Roll call"), language)
    middle = (
        tag("text", {"class": "ring-number", "x": SIZE / 2, "y": SIZE / 2 + 4, "text-anchor": "middle"}, people),
        tag("text", {"class": "ring-words", "x": SIZE / 2, "y": SIZE / 2 + 22, "text-anchor": "middle"}, said(t("people"), language)),
    )  # fmt: skip
    ring = drawing(f"{name}-ring", f"{call}: {told}", (SIZE, SIZE), hatching(name),
                   *_pieces(name, counts), *middle)  # fmt: skip
    numbers = tag("ul", {"class": "ring-numbers"}, *(_number(name, state, counts[state], language) for state in State))
    heads = (t("Country or company"), t("People"), *(STATE_WORDS[state] for state in State))
    rows = Rows(t("Roll call by group"), heads, tuple(map(_row, groups)))
    return tag("figure", {"class": "picture ring", "id": name}, tag("div", {"class": "ring-drawn"}, ring, numbers),
               table(rows, language))  # fmt: skip


def by_state(total: Tally) -> dict[State, int]:
    """Return how many people stand where, in the order in which they are worked off."""
    return {State.HELP: total.help, State.SILENT: total.silent, State.UNCLEAR: total.unclear, State.SAFE: total.safe}


def _pieces(name: str, counts: dict[State, int]) -> list[Markup]:
    people = sum(counts.values())
    raised = {state: max(count / people, LEAST) for state, count in counts.items() if count}
    whole, at, drawn = sum(raised.values()), 0.0, []
    for state, share in raised.items():
        width = share / whole
        path = tag("path", {"class": f"word word-{state}", "d": arc(at, at + width)} | _fill(name, state))
        drawn.append(path)
        at += width
    return drawn or [tag("path", {"class": "word word-nobody", "d": arc(0, 1)})]


def arc(begin: float, end: float) -> str:
    """Return the outline of a piece of the ring, from one share of the circle to another, clockwise from the top."""
    # A whole circle has no two ends: it is left open by a hair.
    end = min(end, begin + 0.9999)
    large = int(end - begin > 0.5)
    outer, inner = (_on(OUTER, begin), _on(OUTER, end)), (_on(INNER, end), _on(INNER, begin))
    return f"M{outer[0]} A{OUTER},{OUTER} 0 {large} 1 {outer[1]} L{inner[0]} A{INNER},{INNER} 0 {large} 0 {inner[1]} Z"


def _on(radius: int, share: float) -> str:
    angle = 2 * pi * share - pi / 2
    return f"{SIZE / 2 + radius * cos(angle):.2f},{SIZE / 2 + radius * sin(angle):.2f}"


def _fill(name: str, state: State) -> dict[str, object]:
    return {"fill": f"url(#{name}-hatch)"} if state is State.SILENT else {}


def _number(name: str, state: State, count: int, language: Language) -> Markup:
    box = tag("rect", {"class": f"word word-{state}", "x": 1, "y": 1, "width": 12, "height": 12} | _fill(name, state))
    sign = tag("svg", {"class": "key", "width": 14, "height": 14, "aria-hidden": "true", "focusable": "false"}, box)
    return tag("li", {}, sign, f" {said(STATE_WORDS[state], language)} ", tag("strong", {}, count))


def _row(one: Group) -> tuple[Cell, ...]:
    counts = by_state(one.tally)
    label = Link(one.label, one.href) if one.href else one.label
    return (label, sum(counts.values()), *(counts[state] for state in State))
