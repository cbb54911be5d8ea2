"""The mail with the link by which a contact of a company signs in. Whether anybody has the address, nobody is told."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from core.database import writing
from core.i18n import Language, t
from notify.model import OfficeName
from notify.office import Office
from notify.service import Handed, ServiceMessage, send_service
from registry.accounts.sign_in import LINK_LASTS, Whose, make_link
from registry.actors import Actor
from registry.employers import EmployerView, own_employer
from registry.people import Channel
from registry.scope.liaisons import liaisons_reached_by
from registry.tables import Role

BY = "sign-in"
"""Who asked, as the audit has it: nobody is known yet."""


@dataclass(frozen=True)
class Invitation:
    """A link that was made for a contact."""

    contact_id: int
    employer: EmployerView
    language: Language
    url: str


def send_links(office: Office, mail: str) -> list[Handed]:
    """Send a link for every company that has this address among its contacts; return what came of each mail."""
    made = _make(office, mail)
    return asyncio.run(_send(office, made, mail)) if made else []


def link_url(office: Office, token: str) -> str:
    """Return the address of a link."""
    return f"{office.settings.public_base_url}/company/sign-in/{token}"


def set_up_url(office: Office, token: str) -> str:
    """Return the address of a link by which a user of the office sets up password and second factor."""
    return f"{office.settings.public_base_url}/office/set-up/{token}"


def letter(one: Invitation, mail: str, office: OfficeName) -> ServiceMessage:
    """Put a link into words. Pure."""
    who = office.en if one.language == "en" else office.zh
    minutes = int(LINK_LASTS.total_seconds() // 60)
    title = t("Sign in to the company portal of {office}", office=who)
    lines = [
        t("Open this page to sign in for {company}. It works once, within {minutes} minutes:",
          company=one.employer.name, minutes=minutes),
        t("If you did not ask for it, do nothing. Give this link to nobody: whoever has it sees your people."),
    ]  # fmt: skip
    first, last = (line.render(one.language) for line in lines)
    body = f"{first}\n{one.url}\n{last}"
    return ServiceMessage(
        f"employer_contact/{one.contact_id}", Channel.EMAIL, one.language, title.render(one.language), body, mail,
        valid_seconds=int(LINK_LASTS.total_seconds()),
    )  # fmt: skip


def _make(office: Office, mail: str) -> list[Invitation]:
    now, made = office.clock.now(), []
    with writing(office.engine) as connection:
        for contact, employer, language in liaisons_reached_by(connection, office.keys, mail):
            token = make_link(connection, Whose(employer, contact_id=contact), by=BY, now=now)
            company = own_employer(connection, Actor(BY, Role.COMPANY, None, employer))
            spoken: Language = "en" if language == "en" else "zh"
            made.append(Invitation(contact, company, spoken, link_url(office, token)))
    return made


async def _send(office: Office, made: list[Invitation], mail: str) -> list[Handed]:
    tools = office.tools()
    try:
        return [await send_service(tools, letter(one, mail, office.name), by=BY) for one in made]
    finally:
        for channel in tools.channels.values():
            await channel.close()
