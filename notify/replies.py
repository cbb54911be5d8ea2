"""What people write back to our numbers: STOP and START are obeyed at once, an answer to "are you safe?" is counted, and all is kept.

Twilio itself blocks a number that replied with one of its own words (STOP, UNSUBSCRIBE, …) and then refuses what we send with
21610; our stop says the same before the next notice, and shows it to the company. Chinese readers are used to TD (退订).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from core.keys import MasterKeys
from notify.channels.base import Consequence
from notify.duty import answers as duty_answers
from notify.receipts import RECEIVED, Word, keep_reply
from notify.safety.model import Counted
from notify.safety.ways import CARRIES, Heard, hear, unasked
from notify.stops import stop, use_again
from notify.store.receipts import newest_to
from registry import scope
from registry.actors import SYSTEM
from registry.enrol import index_key
from registry.matching import address_index

STOP_WORDS = frozenset({
    "STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "OPTOUT", "REVOKE", "TD", "T", "停止", "停止发送", "退订", "取消",
    "取消订阅", "拒收",
})  # fmt: skip
"""Twilio's own words (its page on opt-out keywords), and what Chinese readers write. Only as the whole message."""

START_WORDS = frozenset({"START", "UNSTOP", "RESTART", "开始", "恢复订阅", "恢复接收", "重新订阅", "取消退订"})
"""Twilio's own words to hear from us again, but for YES: that may answer us; and what Chinese readers write. Only as the whole message."""

_NOISE = re.compile(r"[\s\W_]+")


@dataclass(frozen=True)
class Reply:
    """A message to one of our numbers.

    Attributes:
        channel: `sms` or `whatsapp`.
        number: E.164.
        opted_out: the provider took it as a STOP by itself.
        payload: every field as it came.
        opted_in: the provider took it as a START by itself.
    """

    channel: str
    number: str
    body: str
    provider: str
    provider_id: str
    opted_out: bool
    payload: Mapping[str, str]
    opted_in: bool = False


@dataclass(frozen=True)
class Taken:
    """What became of a reply.

    Attributes:
        stopped: how many addresses were stopped.
        delivery_id: beside which notice it is kept; None: beside none.
        counted: how it counts as an answer to "are you safe?"; None: nobody had asked this number.
        resumed: how many addresses are used again.
    """

    stopped: int
    delivery_id: int | None
    counted: Counted | None = None
    resumed: int = 0


def wants_stop(body: str) -> bool:
    """Tell whether a message says STOP and nothing else. Width, case, blanks and punctuation do not matter. Pure."""
    return _bare(body) in STOP_WORDS


def wants_start(body: str) -> bool:
    """Tell whether a message takes back a STOP and says nothing else. Pure."""
    return _bare(body) in START_WORDS


def take(connection: Connection, reply: Reply, keys: MasterKeys, now: datetime) -> Taken:
    """Stop the address, or use it again, if its owner says so; else count an answer. Keep the message, sealed, whatever it says.

    It is kept beside the newest notice to this number, and by the people behind it if an alert asked them; from a number we
    never wrote to, in the list of strangers.
    """
    if duty_answers.take_word(connection, reply.number, reply.body, keys, now):
        return Taken(0, None)  # an officer who was paged has heard it
    index = address_index(index_key(connection, keys), reply.channel, reply.number)
    stops, starts = reply.opted_out or wants_stop(reply.body), reply.opted_in or wants_start(reply.body)
    ids = scope.addresses_with(connection, SYSTEM, reply.channel, index) if stops or starts else []
    stopped = stop(connection, ids, Consequence.OPTED_OUT, now) if stops else 0
    resumed = use_again(connection, ids[0], now) if starts and ids and not stops else 0
    delivery_id = newest_to(connection, CARRIES[reply.channel], index)
    if delivery_id is not None:
        word = Word(delivery_id, reply.provider, reply.provider_id, RECEIVED, "", reply.payload, "callback")
        delivery_id = delivery_id if keep_reply(connection, word, keys, now) else None
    if stops or (starts and wants_start(reply.body)):
        return Taken(stopped, delivery_id, resumed=resumed)
    heard = Heard(reply.channel, reply.number, reply.body, reply.provider_id, now)
    counted = hear(connection, heard, keys)
    if counted is None:
        unasked(connection, heard, keys, known=delivery_id is not None)
    return Taken(stopped, delivery_id, counted, resumed)


def _bare(body: str) -> str:
    return _NOISE.sub("", unicodedata.normalize("NFKC", body)).upper()
