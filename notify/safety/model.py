"""The nouns of the roll call: what somebody said, and what stands of all that was said of a person. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

PERSON = "person"
"""Who said it, where the person did, or somebody with their telephone in hand."""


class Answer(StrEnum):
    """What was said of a person."""

    SAFE = "safe"
    HELP = "help"
    UNCLEAR = "unclear"


class Means(StrEnum):
    """By which way it was said. `officer` and `company` say it of others; `phone`: an officer heard it on the telephone."""

    SMS = "sms"
    WHATSAPP = "whatsapp"
    VOICE = "voice"
    MAIL = "mail"
    LINK = "link"
    OFFICER = "officer"
    COMPANY = "company"
    PHONE = "phone"


class Voice(StrEnum):
    """Whose word it is."""

    PERSON = "person"
    COMPANY = "company"
    OFFICE = "office"


VOICES = {Means.OFFICER: Voice.OFFICE, Means.PHONE: Voice.OFFICE, Means.COMPANY: Voice.COMPANY}
"""Whose word comes by which way; by every other way it is the person's own."""


@dataclass(frozen=True)
class Said:
    """An answer to an alert, before it is written down.

    Attributes:
        by: who said it: `PERSON`, or the name of the actor who says it of others.
        words: as they came; kept sealed under the person's key. Empty for a digit or a button.
        at: when it reached us.
        ref: the provider's number of the message, so that a repeated callback counts once; empty: a hash of the rest.
    """

    answer: Answer
    means: Means
    by: str
    words: str
    at: datetime
    ref: str = ""

    @property
    def voice(self) -> Voice:
        """Return whose word it is."""
        return voice_of(self.means)


@dataclass(frozen=True)
class Counted:
    """What became of an answer, in numbers of people.

    Attributes:
        written: for whom it was written down now. `repeated`: for whom it had been before.
        unasked: of all these, who had not been asked.
        shared: it came from a number of several people who were asked: safe does not count for any of them.
        late: the alert was closed, or its force had ended.
        paged: the duty officer is wanted now, and was not before.
    """

    answer: Answer
    written: int = 0
    repeated: int = 0
    unasked: int = 0
    shared: bool = False
    late: bool = False
    paged: bool = False


@dataclass(frozen=True)
class Word:
    """One answer as it is kept.

    Attributes:
        shared: said from a number of several people who were asked.
        late: said when the alert was closed, or its force had ended.
    """

    answer: Answer
    means: Means
    by: str
    at: datetime
    shared: bool = False
    late: bool = False

    @property
    def voice(self) -> Voice:
        """Return whose word it is."""
        return voice_of(self.means)


WEIGHT = {Answer.SAFE: 0, Answer.UNCLEAR: 1, Answer.HELP: 2}
"""What counts of two words of the same moment: the graver."""


def voice_of(means: Means) -> Voice:
    """Return whose word comes by this way."""
    return VOICES.get(means, Voice.PERSON)


def in_order(words: Iterable[Word]) -> list[Word]:
    """Sort words by when they were said, whatever the order they came in."""
    return sorted(words, key=lambda one: (one.at, WEIGHT[one.answer], one.shared, one.means, one.by))


def standing(words: Iterable[Word], asked_again: datetime | None = None) -> Word | None:
    """Return the word that stands of a person; None: nobody has said anything, or not since they were asked again.

    It is the newest that is clear: what can be read either way ("thank you" after "1") takes back neither a call for help nor a
    word that says safe. Asking again makes old words count no more, but for a call for help: only a word that says safe ends it.

    Args:
        asked_again: when an update asked the person once more; None: it was asked once.
    """
    ordered = in_order(words)
    before = [word for word in ordered if asked_again is not None and word.at < asked_again]
    found = _last_clear(before, None)
    if found is not None and found.answer is not Answer.HELP:
        found = None
    return _last_clear(ordered[len(before) :], found)


def _last_clear(words: Iterable[Word], found: Word | None) -> Word | None:
    for word in words:
        if word.answer is not Answer.UNCLEAR or found is None or found.answer is Answer.UNCLEAR:
            found = word
    return found


def newest_by_voice(words: Iterable[Word]) -> dict[Voice, Word]:
    """Return the newest word of the person, of their company and of the office: kept beside the one that stands."""
    return {word.voice: word for word in in_order(words)}
