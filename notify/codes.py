"""The message that carries a code, and how it is sent."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from core.errors import BadInput
from core.i18n import Language, t
from notify.model import OfficeName
from notify.office import Office
from notify.service import Handed, ServiceMessage, send_service, why_not
from registry.people import NewAddress
from registry.signup.model import CODE_LASTS, Code

HOURS = int(CODE_LASTS.total_seconds() // 3600)


def code_message(code: Code, office: OfficeName) -> ServiceMessage:
    """Put a code into words: who sends it, what it is for, that nobody will ask for it. Pure."""
    language: Language = "en" if code.language == "en" else "zh"
    who = office.en if language == "en" else office.zh
    title = t("Your code from {office}", office=who)
    body = t(
        "{office}: your code for safety notices abroad is {digits}, valid for {hours} hours. Give it to nobody: "
        "our staff never ask for it. If you did not ask for it, do nothing.",
        office=who, digits=code.digits, hours=HOURS,
    )  # fmt: skip
    return ServiceMessage(
        code.subject, code.channel, language, title.render(language), body.render(language), code.address, code.foreign
    )


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


def first_way(office: Office, ways: Sequence[NewAddress], *, foreign: bool) -> int:
    """Return the position of the first address a code may go to: its channel is open, and the ground holds.

    Raises:
        BadInput: there is none.
    """
    tools = office.tools()
    for at, one in enumerate(ways):
        if not why_not(tools.settings, tools.channels, one.channel, foreign=foreign):
            return at
    raise BadInput(
        t("No code can be sent to any of these addresses. Give a mail address, or agree to providers abroad.")
    )
