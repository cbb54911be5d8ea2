"""What a roster changes in the register: people matched by name and a shared address, then compared. Pure.

Nothing is ever taken away here: whatever a cell leaves out stays as it is known, and whoever is missing from a full
list is asked about.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from registry.matching import address_index, name_index
from registry.people import Channel, KnownPerson, NewAddress, NewContact, NewPosting, PostingView
from registry.roster.doubts import Doubt, Shared, doubts_of
from registry.roster.model import RosterPerson, RowResult
from registry.roster.pairing import pair_stays
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
    contacts: dict[bytes, NewContact] = field(default_factory=dict)

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
        known: the person as before.
        changed: postings with their new content; `confirmed`: postings that are as they were, said once more.
        language, foreign: None: stays.
        unsaid: stays that are not over and that a full list leaves out, though the person is on it elsewhere.
        used_again: addresses that are there, stopped when another roster was undone: id, and when.
        contacts: at home, whose numbers are new.
    """

    known: KnownPerson
    addresses: tuple[NewAddress, ...]
    added: tuple[NewPosting, ...]
    changed: tuple[tuple[PostingView, NewPosting], ...]
    confirmed: tuple[PostingView, ...]
    language: str | None
    foreign: bool | None
    unsaid: tuple[PostingView, ...] = ()
    used_again: tuple[tuple[int, datetime], ...] = ()
    contacts: tuple[NewContact, ...] = ()

    @property
    def registrant_id(self) -> int:
        """Return whom this is about."""
        return self.known.registrant_id

    @property
    def moved(self) -> bool:
        """Tell whether the person's whereabouts change: another place, other dates, another status."""
        return bool(self.added or self.changed)

    @property
    def nothing(self) -> bool:
        """Tell whether the person is as before."""
        reach = self.addresses or self.used_again or self.contacts
        return not (reach or self.moved or self.language or self.foreign is not None)


@dataclass(frozen=True)
class Plan:
    """All that applying a roster will do.

    Attributes:
        joined: people not known yet. `left_out`: people not known who are back already: they need no warning.
        left: known people with a stay that is not over, who are nowhere on a full list: the company is asked.
        unclear: the same, but their name or number does stand on the list, in a row that could not be taken for them:
            nobody is asked before that row is.
        doubts: rows that may be somebody else than they were taken for.
    """

    joined: tuple[Told, ...]
    updates: tuple[Update, ...]
    left_out: tuple[Told, ...]
    left: tuple[KnownPerson, ...]
    unclear: tuple[KnownPerson, ...]
    doubts: tuple[Doubt, ...]

    @property
    def asked(self) -> tuple[tuple[int, int], ...]:
        """Return the stays the company is asked about, each with its person: nobody on the full list tells of them."""
        people = [(one.registrant_id, one.postings) for one in self.left]
        people += [(one.registrant_id, one.unsaid) for one in self.updates]
        return tuple((who, v.posting_id) for who, views in people for v in views if v.status != PostingStatus.RETURNED)

    def counts(self) -> dict[str, int]:
        """Return how many people there are of each kind. Whoever moved is not counted as changed once more."""
        changed = sum(1 for one in self.updates if not one.nothing)
        moved = sum(1 for one in self.updates if one.moved)
        return {
            "joined": len(self.joined), "left": len(self.left), "moved": moved, "changed": changed - moved,
            "unchanged": len(self.updates) - changed, "doubtful": len(self.doubts), "unclear": len(self.unclear),
            "left_out": len(self.left_out),
        }  # fmt: skip


def plan(rows: Sequence[RowResult], known: Sequence[KnownPerson], index_key: bytes, *, full: bool = False) -> Plan:
    """Compare a roster with the people known of its employer.

    Args:
        full: the company says that the list is of everybody: whoever is not on it is asked about.
    """
    people = gather(rows, index_key)
    matches = _matches(people, known)
    new = [person for at, person in enumerate(people) if at not in matches]
    joined, back = [one for one in new if not _is_back(one)], [one for one in new if _is_back(one)]
    found = {one.registrant_id for one in matches.values()}
    missing = [one for one in known if one.registrant_id not in found]
    shared = [Shared(tuple(one.rows), one.name_index, frozenset(one.addresses)) for one in joined]
    doubts = doubts_of(shared, known, missing)
    listed = {name_index(index_key, row.name) for row in rows if row.name}
    in_doubt = {number for doubt in doubts for number in doubt.registrant_ids}
    absent = [one for one in missing if _is_away(one)] if full else []
    unclear = {one.registrant_id for one in absent if one.name_index in listed or one.registrant_id in in_doubt}
    return Plan(
        joined=tuple(joined),
        updates=tuple(_update(people[at], one, full=full) for at, one in matches.items()),
        left_out=tuple(back),
        left=tuple(one for one in absent if one.registrant_id not in unclear),
        unclear=tuple(one for one in absent if one.registrant_id in unclear),
        doubts=doubts,
    )


def _is_back(told: Told) -> bool:
    return bool(told.postings) and all(posting.status == PostingStatus.RETURNED for posting in told.postings)


def _is_away(person: KnownPerson) -> bool:
    return any(view.status != PostingStatus.RETURNED for view in person.postings)


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
        numbers = {address_index(index_key, Channel.SMS, c.phone): c for c in row.person.emergency if c.phone}
        one.contacts = numbers | one.contacts
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


def _update(told: Told, known: KnownPerson, *, full: bool) -> Update:
    added, changed, confirmed = pair_stays(told.postings, known.postings)
    said = {view.posting_id for view in (*confirmed, *(before for before, _ in changed))}
    here = [view for view in known.postings if view.status in {PostingStatus.ABROAD, PostingStatus.DOUBTFUL}]
    unsaid = tuple(view for view in here if view.posting_id not in said) if full and told.postings else ()
    return Update(
        known=known,
        addresses=tuple(a for reach, a in told.addresses.items() if reach not in {*known.addresses, *known.taken_back}),
        added=added,
        changed=changed,
        confirmed=confirmed,
        language=told.language if told.language != known.language else None,
        foreign=told.foreign if told.foreign != known.foreign else None,
        unsaid=unsaid,
        contacts=tuple(contact for index, contact in told.contacts.items() if index not in known.contacts),
        used_again=tuple(known.taken_back[reach] for reach in told.addresses if reach in known.taken_back),
    )
