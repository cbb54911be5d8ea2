"""Paging: a person is wanted. Written in the transaction of whoever finds it; the call is made by the next sweep.

So that nothing is paged that did not happen, and nothing that happened is forgotten: the page stands or falls with its cause.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from core.i18n import Message
from notify.duty import store


def page(connection: Connection, cause: str, words: Message, now: datetime) -> bool:
    """Write that the duty officer is wanted. False: a page of this cause is open already, and nothing was changed.

    Args:
        cause: a kind and ids, such as `help/12/345`: one page of a cause is open at a time.
        words: what happened and what to do, in one sentence. It goes out by SMS: ids, never names or numbers.
    """
    return store.open_page(connection, cause, words, now)


def settle(connection: Connection, cause: str, now: datetime) -> bool:
    """Close the page of a cause, because it is over: nobody is called for it any more. False: none was open."""
    return store.settle(connection, cause, now)
