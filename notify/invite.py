"""The mail that tells a contact of a company that they may sign in, and where. It holds no secret: it may be read tomorrow."""

from __future__ import annotations

import asyncio

from core.audit import record
from core.database import writing
from core.errors import BadInput, NotFound
from core.i18n import Language, t
from notify.model import OfficeName
from notify.office import Office
from notify.service import Handed, ServiceMessage, send_service
from registry.actors import Actor, require_office
from registry.contacts import list_contacts
from registry.liaisons import LiaisonView
from registry.people import Channel


def invite(office: Office, actor: Actor, employer_id: int, contact_id: int, company: str) -> Handed:
    """Write to a contact of a company that they may sign in to its portal; return what came of the mail.

    Raises:
        NotAllowed: the actor is not the office.
        NotFound: the company has no such contact.
        BadInput: the contact has no mail address.
    """
    require_office(actor)
    now = office.clock.now()
    with writing(office.engine) as connection:
        there = list_contacts(connection, actor, employer_id, keys=office.keys, now=now)
        contact = next((one for one in there if one.contact_id == contact_id), None)
        if contact is None:
            raise NotFound(t("There is no contact {number} of a company.", number=contact_id))
        if not contact.mail:
            raise BadInput(t("This contact has no mail address."))
        subject = f"employer_contact/{contact_id}"
        record(connection, actor=actor.name, action="contact.invite", subject=subject, now=now)
    return asyncio.run(_send(office, letter(contact, company, f"{office.settings.public_base_url}/company/sign-in",
                                            office.name), actor.name))  # fmt: skip


def letter(contact: LiaisonView, company: str, url: str, office: OfficeName) -> ServiceMessage:
    """Put the invitation into words. Pure."""
    language: Language = "en" if contact.language == "en" else "zh"
    who = office.en if language == "en" else office.zh
    lines = [
        t("You are the contact of {company} for {office}. In the company portal you keep the list of your people abroad, and see "
          "which warnings they were sent.", company=company, office=who),
        t("Sign in here with this mail address; no password is needed:"),
        t("If this is not for you, please tell the office."),
    ]  # fmt: skip
    first, second, last = (line.render(language) for line in lines)
    title = t("Your access to the company portal of {office}", office=who).render(language)
    body = f"{first}\n{second}\n{url}\n{last}"
    return ServiceMessage(f"employer_contact/{contact.contact_id}", Channel.EMAIL, language, title, body, contact.mail)


async def _send(office: Office, message: ServiceMessage, by: str) -> Handed:
    tools = office.tools()
    try:
        return await send_service(tools, message, by=by)
    finally:
        for channel in tools.channels.values():
            await channel.close()
