"""Coverage: can we reach the people who are abroad, before anything happens? A score and what to mend. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum

PHONES = ("sms", "voice", "whatsapp")


class Fault(StrEnum):
    """What is to be mended at a person: no place known, no way to reach them, only a number they share with others, one way
    only, an address a provider called dead, a stay nobody confirmed for 90 days, only Chinese numbers while abroad.
    """

    NO_PLACE = "no-place"
    NO_WAY = "no-way"
    SHARED_WAY = "shared-way"
    ONE_WAY = "one-way"
    DEAD_ADDRESS = "dead-address"
    STALE = "stale"
    HOME_NUMBER = "home-number"


@dataclass(frozen=True)
class Cover:
    """How well the people of one company in one country can be reached.

    Attributes:
        employer_id: None: residents, or several companies together.
        people: who are there, or leave for it within 14 days, or may be there.
        none, one, more: how many of them have 0, 1, 2 or more independent ways: different numbers or mailboxes. Text
            message and WhatsApp on one number are one way. What several people share (a foreman's phone) is the one way
            of those who have nothing of their own, and none beside an own number.
        dead: how many have an address that was stopped, such as a number of which a provider said that there is none.
        stale: how many are counted as there although nobody confirmed it for 90 days.
        shared: how many of `one` have only a number that they share with others.
    """

    country: str
    employer_id: int | None
    people: int
    none: int
    one: int
    more: int
    dead: int
    stale: int
    shared: int = 0

    @property
    def score(self) -> int:
        """Return 0 to 100: a person with two ways counts whole, with one half; a stale row makes it half of that.

        The sums do not say which people are stale: they are taken to be as well reachable as the others.
        """
        if not self.people:
            return 100
        reached = (self.more + self.one / 2) / self.people
        return round(100 * reached * (1 - self.stale / self.people / 2))


@dataclass(frozen=True)
class ToMend:
    """A person who cannot be reached well, by number and never by name.

    Attributes:
        country: empty if no place is known: no alert finds this person.
        reasons: why addresses were stopped.
    """

    registrant_id: int
    employer_id: int | None
    country: str
    faults: tuple[Fault, ...]
    reasons: tuple[str, ...] = ()


def by_country(covers: Iterable[Cover]) -> tuple[Cover, ...]:
    """Return the counts of all companies together for each country, the lowest score first."""
    sums: dict[str, Cover] = {}
    for one in covers:
        before = sums.get(one.country, Cover(one.country, None, 0, 0, 0, 0, 0, 0))
        sums[one.country] = replace(
            before, people=before.people + one.people, none=before.none + one.none, one=before.one + one.one,
            more=before.more + one.more, dead=before.dead + one.dead, stale=before.stale + one.stale,
            shared=before.shared + one.shared,
        )  # fmt: skip
    return tuple(sorted(sums.values(), key=lambda one: (one.score, one.country)))


def faults(ways: int, *, shared: bool, dead: bool, stale: bool) -> tuple[Fault, ...]:
    """Return what is to be mended, the worst first. `shared`: the only way is a number of several people."""
    wrong = {
        Fault.NO_WAY: ways == 0,
        Fault.SHARED_WAY: shared,
        Fault.ONE_WAY: ways == 1 and not shared,
        Fault.DEAD_ADDRESS: dead,
        Fault.STALE: stale,
    }
    return tuple(fault for fault, holds in wrong.items() if holds)


def only_home_numbers(phones: tuple[str, ...]) -> bool:
    """Tell whether all numbers of somebody abroad are Chinese: without roaming, no message arrives.

    Args:
        phones: E.164 numbers; to have none is another fault.
    """
    return bool(phones) and all(phone.startswith("+86") for phone in phones)
