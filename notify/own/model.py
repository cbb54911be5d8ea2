"""The nouns of the office's own alerts: whom a version is for beyond its countries. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

OWN = "own"
"""The source of what was pasted: the office itself, which read it elsewhere."""


class Target(StrEnum):
    """How an audience may be narrower than countries."""

    PLACE = "place"
    EMPLOYER = "employer"
    PERSON = "person"
    GROUP = "group"


@dataclass(frozen=True)
class Audience:
    """Whom a version is for within its countries. Empty: everybody there.

    Places and the rest both hold; employers, people and groups add up. Who is in the country and has no place told is never
    left out for a place: nobody knows that they are elsewhere.

    Attributes:
        places: words for regions and cities.
        employers, people, groups: ids.
    """

    places: tuple[str, ...] = ()
    employers: tuple[int, ...] = ()
    people: tuple[int, ...] = ()
    groups: tuple[int, ...] = ()

    @property
    def names_people(self) -> bool:
        """Tell whether it is for some people and not for others at the same place: then it goes to no public group."""
        return bool(self.employers or self.people or self.groups)

    @property
    def is_narrow(self) -> bool:
        """Tell whether anybody in the countries may be left out."""
        return self.names_people or bool(self.places)

    def rows(self) -> Iterator[tuple[Target, str, int]]:
        """Yield each target as it is stored: kind, word, number."""
        for word in dict.fromkeys(self.places):
            yield Target.PLACE, word, 0
        for kind, numbers in (
            (Target.EMPLOYER, self.employers), (Target.PERSON, self.people), (Target.GROUP, self.groups),
        ):  # fmt: skip
            for number in dict.fromkeys(numbers):
                yield kind, "", number


def is_ours(source_id: str | None) -> bool:
    """Tell whether an alert's words have no page of a publisher to be read on: an officer's own, or pasted."""
    return source_id in (None, OWN)
