"""What officers answer: a key pressed in a call, a word by SMS, or `lingbao duty ack`. Then nobody else is called."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection

from core.audit import record
from core.keys import MasterKeys
from notify.duty import call_store, shift_store, store
from notify.routing import VOICE

WORDS = frozenset({"1", "收到", "收到1", "OK", "好", "好的", "知道了", "已知", "ACK", "RECEIVED"})
"""Only as the whole message, whatever its width, case, blanks and punctuation."""

ANSWERS_FOR = timedelta(hours=12)
"""A word counts for the pages for which this number was written to or called within this time."""

NOT_REACHED = frozenset({"undelivered", "failed", "canceled"})
HEARD = "read"
_NOISE = re.compile(r"[\s\W_]+")


def is_answer(body: str) -> bool:
    """Tell whether a message says that somebody knows, and nothing else. Pure."""
    return _NOISE.sub("", unicodedata.normalize("NFKC", body)).upper() in WORDS


def acknowledge(connection: Connection, pages: Sequence[int], *, by: str, now: datetime) -> list[int]:
    """Write that somebody knows of these pages; return those that nobody knew of yet.

    Args:
        by: a user, or what answered: `duty_call/7`. Never a name or a number of an officer.
    """
    found = store.acknowledge(connection, pages, by=by, now=now)
    for one in found:
        record(connection, actor=by, action="duty.ack", subject=f"duty_page/{one}", now=now)
    return found


def hear(connection: Connection, number: int, status: str, *, code: str, now: datetime) -> bool:
    """Take a provider's word on a call. False: there is no such call.

    The right key in a call is an answer. Who was certainly not reached is not waited for.

    Args:
        number: as the provider has it: the number of the call plus `call_store.BASE`.
    """
    call = number - call_store.BASE
    channel = call_store.raise_status(connection, call, status, code)
    if channel is None:
        return False
    if status == HEARD and channel == VOICE:
        pages = [one.id for one in call_store.pages_of(connection, call)]
        acknowledge(connection, pages, by=f"duty_call/{call}", now=now)
    elif status in NOT_REACHED:
        call_store.hurry(connection, call, now)
    return True


def take_word(connection: Connection, number: str, body: str, keys: MasterKeys, now: datetime) -> bool:
    """Take an SMS from an officer who was written to or called. False: it is none, or nobody waits for one from this number.

    Args:
        number: E.164.
    """
    if not is_answer(body):
        return False
    phone = shift_store.phone_index(connection, keys, number)
    waiting = call_store.called_pages(connection, phone, now - ANSWERS_FOR)
    return bool(acknowledge(connection, waiting, by="duty.sms", now=now))
