"""The ways in: an answer by message, digit, mail or link finds the alert that asked and the people behind the number.

An answer goes to the newest alert that asked this number, or its owner at another address of theirs, and still counts; and,
because nobody can say by a digit which question they mean, to every other one in force that asked it before. A drill never says
of a live alert that somebody is safe, but a call for help after a drill counts for the live alert, too. What answers nothing is
kept all the same: beside the newest notice to the number if there is one, else in the list of strangers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection

from core.i18n import t
from core.keys import MasterKeys
from notify.channels.twiml import CONFIRMING, HELP
from notify.duty.paging import page
from notify.safety.model import PERSON, Answer, Counted, Means, Said
from notify.safety.reading import read
from notify.safety.strangers.keep import Message, keep
from notify.safety.take import take_answer
from notify.store import safe_ways as store
from notify.store.safe_ways import AskedBy
from registry.enrol import index_key
from registry.matching import address_index

CARRIES: Mapping[str, Sequence[str]] = {
    "sms": ("sms", "sms_cn", "voice"), "whatsapp": ("whatsapp",), "email": ("email",),
}  # fmt: skip
"""Over which channels somebody may have been asked, by the channel on which they answer."""

MEANS = {"sms": Means.SMS, "whatsapp": Means.WHATSAPP, "email": Means.MAIL}
MOST = 5
"""Alerts for which one message counts, the newest first: an answer must not take longer because a country has seen many."""

DIGITS = {CONFIRMING: Answer.SAFE, HELP: Answer.HELP}


@dataclass(frozen=True)
class Heard:
    """A message to one of our numbers, or a mail.

    Attributes:
        channel: `sms`, `whatsapp` or `email`.
        number: E.164, or a mail address.
        delivery_id: the notice it answers, if it says so; 0: it does not.
    """

    channel: str
    number: str = field(repr=False)
    words: str = field(repr=False)
    provider_id: str
    at: datetime
    delivery_id: int = 0


def asked_at(connection: Connection, heard: Heard, keys: MasterKeys) -> list[AskedBy]:
    """Return what a message answers, the newest first; none: nothing asked this number, or all of it is long over."""
    if heard.delivery_id:
        found = store.asking(connection, heard.delivery_id, heard.at)
        return [] if found is None else [found]
    index = address_index(index_key(connection, keys), heard.channel, heard.number)
    return store.asking_number(connection, CARRIES[heard.channel], index, heard.at)


def hear(connection: Connection, heard: Heard, keys: MasterKeys) -> Counted | None:
    """Take a message as an answer of everybody behind the number; None if no alert in question asked them.

    In the caller's transaction: stored, counted and paged together, or not at all.
    """
    asked = [one for one in asked_at(connection, heard, keys) if one.people][:MOST]
    if not asked:
        return None
    newest, others = asked[0], asked[1:]
    said = Said(read(heard.words), MEANS[heard.channel], PERSON, heard.words, heard.at, heard.provider_id)
    counted = take_answer(connection, newest.alert_id, newest.people, said, keys)
    paged = not newest.drill  # one page for one message; but the page of a drill wakes nobody as a live one does
    for other in others:
        if other.drill == newest.drill or said.answer is Answer.HELP:
            take_answer(connection, other.alert_id, other.people, said, keys, calls=not paged and not other.drill)
            paged |= not other.drill
    return counted


def press(
    connection: Connection, delivery_id: int, digit: str, call_id: str, at: datetime, keys: MasterKeys
) -> Counted | None:
    """Take a key that a listener pressed: 1 safe, 2 help. None: another key, or the notice did not ask."""
    asked = store.asking(connection, delivery_id, at) if digit in DIGITS else None
    if asked is None or not asked.people:
        return None
    return take_answer(
        connection, asked.alert_id, asked.people, Said(DIGITS[digit], Means.VOICE, PERSON, "", at, call_id), keys
    )


def unasked(connection: Connection, heard: Heard, keys: MasterKeys, *, known: bool) -> None:
    """See to a message that answers nothing. From a number we never wrote to it is kept for an officer; a cry for help pages one.

    Args:
        known: it is kept already, beside a notice to this number.
    """
    kept = None if known else keep(connection, _message(heard), keys)
    if not known and kept is None:
        return  # it came before
    if _cries(heard.words):
        cause = f"help/heard/{heard.provider_id}"[:200] if known else f"help/stranger/{kept}"
        words = t("Somebody who was not asked writes that they need help. Look: `lingbao safe unknown`.")
        if known:
            words = t("Somebody who was not asked answers a notice and needs help. Look at the replies of that number.")
        page(connection, cause, words, heard.at)


def _message(heard: Heard) -> Message:
    return Message(heard.channel, heard.number, heard.words, heard.provider_id, heard.at)


def _cries(words: str) -> bool:
    """Tell whether words ask for help by themselves: a bare digit means something only to whoever was asked."""
    return any(one.isalpha() for one in words) and read(words) is Answer.HELP
