"""A stranger's message given to whom it is from: an officer found out, and their word counts as heard from the person."""

from __future__ import annotations

from sqlalchemy import Connection

from core.errors import NotFound
from core.i18n import t
from core.keys import MasterKeys
from notify.alerts import Acting
from notify.safety.model import Answer
from notify.safety.strangers.keep import list_open, settle
from notify.safety.take import LONGEST_NOTE, Mark, mark
from registry.actors import require_office


def assign(
    connection: Connection, stranger_id: int, said: tuple[int, int, Answer], acting: Acting, keys: MasterKeys
) -> None:
    """Write down a stranger's message as the word of a person after an alert, with their words, and take it off the list.

    Args:
        said: alert, person, and what the officer reads it as.

    Raises:
        NotAllowed: the actor is not of the office.
        NotFound: no such message is open; there is no such alert, or it was not for this person.
    """
    require_office(acting.actor)
    alert_id, person, answer = said
    waiting = {one.stranger_id: one for one in list_open(connection, acting.actor, keys, acting.now)}
    if stranger_id not in waiting:
        raise NotFound(t("No message {number} of a stranger is open.", number=stranger_id))
    note = waiting[stranger_id].words[:LONGEST_NOTE]
    mark(connection, Mark(alert_id, [person], answer, note, phoned=True), acting, keys)
    settle(connection, acting.actor, stranger_id, acting.now)
