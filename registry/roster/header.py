"""Finding the header of a roster: below titles, in one row or in two. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence

from registry.roster.columns import Header, meaning, meanings, read_header

WITHIN = 30
DATA = re.compile(r"\d{4}|@")
LONGEST = 24


def find_header(rows: Sequence[Sequence[str]]) -> tuple[int, Header] | None:
    """Return the position of the (last) header row, and the header; None if there is none in the first thirty rows."""
    for at, row in enumerate(rows[:WITHIN]):
        below = rows[at + 1] if at + 1 < len(rows) else ()
        alone = read_header(row)
        both = read_header(joined(row, below)) if is_sub_header(row, below) else None
        # A whole header does not lose a column to the row below it: one that would name another column twice is none of it.
        if both is not None and (alone is None or len(both.repeated) <= len(alone.repeated)):
            return at + 1, both
        if alone is not None:
            return at, alone
    return None


def is_sub_header(above: Sequence[str], row: Sequence[str]) -> bool:
    """Tell whether `row` is the lower half of a header that begins with `above`: headings, under a row that groups."""
    cells = [cell for cell in row if cell]
    grouping = sum(1 for cell in above if cell)
    if len(cells) < 2 or grouping < 2 or list(above) == list(row):
        return False
    if any(DATA.search(cell) or len(cell) > LONGEST for cell in (*cells, *above)):
        return False
    known = sum(1 for one in meanings(row) if one is not None)
    # A person's row may hold one word that is a heading too ("No"); two headings are no person.
    return known >= 2 and 2 * known >= len(cells)


def joined(above: Sequence[str], below: Sequence[str]) -> list[str]:
    """Return the headings of a header in two rows. A group name stands over all columns up to the next one."""
    width = max(len(above), len(below))
    upper, lower = [*above, *[""] * (width - len(above))], [*below, *[""] * (width - len(below))]
    names, group = [], ""
    for over, under in zip(upper, lower, strict=True):
        group = over or (group if under else "")
        names.append(_name(group, under))
    return names


def _name(group: str, under: str) -> str:
    if not group or not under:
        return group or under
    if meaning(group + under) is not None or meaning(under) is None:
        return f"{group} {under}"
    return under
