"""Letters to companies: is the list of the month still right? One mail for the question, one for each reminder.

What was sent is known from the audit, so that a run that died half-way goes on where it stopped: a letter that may have gone
out is not sent again, for the reminder follows in a week; one that certainly did not is.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from core import audit
from core.database import writing
from core.i18n import Language, t
from notify.model import OfficeName
from notify.office import Office
from notify.service import SENDING, Handed, ServiceMessage, send_service
from registry.actors import SYSTEM
from registry.asking import rounds
from registry.asking.rounds import OpenRound
from registry.contacts import list_contacts
from registry.liaisons import LiaisonView
from registry.people import Channel

VALID = 3 * 24 * 3600
"""A relay may try for three days: the question is not urgent, and the reminder comes in seven."""
NOT_OUT = ("failed", "refused")


@dataclass(frozen=True)
class Letters:
    """What came of the letters that were due.

    Attributes:
        sent: employers whose letter is on its way, or may be.
        failed: employers whose letter certainly did not go out, with the code why: it is tried again at the next run.
        without: employers who named nobody with a mail address: an officer must call them.
    """

    sent: tuple[int, ...]
    failed: tuple[tuple[int, str], ...]
    without: tuple[int, ...]


def send_letters(office: Office, *, by: str) -> Letters:
    """Send every letter that is due. Repeatable: a second run sends nothing again."""
    with writing(office.engine) as connection:  # a look at contacts leaves a line in the audit
        due = _due(connection, office)
    addressed = [(one, who) for one, who in due if who is not None]
    handed = asyncio.run(_send(office, addressed, by)) if addressed else []
    outcome = [(one.employer_id, told) for (one, _), told in zip(addressed, handed, strict=True)]
    return Letters(
        sent=tuple(employer for employer, told in outcome if told.sent),
        failed=tuple((employer, told.code) for employer, told in outcome if not told.sent),
        without=tuple(one.employer_id for one, who in due if who is None),
    )


def letter(one: OpenRound, to: LiaisonView, office: OfficeName) -> ServiceMessage:
    """Put the question, or the reminder, into words. Pure."""
    language: Language = "en" if to.language == "en" else "zh"
    who = office.en if language == "en" else office.zh
    title = t("List of people abroad for {month}: please confirm", month=one.month)
    if one.reminders:
        title = t("Reminder {count}: list of people abroad for {month}", count=one.reminders, month=one.month)
    lines = [
        t("{office} asks each company every month whether its list of people abroad is still right.", office=who),
        t("If anything changed, send the whole new list. If nothing changed, say so: one word is enough."),
        t("People on a list that nobody confirms may not be told of danger in time."),
    ]
    if office.phone:
        lines.append(t("Questions: {phone}", phone=office.phone))
    body = "\n".join(line.render(language) for line in lines)
    return ServiceMessage(
        _subject(one), Channel.EMAIL, language, title.render(language), body, to.mail, valid_seconds=VALID
    )


def _due(connection: Connection, office: Office) -> list[tuple[OpenRound, LiaisonView | None]]:
    now = office.clock.now()
    waiting = [one for one in rounds.list_open(connection, SYSTEM, now) if not one.silent]
    last = audit.last_details(connection, SENDING, [_subject(one) for one in waiting])
    return [(one, _reader(connection, office, one)) for one in waiting if _is_open(last.get(_subject(one)))]


def _is_open(last: str | None) -> bool:
    """Tell whether no letter went out: none was tried, or the last try says so (`email failed timeout`)."""
    return last is None or any(word in NOT_OUT for word in last.split())


def _reader(connection: Connection, office: Office, one: OpenRound) -> LiaisonView | None:
    contacts = list_contacts(connection, SYSTEM, one.employer_id, keys=office.keys, now=office.clock.now())
    return next((contact for contact in contacts if contact.mail), None)


async def _send(office: Office, letters: Sequence[tuple[OpenRound, LiaisonView]], by: str) -> list[Handed]:
    tools = office.tools()
    try:
        return [await send_service(tools, letter(one, to, office.name), by=by) for one, to in letters]
    finally:
        for channel in tools.channels.values():
            await channel.close()


def _subject(one: OpenRound) -> str:
    return f"confirmation_round/{one.employer_id}-{one.month}-{one.reminders}"
