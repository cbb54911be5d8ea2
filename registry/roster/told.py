"""The people a roster tells of, each gathered from all rows that are proven to be of them. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from registry.matching import address_index, name_index
from registry.people import Channel, KnownPerson, NewAddress, NewContact, NewPosting
from registry.roster.model import RosterPerson, RowResult

Reach = tuple[str, bytes]
PERSONAL = 3
"""At most so many people of one name hold a number of their own; as for doubles across companies."""


@dataclass
class Told:
    """One person as all rows of the roster together tell: rows with one name and a personal address are one person."""

    name: str
    name_index: bytes
    rows: list[int] = field(default_factory=list)
    addresses: dict[Reach, NewAddress] = field(default_factory=dict)
    postings: list[NewPosting] = field(default_factory=list)
    language: str | None = None
    foreign: bool | None = None
    contacts: dict[bytes, NewContact] = field(default_factory=dict)

    def add(self, row: int, person: RosterPerson, addresses: dict[Reach, NewAddress]) -> None:
        """Join another row to this person. A no to providers abroad outweighs a yes."""
        self.rows.append(row)
        self.addresses = addresses | self.addresses
        self.postings += [posting for posting in person.postings if posting not in self.postings]
        self.language = person.language or self.language
        if person.foreign is not None:
            self.foreign = person.foreign and self.foreign is not False


def gather(
    rows: Iterable[RowResult], index_key: bytes, known: Sequence[KnownPerson] = ()
) -> tuple[list[Told], frozenset[Reach]]:
    """Join the rows that tell of one person.

    Returns:
        The people in the order of the file, and the addresses that are shared: they prove nothing of who somebody is.
    """
    read = [(row.row, row.person, _addresses(row.person, index_key)) for row in rows if row.person is not None]
    names = [(name_index(index_key, person.name), addresses) for _, person, addresses in read]
    shared = _shared(names, known)
    people: list[Told] = []
    by_reach: dict[tuple[bytes, Reach], Told] = {}
    for (number, person, addresses), (name, _) in zip(read, names, strict=True):
        own = [(name, reach) for reach in addresses if reach not in shared]
        one = next((by_reach[key] for key in own if key in by_reach), None)
        if one is None:
            one = Told(person.name, name)
            people.append(one)
        one.add(number, person, addresses)
        numbers = {address_index(index_key, Channel.SMS, c.phone): c for c in person.emergency if c.phone}
        one.contacts = numbers | one.contacts
        by_reach.update(dict.fromkeys(own, one))
    return people, shared


def _addresses(person: RosterPerson, index_key: bytes) -> dict[Reach, NewAddress]:
    found: dict[Reach, NewAddress] = {}
    for one in person.addresses:
        found.setdefault((one.channel, address_index(index_key, one.channel, one.value)), one)
    return found


def _shared(told: Iterable[tuple[bytes, Iterable[Reach]]], known: Sequence[KnownPerson]) -> frozenset[Reach]:
    """Return the addresses of several names, or of more people than hold one of their own: a foreman's phone, an office."""
    names: defaultdict[Reach, set[bytes]] = defaultdict(set)
    holders: defaultdict[Reach, int] = defaultdict(int)
    for name, addresses in told:
        for reach in addresses:
            names[reach].add(name)
    for one in known:
        for reach in one.addresses:
            names[reach].add(one.name_index)
            holders[reach] += 1
    return frozenset(reach for reach, found in names.items() if len(found) > 1 or holders[reach] > PERSONAL)
