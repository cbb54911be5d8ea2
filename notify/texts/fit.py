"""Fitting: what a text may leave out so that its provider takes it, and in which order. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from notify.numbers import MOST_MISSIONS, Short
from notify.ref import GAP, SAFE_GAP
from notify.safety.links import LENGTH
from notify.sms import count
from notify.texts.rules import FORMS, MOST_BYTES, MOST_SMS_LETTERS, MOST_SPOKEN, Form, TextRules

CODE_OF_LENGTH = "0" * 6
TOKEN_OF_LENGTH = "0" * LENGTH


@dataclass(frozen=True)
class Cut:
    """What a text leaves out to fit: sentences of the body beyond so many, missions beyond so many, local numbers."""

    sentences: int
    missions: int = MOST_MISSIONS
    local: bool = True


def cuts(count_of_sentences: int, numbers: Short) -> Iterator[Cut]:
    """Yield what is left out, in this order: nothing; missions beyond the first; sentences of the body from its end, but the
    first; police and ambulance; the first sentence. The title, who it is for, the first mission, 12308, the link and the code stay.
    """
    yield Cut(count_of_sentences)
    most = min(1, len(numbers.missions))
    for kept in range(count_of_sentences, 0, -1):
        yield Cut(kept, most)
    if count_of_sentences:
        yield Cut(1, most, local=False)
    yield Cut(0, most, local=False)


def measured(text: str) -> str:
    """Return a text as long as it will be when its gaps are filled."""
    return text.replace(GAP, CODE_OF_LENGTH).replace(SAFE_GAP, TOKEN_OF_LENGTH)


def fits(text: str, form: Form, most_parts: int) -> bool:
    """Tell whether a text, with its code, is as short as its form asks; `most_parts` is for SMS."""
    sent = measured(text)
    if form == "sms":
        return count(sent).parts <= most_parts and len(sent) <= MOST_SMS_LETTERS
    if form == "voice":
        return len(sent) <= MOST_SPOKEN
    return len(sent.encode()) <= MOST_BYTES[form]


def over(channel: str, language: str, parts: int, rules: TextRules) -> bool:
    """Tell whether an SMS takes more parts than the office set, even after everything that may be left out was."""
    return FORMS.get(channel) == "sms" and parts > rules.most_parts("zh" if language == "zh" else "en")


def is_taken(text: str, form: Form) -> bool:
    """Tell whether a provider would take a text: more parts cost money, more than this is refused."""
    sent = measured(text)
    return len(sent) <= MOST_SMS_LETTERS if form == "sms" else fits(text, form, 0)
