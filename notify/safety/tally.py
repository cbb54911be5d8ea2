"""The board as figures: what stands of each person on the roll, counted by country and company. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import TypeVar

from core.i18n import t
from notify.safety.model import Answer, Means, Voice, Word, newest_by_voice, standing

Key = TypeVar("Key")


class State(StrEnum):
    """Where a person stands; in the order in which they are worked off."""

    HELP = "help"
    SILENT = "silent"
    UNCLEAR = "unclear"
    SAFE = "safe"


STATE_WORDS = {
    State.HELP: t("needs help"), State.SILENT: t("no answer"), State.UNCLEAR: t("unclear"), State.SAFE: t("safe"),
}  # fmt: skip
MEANS_WORDS = {
    Means.SMS: t("by SMS"), Means.WHATSAPP: t("by WhatsApp"), Means.VOICE: t("by a key on the telephone"),
    Means.MAIL: t("by mail"), Means.LINK: t("on the page"), Means.OFFICER: t("an officer says so"),
    Means.COMPANY: t("the company says so"), Means.PHONE: t("told an officer on the telephone"),
}  # fmt: skip


@dataclass(frozen=True)
class Place:
    """Where somebody on the roll belongs.

    Attributes:
        asked: False: nobody asked them, and something was said of them all the same.
    """

    registrant_id: int
    employer_id: int | None = None
    country: str = ""
    asked: bool = True


@dataclass(frozen=True)
class Entry:
    """One person on the board.

    Attributes:
        stands: the word that stands; None: nobody has said anything.
        beside: the newest word of the person, the company and the office each.
    """

    place: Place
    stands: Word | None = None
    beside: Mapping[Voice, Word] = field(default_factory=dict)

    @property
    def state(self) -> State:
        """Return where the person stands."""
        return State.SILENT if self.stands is None else BY_ANSWER[self.stands.answer]

    @property
    def said_since(self) -> Word | None:
        """Return the newest word that came after the clear one and can be read either way: an officer should read it."""
        if self.stands is None or self.stands.answer is Answer.UNCLEAR:
            return None
        stands = self.stands
        since = [one for one in self.beside.values() if one.answer is Answer.UNCLEAR and one.at > stands.at]
        return max(since, key=lambda one: one.at, default=None)


BY_ANSWER = {Answer.SAFE: State.SAFE, Answer.HELP: State.HELP, Answer.UNCLEAR: State.UNCLEAR}
ORDER = {state: number for number, state in enumerate(State)}


@dataclass(frozen=True)
class Tally:
    """People counted. `asked + unasked = safe + help + unclear + silent`.

    Attributes:
        unasked: nobody asked them, and something was said of them all the same.
        late: the word that stands came when the alert was closed, or its force had ended. They are in their group, too.
    """

    asked: int = 0
    unasked: int = 0
    safe: int = 0
    help: int = 0
    unclear: int = 0
    silent: int = 0
    late: int = 0


def entry(place: Place, words: Iterable[Word], asked_again: datetime | None = None) -> Entry:
    """Return a person with what stands of all that was said of them, since an update asked them again if one did."""
    said = list(words)
    return Entry(place, standing(said, asked_again), newest_by_voice(said)) if said else Entry(place)


def in_turn(entries: Iterable[Entry]) -> list[Entry]:
    """Sort people as they are worked off: who needs help, then the silent, the unclear, the safe."""
    return sorted(entries, key=lambda one: (ORDER[one.state], one.place.country, one.place.registrant_id))


def tally(entries: Iterable[Entry]) -> Tally:
    """Count people."""
    counted: dict[str, int] = defaultdict(int)
    for one in entries:
        counted["asked" if one.place.asked else "unasked"] += 1
        counted[one.state] += 1
        counted["late"] += one.stands is not None and one.stands.late
    return Tally(**counted)


def by(entries: Iterable[Entry], key: Callable[[Entry], Key]) -> dict[Key, Tally]:
    """Count people by something they have in common: those with most calls for help first, then most silence."""
    groups: defaultdict[Key, list[Entry]] = defaultdict(list)
    for one in entries:
        groups[key(one)].append(one)
    counted = {name: tally(group) for name, group in groups.items()}
    return dict(sorted(counted.items(), key=lambda one: (-one[1].help, -one[1].silent, str(one[0]))))
