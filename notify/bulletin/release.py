"""Releasing a bulletin: the text the office has edited is kept, sealed with the proof, and mailed to each company once."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass

from sqlalchemy.exc import IntegrityError

from core.audit import record
from core.database import reading, writing
from core.errors import BadInput, NotFound
from core.i18n import Language, t
from notify.bulletin import store
from notify.bulletin.tables import Bulletin
from notify.bulletin.week import Week, week_named
from notify.bulletin.word import docx
from notify.channels.base import Attachment
from notify.mailings import store as mailings
from notify.mailings.once import MailLetter, Outcome, send_letters
from notify.mailings.tables import MailingKind
from notify.markup import BlockKind, blocks, page, plain
from notify.office import Office
from registry.actors import SYSTEM, Actor, require_office
from registry.contacts import list_contacts
from registry.employers import list_employers

LONGEST = 200_000
"""Characters; a longer text is no bulletin of a week."""
WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_UNFINISHED = re.compile(r"\b(?:TODO|XXX|TBD)\b|【待[^】]*】|待补充")


@dataclass(frozen=True)
class Text:
    """An edited bulletin that may be released: its title and its Markdown."""

    title: str
    markdown: str


def checked(markdown: str, week: Week) -> Text:
    """Read an edited text. Pure.

    Raises:
        BadInput: it is empty or too long, has no title, does not name its week, or is not finished.
    """
    text = markdown.lstrip("\ufeff").replace("\r\n", "\n").strip() + "\n"
    found = blocks(text)
    if len(text) > LONGEST:
        raise BadInput(t("The text is longer than {count} characters.", count=LONGEST))
    if len(found) < 3 or found[0].kind is not BlockKind.HEADING or found[0].level != 1:
        raise BadInput(t("The text must begin with its title (“# …”) and have something to say below it."))
    head = "".join(run.text for block in found[:3] for run in block.runs)
    if str(week.year) not in head or not re.search(rf"(?<!\d){week.number}(?!\d)", head):
        raise BadInput(
            t("Below its title the text does not name the week {week}: is it the right file?", week=week.name)
        )
    if unfinished := _UNFINISHED.search(text):
        raise BadInput(t("The text is not finished: it still has “{words}”.", words=unfinished[0]))
    return Text("".join(run.text for run in found[0].runs)[:200], text)


def release(office: Office, actor: Actor, week: Week, markdown: str, language: Language) -> Bulletin:
    """Keep and seal the bulletin of a week. The same text again changes nothing.

    Raises:
        NotAllowed: the actor is not the office.
        BadInput: the text cannot be released, or the week has another bulletin.
    """
    require_office(actor)
    text, now = checked(markdown, week), office.clock.now()
    digest = hashlib.sha256(text.markdown.encode()).hexdigest()
    row = {"week": week.name, "title": text.title, "language": language, "markdown": text.markdown, "sha256": digest,
           "released_at": now, "released_by": actor.name}  # fmt: skip
    try:
        with writing(office.engine) as connection:
            if store.released(connection, week.name) is None:
                store.add(connection, row)
                record(
                    connection,
                    actor=actor.name,
                    action="bulletin.release",
                    subject=f"bulletin/{week.name}",
                    now=now,
                    detail=digest,
                )
    except IntegrityError:
        pass  # somebody else released this week at the same moment: which text it was is looked at below
    found = released(office, week)
    if found.sha256 != digest:
        raise BadInput(t("The bulletin of {week} was released by {who} already, with another text. To mend what is wrong in it: "
                         "`lingbao bulletin correct`.", week=week.name, who=found.released_by))  # fmt: skip
    return found


def released(office: Office, week: Week) -> Bulletin:
    """Return the bulletin of a week as it was released, in its newest edition.

    Raises:
        NotFound: it was not.
    """
    with reading(office.engine) as connection:
        found = store.released(connection, week.name)
    if found is None:
        raise NotFound(t("The bulletin of {week} was not released yet.", week=week.name))
    return found


def send(office: Office, week: Week, *, by: str) -> list[Outcome]:
    """Mail the newest edition of a bulletin to every company that has not got it; a second run sends it to nobody twice.

    A corrected edition goes to the companies that an earlier one was for. A company without a mail address is named in the outcome.

    Raises:
        NotFound: the bulletin was not released.
    """
    bulletin = released(office, week)
    with reading(office.engine) as connection:
        number = len(store.editions(connection, week.name))
        earlier = mailings.editions(connection, MailingKind.BULLETIN, week.name)
    edition = store.edition_name(week.name, number)
    had = {reader for before, reader in earlier if before != edition}
    language: Language = "en" if bulletin.language == "en" else "zh"
    title = t("{office} {title} {week}", office=office.name.signature, title=bulletin.title, week=week.name).render(
        language
    )
    body, shown = plain(bulletin.markdown), page(bulletin.markdown, bulletin.title, language, red=True)
    file = Attachment(f"bulletin-{edition.replace('/', '-')}.docx", WORD, as_word(bulletin, office.settings.zone))
    letters = [
        MailLetter(MailingKind.BULLETIN, edition, f"employer/{employer}", mails, language, title, body, shown, bulletin.sha256,
                   attachments=(file,))
        for employer, mails in readers(office) if number == 1 or not had or f"employer/{employer}" in had
    ]  # fmt: skip
    return send_letters(office, letters, by=by)


def as_word(bulletin: Bulletin, zone: str) -> bytes:
    """Return a released bulletin as a Word file."""
    day = week_named(bulletin.week, zone).ends
    return docx(bulletin.markdown, bulletin.title, "en" if bulletin.language == "en" else "zh", day)


def readers(office: Office) -> list[tuple[int, tuple[str, ...]]]:
    """Return every company with the mail addresses of its contacts, the first to be tried first."""
    with writing(office.engine) as connection:  # a look at contacts leaves a line in the audit
        now = office.clock.now()
        found = []
        for one in list_employers(connection, SYSTEM):
            contacts = list_contacts(connection, SYSTEM, one.employer_id, keys=office.keys, now=now)
            found.append((one.employer_id, tuple(contact.mail for contact in contacts if contact.mail)))
    return found
