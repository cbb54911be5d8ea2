"""Which person of a roster is which one of the register. Pure.

A name and a personal address are proof. A number that several hold (a foreman's phone) proves nothing by itself: behind it,
and without any address, people of one name are only counted off, one to one, so that the same file twice changes nothing.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from registry.people import KnownPerson
from registry.roster.told import Reach, Told


@dataclass(frozen=True)
class Matches:
    """Who is who.

    Attributes:
        found: who is known, by position in the roster.
        open: positions, found or not, of whom it cannot be told which of several people of one name they are; each with the
            ids of those.
    """

    found: dict[int, KnownPerson]
    open: dict[int, tuple[int, ...]]


def match(people: Sequence[Told], known: Sequence[KnownPerson], shared: Collection[Reach]) -> Matches:
    """Find everybody: by a personal address first, then those behind a shared number or without any, then those who were
    enrolled without a place and have a name that nobody else has.
    """
    found: dict[int, KnownPerson] = {}
    by_reach = {
        (one.name_index, reach): one for one in reversed(known) for reach in one.addresses if reach not in shared
    }
    taken: set[int] = set()
    for at, person in enumerate(people):
        keys = [(person.name_index, reach) for reach in person.addresses]
        one = next(
            (by_reach[key] for key in keys if key in by_reach and by_reach[key].registrant_id not in taken), None
        )
        if one is not None:
            found[at] = one
            taken.add(one.registrant_id)
    unsure = _count_off(people, known, shared, found)
    return Matches(found, unsure | _complete(people, known, found))


def _count_off(
    people: Sequence[Told], known: Sequence[KnownPerson], shared: Collection[Reach], found: dict[int, KnownPerson]
) -> dict[int, tuple[int, ...]]:
    """Pair those whom only a shared number, or nothing at all, tells apart from others of their name; add them to `found`.

    Returns:
        The positions of whom it stays open who they are: there are more on one side than on the other, and of several.
    """
    taken = {one.registrant_id for one in found.values()}
    left: defaultdict[bytes, list[KnownPerson]] = defaultdict(list)
    for one in known:
        if one.registrant_id not in taken:
            left[one.name_index].append(one)
    waiting: defaultdict[bytes, list[int]] = defaultdict(list)
    for at, person in enumerate(people):
        if at not in found:
            waiting[person.name_index].append(at)
    unsure: dict[int, tuple[int, ...]] = {}
    for name, places in waiting.items():
        pairs = [(at, one) for at in places for one in left[name] if _may_be(people[at], one, shared)]
        # Whoever is said to be where they are known to be comes first.
        pairs.sort(key=lambda pair: -_alike(people[pair[0]], pair[1]))
        gone: set[int] = set()
        for at, one in pairs:
            if at not in found and one.registrant_id not in gone:
                found[at] = one
                gone.add(one.registrant_id)
        unsure.update(_open(people, pairs, shared))
    return unsure


def _open(
    people: Sequence[Told], pairs: Sequence[tuple[int, KnownPerson]], shared: Collection[Reach]
) -> Iterator[tuple[int, tuple[int, ...]]]:
    """Give those behind a shared number of whom there are not as many as are known."""
    told, known = {at for at, _ in pairs}, {one.registrant_id for _, one in pairs}
    if len(told) != len(known):
        for at in sorted(told):
            if people[at].addresses:
                yield at, tuple(sorted(one.registrant_id for place, one in pairs if place == at))


def _may_be(told: Told, known: KnownPerson, shared: Collection[Reach]) -> bool:
    """Tell whether these, of one name, share a number, or neither has any; two different personal addresses say no."""
    if not told.addresses or not known.addresses:
        return not told.addresses and not known.addresses
    own = [any(one not in shared for one in addresses) for addresses in (told.addresses, known.addresses)]
    return not all(own) and bool(known.addresses & set(told.addresses))


def _alike(told: Told, known: KnownPerson) -> int:
    """Return how well the stays fit: the same country and city, the same country, or neither."""
    cities = {(stay.country, stay.city) for stay in told.postings} & {(v.country, v.city) for v in known.postings}
    countries = {stay.country for stay in told.postings} & {view.country for view in known.postings}
    return 2 * len(cities) + len(countries)


def _complete(
    people: Sequence[Told], known: Sequence[KnownPerson], found: dict[int, KnownPerson]
) -> dict[int, tuple[int, ...]]:
    """Find those enrolled without a place (非洲, 在船) again by their name, if nobody else has it, here or in the register.

    Returns:
        The positions of those with a number on both sides, and not the same: perhaps two people of one name.
    """
    told, held = Counter(one.name_index for one in people), Counter(one.name_index for one in known)
    alone = {one.name_index: one for one in known if held[one.name_index] == 1 and not one.postings}
    taken = {one.registrant_id for one in found.values()}
    unsure: dict[int, tuple[int, ...]] = {}
    for at, person in enumerate(people):
        one = alone.get(person.name_index)
        if at not in found and one is not None and told[person.name_index] == 1 and one.registrant_id not in taken:
            found[at] = one
            if person.addresses and one.addresses and not one.addresses & set(person.addresses):
                unsure[at] = (one.registrant_id,)
    return unsure
