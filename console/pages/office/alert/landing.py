"""How an alert lands: what the live part of its page shows, and a mark by which the page knows that nothing has changed."""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from markupsafe import Markup
from sqlalchemy import Connection

from console.pages.office.alert.seen import Seen
from console.pages.office.visit import Visit
from console.pictures.bars import Bar, Part, delivery_bars
from core.places.names import codes, display
from notify.ledger.terms import channel_words
from notify.progress import Pile, Stands, by_stand, finished, trouble
from notify.store import account
from notify.store import progress as store
from notify.store.account import Reached
from notify.tables import AlertStatus, AlertVersion

PARTS: Mapping[Part, tuple[Stands, ...]] = {
    Part.DELIVERED: (Stands.DELIVERED, Stands.READ), Part.ACCEPTED: (Stands.ACCEPTED,),
    Part.WAITING: (Stands.WAITING, Stands.SENDING), Part.DOUBT: (Stands.DOUBT, Stands.UNRESOLVED),
    Part.FAILED: (Stands.FAILED, Stands.EXPIRED),
}  # fmt: skip
"""What stands behind each part of a bar."""
OF_STAND = {one: part for part, stands in PARTS.items() for one in stands}
MOST_COUNTRIES = 12
LISTENS = timedelta(minutes=30)
"""How long after a release the page goes on asking for receipts; many carriers never send one."""
COUNTED = 20_000
"""Up to so many people they are counted one by one while the page looks on; of more only the notices are."""


@dataclass(frozen=True)
class Landing:
    """How one version lands.

    Attributes:
        people: whom it was planned for. `came`: the same by what came of them; empty: too many to count while one looks on.
        counts: its notices by where they stand. `trouble`: what needs a hand, put together by reason.
        over: nothing will move by itself any more, as far as a machine knows.
        before: notices of other versions of which a person must decide whether they are sent again.
    """

    version: AlertVersion
    people: int
    came: Mapping[Reached, int]
    counts: Mapping[Stands, int]
    trouble: Sequence[Pile]
    piles: Sequence[Pile]
    over: bool
    mark: str
    before: int = 0

    @property
    def notices(self) -> int:
        """Return how many notices there are."""
        return sum(self.counts.values())

    @property
    def told(self) -> int:
        """Return how many notices arrived."""
        return self.counts.get(Stands.DELIVERED, 0) + self.counts.get(Stands.READ, 0)

    @property
    def waits(self) -> Mapping[str, int]:
        """Count what waits by why it does; what waits for nothing but its turn is left out."""
        counted: Counter[str] = Counter()
        for one in self.piles:
            if one.stands is Stands.WAITING and one.why:
                counted[one.why] += one.count
        return counted


def land(connection: Connection, who: Visit, seen: Seen) -> Landing | None:
    """Count how the newest released version lands; None before anything was sent."""
    version = seen.told
    if version is None or version.id is None:
        return None
    piles, people = store.piles(connection, version.id), store.people_of(connection, version.id)
    came = account.people(connection, seen.number, version.id) if people <= COUNTED else {}
    shown = {one: came[one] for one in reversed(Reached) if one in came}
    over = _is_over(seen, version, piles, who)
    before = store.unresolved_beside(connection, seen.number, version.id)
    told = (seen.mark, version.id, piles, sorted(came.items()), over, before)
    mark = hashlib.sha256(repr(told).encode()).hexdigest()[:16]
    return Landing(version, people, shown, by_stand(piles), trouble(piles), piles, over, mark, before)


def _is_over(seen: Seen, version: AlertVersion, piles: Sequence[Pile], who: Visit) -> bool:
    if version.paused_at is not None or version.status == AlertStatus.CANCELED:
        return True
    if not finished(piles):
        return False
    silent = sum(one.count for one in piles if one.stands is Stands.ACCEPTED)
    fresh = version.released_at is not None and who.now - version.released_at < LISTENS
    return not (silent and fresh)


def bars(found: Landing, number: int, who: Visit) -> tuple[Markup, Markup]:
    """Draw how it lands by channel, and by country where it is about several; the latter may be empty."""
    channels = [
        Bar(channel_words(name), counts, f"/office/alerts/{number}/notices?channel={name}&part=")
        for name, counts in _split(found.piles, "channel").items()
    ]
    there = _split(found.piles, "country")
    largest = sorted(there.items(), key=lambda one: (-sum(one[1].values()), one[0]))[:MOST_COUNTRIES]
    countries = [
        Bar(display(code, who.language) if code in codes() else code, counts,
            f"/office/alerts/{number}/notices?country={code}&part=")
        for code, counts in largest
    ]  # fmt: skip
    drawn = delivery_bars("by-channel", channels, who.language) if channels else Markup()
    return drawn, delivery_bars("by-country", countries, who.language) if len(countries) > 1 else Markup()


def _split(piles: Sequence[Pile], name: str) -> dict[str, dict[Part, int]]:
    found: defaultdict[str, dict[Part, int]] = defaultdict(dict)
    for one in piles:
        part = OF_STAND.get(one.stands)
        if part is not None:
            counts = found[getattr(one, name)]
            counts[part] = counts.get(part, 0) + one.count
    return dict(found)
