"""What a roster changes in the register: people matched by name and a shared address, then compared. Pure.

Nothing is ever taken away here: whoever is missing from the roster, and whatever a cell leaves out, stays as it is
known.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from registry.matching import address_index, name_index
from registry.people import KnownPerson, NewAddress, NewPosting, PostingView
from registry.roster.model import RosterPerson, RowResult
from registry.tables import PostingStatus

Reach = tuple[str, bytes]


@dataclass
class Told:
    """One person as all rows of the roster together tell: rows with one name and a shared address are one person."""

    name: str
    name_index: bytes
    rows: list[int] = field(default_factory=list)
    addresses: dict[Reach, NewAddress] = field(default_factory=dict)
    postings: list[NewPosting] = field(default_factory=list)
    language: str | None = None
    foreign: bool | None = None

    def add(self, row: int, person: RosterPerson, addresses: dict[Reach, NewAddress]) -> None:
        """Join another row to this person. A no to providers abroad outweighs a yes."""
        self.rows.append(row)
        self.addresses = addresses | self.addresses
        self.postings += [posting for posting in person.postings if posting not in self.postings]
        self.language = person.language or self.language
        if person.foreign is not None:
            self.foreign = person.foreign and self.foreign is not False


@dataclass(frozen=True)
class Update:
    """What changes for a person who is known.

    Attributes:
        changed: postings with their new content; `confirmed`: postings that are as they were, said once more.
        language, foreign: None: stays.
    """

    registrant_id: int
    addresses: tuple[NewAddress, ...]
    added: tuple[NewPosting, ...]
    changed: tuple[tuple[PostingView, NewPosting], ...]
    confirmed: tuple[int, ...]
    language: str | None
    foreign: bool | None

    @property
    def nothing(self) -> bool:
        """Tell whether the person is as before."""
        return not (self.addresses or self.added or self.changed or self.language or self.foreign is not None)


@dataclass(frozen=True)
class Plan:
    """All that applying a roster will do.

    Attributes:
        joined: people not known yet. `left_out`: people not known who are back already: they need no warning.
        possible_doubles: rows of joined people whose name is known with other addresses: perhaps a changed number.
    """

    joined: tuple[Told, ...]
    updates: tuple[Update, ...]
    left_out: tuple[Told, ...]
    possible_doubles: tuple[int, ...]


def plan(rows: Iterable[RowResult], known: Sequence[KnownPerson], index_key: bytes) -> Plan:
    """Compare a roster with the people known of its employer."""
    people = gather(rows, index_key)
    matches = _matches(people, known)
    names = {person.name_index for person in known}
    new = [person for at, person in enumerate(people) if at not in matches]
    joined = tuple(person for person in new if any(p.status != PostingStatus.RETURNED for p in person.postings))
    doubles = sorted(row for person in joined if person.name_index in names for row in person.rows)
    return Plan(
        joined=joined,
        updates=tuple(_update(people[at], one) for at, one in matches.items()),
        left_out=tuple(person for person in new if person not in joined),
        possible_doubles=tuple(doubles),
    )


def gather(rows: Iterable[RowResult], index_key: bytes) -> list[Told]:
    """Join the rows that tell of one person, in the order of the file."""
    people: list[Told] = []
    by_reach: dict[tuple[bytes, Reach], Told] = {}
    for row in rows:
        if row.person is None:
            continue
        name = name_index(index_key, row.person.name)
        addresses = {
            (a.channel, address_index(index_key, a.channel, a.value)): a for a in reversed(row.person.addresses)
        }
        addresses = dict(reversed(addresses.items()))
        one = next((by_reach[name, reach] for reach in addresses if (name, reach) in by_reach), None)
        if one is None:
            one = Told(row.person.name, name)
            people.append(one)
        one.add(row.row, row.person, addresses)
        by_reach.update({(name, reach): one for reach in addresses})
    return people


def _matches(people: Sequence[Told], known: Sequence[KnownPerson]) -> dict[int, KnownPerson]:
    """Return who is who, by position. Those without any address match only each other, one to one: a name alone is no
    proof.
    """
    by_reach = {(one.name_index, reach): one for one in reversed(known) for reach in one.addresses}
    silent: defaultdict[bytes, list[KnownPerson]] = defaultdict(list)
    for one in known:
        if not one.addresses:
            silent[one.name_index].append(one)
    found: dict[int, KnownPerson] = {}
    taken: set[int] = set()
    for at, person in enumerate(people):
        candidates = [by_reach[key] for reach in person.addresses if (key := (person.name_index, reach)) in by_reach]
        if not person.addresses:
            candidates = silent[person.name_index]
        free = next((one for one in candidates if one.registrant_id not in taken), None)
        if free is not None:
            found[at] = free
            taken.add(free.registrant_id)
    return found


def _update(told: Told, known: KnownPerson) -> Update:
    added, changed, confirmed = _stays(told.postings, known.postings)
    return Update(
        registrant_id=known.registrant_id,
        addresses=tuple(address for reach, address in told.addresses.items() if reach not in known.addresses),
        added=added,
        changed=changed,
        confirmed=confirmed,
        language=told.language if told.language != known.language else None,
        foreign=told.foreign if told.foreign != known.foreign else None,
    )


def _stays(
    told: Sequence[NewPosting], known: Sequence[PostingView]
) -> tuple[tuple[NewPosting, ...], tuple[tuple[PostingView, NewPosting], ...], tuple[int, ...]]:
    """Pair the stays: first those that say nothing new, then by country, the latest first. A stay that is over is not
    reopened.
    """
    left = sorted(known, key=lambda view: -view.posting_id)
    same: dict[int, PostingView] = {}
    for at, posting in enumerate(told):
        twin = next((view for view in left if view.country == posting.country and _as_known(posting, view)), None)
        if twin is not None:
            same[at] = twin
            left.remove(twin)
    added, changed = [], []
    for at, posting in enumerate(told):
        if at in same:
            continue
        open_stay = next((v for v in left if v.country == posting.country and v.status != PostingStatus.RETURNED), None)
        if open_stay is not None:
            changed.append((open_stay, posting))
            left.remove(open_stay)
        elif posting.status != PostingStatus.RETURNED:
            added.append(posting)
    return tuple(added), tuple(changed), tuple(view.posting_id for view in same.values())


def _as_known(told: NewPosting, known: PostingView) -> bool:
    return (
        told.status == known.status
        and told.city in ("", known.city)
        and told.site in ("", known.site)
        and told.date_from in (None, known.date_from)
        and told.date_to in (None, known.date_to)
    )
