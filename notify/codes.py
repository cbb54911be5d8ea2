"""The message that carries a code, and how it is sent."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from core.errors import BadInput
from core.i18n import Message, t
from core.languages import words_in
from notify.model import OfficeName
from notify.office import Office
from notify.service import Handed, ServiceMessage, send_service, why_not
from registry.enrol import PHONE_CHANNELS
from registry.people import NewAddress
from registry.signup.model import CODE_LASTS, Code, Purpose


class NoWay(BadInput):
    """No code can go to any of the addresses."""


HOURS = int(CODE_LASTS.total_seconds() // 3600)


def code_message(code: Code, office: OfficeName) -> ServiceMessage:
    """Put a code into words: who sends it, what it is for, that nobody will ask for it. Pure."""
    language = words_in(code.language)
    who = office.en if language == "en" else office.zh
    title = t("Your code from {office}", office=who)
    body = _body(code, who)
    return ServiceMessage(
        code.subject, code.channel, language, title.render(language), body.render(language), code.address, code.foreign
    )


def _body(code: Code, office: str) -> Message:
    """Say first what the code does: whoever is talked into giving it away must be able to see what they give away."""
    told = {"office": office, "digits": code.digits, "hours": HOURS}
    if code.purpose is Purpose.LEAVE:
        return t(
            "{office}: this code ENDS your registration for safety notices abroad: {digits}, valid for {hours} hours. With "
            "it you are warned no more. Give it to nobody. If you did not ask for it, do nothing.", **told,
        )  # fmt: skip
    if code.purpose is Purpose.VISIT:
        return t(
            "{office}: this code OPENS your registration for safety notices abroad: {digits}, valid for {hours} hours. Who has "
            "it can see, change and end it. Give it to nobody. If you did not ask for it, do nothing.", **told,
        )  # fmt: skip
    if code.purpose is Purpose.CONSENT:
        return t(
            "{office}: this code changes your consent to providers abroad: {digits}, valid for {hours} hours. Give it to "
            "nobody. If you did not ask for it, do nothing.", **told,
        )  # fmt: skip
    if code.purpose is Purpose.STILL_THERE:
        return t(
            "{office}: this code says that you are still abroad where you are registered: {digits}, valid for {hours} "
            "hours. Give it to nobody. If you are not, or did not ask for it, do nothing.", **told,
        )  # fmt: skip
    if code.purpose is Purpose.VERIFY:
        return t(
            "{office}: your code to prove that this address is yours is {digits}, valid for {hours} hours. Say it only to "
            "whom you asked. If you did not ask for it, do nothing.", **told,
        )  # fmt: skip
    return t(
        "{office}: your code for safety notices abroad is {digits}, valid for {hours} hours. Give it to nobody: "
        "our staff never ask for it. If you did not ask for it, do nothing.", **told,
    )  # fmt: skip


def send_code(office: Office, code: Code, *, by: str) -> Handed:
    """Send a code over the channels of the office, which are opened for it. What comes of it is in the audit, the code nowhere."""

    async def once() -> Handed:
        """Send, and close the channels."""
        tools = office.tools()
        try:
            return await send_service(tools, code_message(code, office.name), by=by)
        finally:
            for channel in tools.channels.values():
                await channel.close()

    return asyncio.run(once())


def by_phone(ways: Sequence[NewAddress]) -> int:
    """Return the position of the first phone: nobody is turned away for refusing providers abroad; an officer telephones. Pure.

    Raises:
        NoWay: there is none.
    """
    for at, one in enumerate(ways):
        if one.channel in PHONE_CHANNELS:
            return at
    raise NoWay(t("No code can be sent to any of these addresses. Give a phone number."))


def first_way(office: Office, ways: Sequence[NewAddress], *, foreign: bool) -> int:
    """Return the position of the first address a code may go to: its channel is open, and the ground holds.

    Raises:
        NoWay: there is none.
    """
    tools = office.tools()
    for at, one in enumerate(ways):
        if not why_not(tools.settings, tools.channels, one.channel, foreign=foreign):
            return at
    raise NoWay(t("No code can be sent to any of these addresses. Give a mail address, or agree to providers abroad."))
