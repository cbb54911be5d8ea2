"""Who may be somebody else than a roster was taken to say: an old name with a new number, a number with a new name. Pure.

Nobody is merged or left out for such a doubt: the person is enrolled, and an officer reads who it may be.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from registry.people import KnownPerson


class DoubtKind(StrEnum):
    """Why a row may be somebody who is known: `same-name` with other addresses or a shared number, or `same-number` with another name.

    `employed`: a row of a list of residents has the name and an address of somebody whom a company registered.
    """

    NAME = "same-name"
    NUMBER = "same-number"
    EMPLOYED = "employed"


@dataclass(frozen=True)
class Doubt:
    """Rows of a roster, and the people known whom they may be; nobody: the rows may be one person, or several."""

    kind: DoubtKind
    rows: tuple[int, ...]
    registrant_ids: tuple[int, ...]


@dataclass(frozen=True)
class Shared:
    """What a new person may have in common with others: name and addresses as blind indexes."""

    rows: tuple[int, ...]
    name_index: bytes
    addresses: frozenset[tuple[str, bytes]]


def doubts_of(
    joined: Iterable[Shared],
    known: Sequence[KnownPerson],
    missing: Sequence[KnownPerson],
    *,
    same_name: Sequence[tuple[tuple[int, ...], tuple[int, ...]]] = (),
) -> tuple[Doubt, ...]:
    """Compare the new people of a roster with those known; in the order of the rows.

    Args:
        missing: those known whom no row of the roster is. A number counts only if it is of exactly one person, and that
            one is missing: what several people share is a foreman's phone, and who is on the list beside is another one.
        same_name: rows with people of their name, found in doubt already.
    """
    owners = Counter(reach for one in known for reach in one.addresses)
    of_number = {reach: one for one in missing for reach in one.addresses if owners[reach] == 1}
    found = [Doubt(DoubtKind.NAME, rows, people) for rows, people in same_name]
    for person in joined:
        same = tuple(one.registrant_id for one in known if one.name_index == person.name_index)
        others = {of_number[reach].registrant_id for reach in person.addresses if reach in of_number}
        if same:
            found.append(Doubt(DoubtKind.NAME, person.rows, same))
        elif others:
            found.append(Doubt(DoubtKind.NUMBER, person.rows, tuple(sorted(others))))
    return tuple(sorted(found, key=lambda one: one.rows))
