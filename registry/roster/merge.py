"""What a roster changes in the register: people matched, then compared. Pure.

Nothing is ever taken away here: whatever a cell leaves out stays as it is known, and whoever is missing from a full
list is asked about.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from registry.matching import name_index
from registry.people import KnownPerson, NewAddress, NewContact, NewPosting, PostingView
from registry.roster.doubts import Doubt, Shared, doubts_of
from registry.roster.model import RowResult
from registry.roster.pairing import pair_stays
from registry.roster.same import match
from registry.roster.told import Reach, Told, gather
from registry.roster.whose import Cautions
from registry.tables import PostingStatus


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
        own_no: the list says yes to providers abroad, but the person withdrew that themselves: theirs stands, `foreign` is None.
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
    own_no: bool = False

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
            nobody is asked before that row is. `unclear_rows`: these rows, by id of the person.
        doubts: rows that may be somebody else than they were taken for.
        cautions: what is not about a row: another company, people erased at their own wish.
    """

    joined: tuple[Told, ...]
    updates: tuple[Update, ...]
    left_out: tuple[Told, ...]
    left: tuple[KnownPerson, ...]
    unclear: tuple[KnownPerson, ...]
    doubts: tuple[Doubt, ...]
    unclear_rows: Mapping[int, tuple[int, ...]] = field(default_factory=dict)
    cautions: Cautions = field(default_factory=Cautions)

    @property
    def asked(self) -> tuple[tuple[int, int], ...]:
        """Return the stays the company is asked about, each with its person: nobody on the full list tells of them."""
        people = [(one.registrant_id, one.postings) for one in self.left]
        people += [(one.registrant_id, one.unsaid) for one in self.updates]
        return tuple((who, v.posting_id) for who, views in people for v in views if v.status != PostingStatus.RETURNED)

    @property
    def own_noes(self) -> tuple[int, ...]:
        """Return the people whose own no to providers abroad outweighs the yes of the list."""
        return tuple(one.registrant_id for one in self.updates if one.own_no)

    def keeping(self, noes: Collection[int]) -> Plan:
        """Return the plan with the own no of these people kept."""
        if not noes:
            return self
        kept = [replace(u, foreign=None, own_no=True) if u.registrant_id in noes else u for u in self.updates]
        return replace(self, updates=tuple(kept))

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
    people, shared = gather(rows, index_key, known)
    matches = match(people, known, shared)
    new = [person for at, person in enumerate(people) if at not in matches.found]
    joined, back = [one for one in new if not _is_back(one)], [one for one in new if _is_back(one)]
    found = {one.registrant_id for one in matches.found.values()}
    missing = [one for one in known if one.registrant_id not in found]
    behind = _behind_one_number(joined, shared)
    compared = [Shared(tuple(one.rows), one.name_index, frozenset(one.addresses)) for one in joined]
    unsure = [(tuple(people[at].rows), ids) for at, ids in matches.open.items() if at in matches.found]
    doubts = doubts_of(compared, known, missing, same_name=[*unsure, *behind])
    certain = {number for at in matches.found if at not in matches.open for number in people[at].rows}
    # A row that is certainly somebody else of the name says nothing of whoever is missing.
    listed = [(row.row, name_index(index_key, row.name)) for row in rows if row.name and row.row not in certain]
    absent = [one for one in missing if _is_away(one)] if full else []
    perhaps = {one.registrant_id: _perhaps(one, listed, doubts) for one in absent}
    unclear = {number: found for number, found in perhaps.items() if found}
    return Plan(
        joined=tuple(joined),
        updates=tuple(_update(people[at], one, full=full) for at, one in matches.found.items()),
        left_out=tuple(back),
        left=tuple(one for one in absent if one.registrant_id not in unclear),
        unclear=tuple(one for one in absent if one.registrant_id in unclear),
        doubts=doubts,
        unclear_rows=unclear,
    )


def _perhaps(one: KnownPerson, listed: Sequence[tuple[int, bytes]], doubts: Sequence[Doubt]) -> tuple[int, ...]:
    """Return the rows that may be this person: those of the name that were taken for nobody, and those in doubt."""
    rows = {row for row, name in listed if name == one.name_index}
    rows |= {row for doubt in doubts if one.registrant_id in doubt.registrant_ids for row in doubt.rows}
    return tuple(sorted(rows))


def _behind_one_number(
    joined: Sequence[Told], shared: Collection[Reach]
) -> list[tuple[tuple[int, ...], tuple[int, ...]]]:
    """Return the rows of new people of one name behind one shared number: perhaps one person, and nothing proves it."""
    holders: defaultdict[tuple[bytes, Reach], list[Told]] = defaultdict(list)
    for one in joined:
        for reach in one.addresses:
            if reach in shared:
                holders[one.name_index, reach].append(one)
    groups = {tuple(sorted(row for one in found for row in one.rows)) for found in holders.values() if len(found) > 1}
    return [(rows, ()) for rows in sorted(groups)]


def _is_back(told: Told) -> bool:
    return bool(told.postings) and all(posting.status == PostingStatus.RETURNED for posting in told.postings)


def _is_away(person: KnownPerson) -> bool:
    return any(view.status != PostingStatus.RETURNED for view in person.postings)


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
