"""Numbers that help: local police, ambulance and fire, and the Chinese embassy's and consulates' lines of a country. Pure.

The shipped table (`notify/data/helplines.csv`, its origins in `notify/data/README.md`) is a collection of other people's lists;
what an office checked by itself stands in its place.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from functools import cache
from pathlib import Path

from core.i18n import Message, t

TABLE = Path(__file__).parent.parent / "data" / "helplines.csv"
OLD_AFTER_YEARS = 2
"""A number that nobody confirmed for longer is marked in mails and listed for checking."""


class Kind(StrEnum):
    """What a number is for. `switchboard` is an embassy's general line, which is none for consular protection."""

    POLICE = "police"
    AMBULANCE = "ambulance"
    FIRE = "fire"
    EMBASSY = "embassy"
    CONSULATE = "consulate"
    SWITCHBOARD = "switchboard"


LOCAL = (Kind.POLICE, Kind.AMBULANCE, Kind.FIRE)
MISSIONS = (Kind.EMBASSY, Kind.CONSULATE, Kind.SWITCHBOARD)


class Certainty(StrEnum):
    """How far a number can be believed; `checked`: somebody of the office called it or asked the mission."""

    CHECKED = "checked"
    OFFICIAL = "official"
    SECONDARY = "secondary"
    BELIEVED = "believed"


@dataclass(frozen=True)
class Helpline:
    """One number of one country.

    Attributes:
        place: the city of a mission, in Chinese; empty for what serves the whole country.
        number: as dialled there (leading zeros count), or with a plus.
        as_of: year, month or day of the newest source that bears it, in ISO form; empty if that has no date.
        also: other numbers that a source not older than that one gives for the same.
        origin: where it stands; for a number of the office, who wrote it.
    """

    country: str
    kind: Kind
    place: str
    number: str
    as_of: str
    certainty: Certainty
    also: tuple[str, ...] = ()
    origin: str = ""
    note: str = ""

    @property
    def sure(self) -> bool:
        """Tell whether it may stand in a short message, where nothing can be added to it."""
        return self.certainty is not Certainty.BELIEVED and self.kind is not Kind.SWITCHBOARD

    def is_old(self, day: date) -> bool:
        """Tell whether nobody confirmed it for more than two years before `day`. A year or a month counts from its first day."""
        if not self.as_of:
            return True
        year, month, date_of_month = ([int(part) for part in self.as_of.split("-")] + [1, 1])[:3]
        return (year + OLD_AFTER_YEARS, month, date_of_month) < (day.year, day.month, day.day)

    def cautions(self, day: date) -> list[Message]:
        """Say in a few words what a reader should know of the number; nothing if it is sure and fresh."""
        found = [t("not confirmed")] if self.certainty is Certainty.BELIEVED else []
        if self.also:
            found.append(t("or {numbers}", numbers=", ".join(self.also)))
        if self.as_of and self.is_old(day):
            found.append(t("as of {year}", year=self.as_of[:4]))
        return found

    def doubts(self, day: date) -> list[Message]:
        """Say why an officer should check it; nothing if nobody needs to."""
        found = []
        if self.certainty is Certainty.BELIEVED:
            found.append(t("not confirmed"))
        if self.also:
            found.append(t("another source has {numbers}", numbers=", ".join(self.also)))
        if self.is_old(day):
            found.append(t("not confirmed since {as_of}", as_of=self.as_of) if self.as_of else t("without a date"))
        return found


@dataclass(frozen=True)
class Directory:
    """The numbers of all countries. Of one kind and country, those of the office stand in the place of the shipped ones."""

    lines: Mapping[str, tuple[Helpline, ...]] = field(default_factory=dict)

    def of(self, country: str, *kinds: Kind) -> list[Helpline]:
        """Return the numbers of a country, of these kinds, in the order of the table."""
        return [one for one in self.lines.get(country, ()) if one.kind in kinds]

    def sure(self, country: str, kind: Kind) -> str:
        """Return the first number of a kind that may stand in a short message; empty if there is none."""
        return next((one.number for one in self.of(country, kind) if one.sure), "")

    def missions(self, country: str) -> list[Helpline]:
        """Return the missions' lines; the switchboard only where the embassy has no line that is sure."""
        embassy = self.of(country, Kind.EMBASSY)
        general = [] if any(one.sure for one in embassy) else self.of(country, Kind.SWITCHBOARD)
        return embassy + general + self.of(country, Kind.CONSULATE)

    def corrected(self, rows: Iterable[Helpline]) -> Directory:
        """Return the directory with the office's rows in it. A row without a number takes the number away."""
        lines = {country: list(ones) for country, ones in self.lines.items()}
        for row in rows:
            kept = [one for one in lines.get(row.country, []) if not _replaces(row, one)]
            lines[row.country] = ([row] if row.number else []) + kept
        return Directory({country: tuple(ones) for country, ones in lines.items()})


def _replaces(new: Helpline, old: Helpline) -> bool:
    """Tell whether an office's row stands in the place of another: the same kind, and the same city if the row names one."""
    return new.kind is old.kind and (not new.place or new.place == old.place)


@cache
def shipped() -> Directory:
    """Read the shipped table, once."""
    found: dict[str, list[Helpline]] = {}
    with TABLE.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            found.setdefault(row["country"], []).append(_read(row))
    return Directory({country: tuple(ones) for country, ones in found.items()})


def _read(row: Mapping[str, str]) -> Helpline:
    return Helpline(
        row["country"], Kind(row["kind"]), row["place"], row["number"], row["as_of"], Certainty(row["certainty"]),
        tuple(row["also"].split()), row["origin"],
    )  # fmt: skip


def to_check(directory: Directory, countries: Sequence[str], day: date) -> list[tuple[Helpline, list[Message]]]:
    """Return the numbers of these countries that somebody should check, each with the reasons."""
    found = [(one, one.doubts(day)) for code in countries for one in directory.lines.get(code, ())]
    return [(one, doubts) for one, doubts in found if doubts]


def missing(directory: Directory, countries: Sequence[str]) -> list[tuple[str, Kind]]:
    """Return which numbers these countries lack: police, ambulance, and an embassy's line that is sure."""
    wanted = (Kind.POLICE, Kind.AMBULANCE, Kind.EMBASSY)
    return [(code, kind) for code in countries for kind in wanted if not directory.sure(code, kind)]
