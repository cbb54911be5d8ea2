"""WhatsApp through Twilio: approved content templates, filled with variables. Never free text.

Outside the 24 hours after somebody wrote to us, WhatsApp takes approved templates only, and a text beside a template fails
with 63016 (Twilio's page on that error). A template is in one language; its gaps are numbered, in the order of the setting
`whatsapp_variables`. WhatsApp takes no line breaks in a variable, and no empty one (Meta's rules of template parameters).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime

from core.languages import words_in
from core.settings import Settings
from notify.channels.base import Absent, Answer, CannotTell, NoLookup, Outgoing, ProviderStatus, Rejected, Result
from notify.channels.twilio_account import CALLBACK_PATH, Account
from notify.channels.twilio_messages import LONGEST_VALIDITY, message_status, sent_to, with_code

PREFIX = "whatsapp:"
NOTHING = "–"


class TwilioWhatsapp:
    """The channel. One instance per process; safe for many calls at once in one event loop."""

    name = "whatsapp"
    provider = "twilio_whatsapp"

    def __init__(self, settings: Settings, base_url: str, templates: Mapping[str, str]) -> None:
        """Talk to `base_url` (empty: Twilio itself).

        Args:
            templates: Twilio's ids (HX…) by our names of templates, `first` for all languages or `first.en` for one.
        """
        self._account = Account(settings, base_url)
        self._templates = templates
        self._order = settings.whatsapp_variables
        # A number of our own goes before the Messaging Service: WhatsApp's limits and its approval belong to the number.
        own = f"{PREFIX}{settings.whatsapp_from}"
        self._sender = {"from_": own} if settings.whatsapp_from else {"messaging_service_sid": self._account.service}

    @property
    def endpoint(self) -> str:
        """Return the host that is called."""
        return self._account.host

    async def send(self, notice: Outgoing) -> Result:
        """Create one message from a template. Never repeated by this class, whatever comes of it."""
        words = words_in(notice.language)  # a notice in a further language has the English variables
        template = self._templates.get(f"{notice.template}.{words}") or self._templates.get(notice.template)
        if not template:
            named = notice.template or "(none)"
            return Rejected("no-template", f"whatsapp_templates has no {named}.{words}", stops_channel=True)
        return await self._account.create(
            self._account.client.messages.create_async(
                to=f"{PREFIX}{notice.address}",
                content_sid=template,
                content_variables=content_variables(notice.variables, self._order),
                status_callback=self._account.hook(CALLBACK_PATH, notice),
                validity_period=min(max(notice.valid_seconds, 1), LONGEST_VALIDITY),
                **self._sender,
            )
        )

    async def lookup(self, notice: Outgoing, since: datetime) -> Answer:
        """Look for the reference code in what Twilio holds for this number.

        Whether the API gives the filled text of a template as its body is written nowhere. So a message whose body does not
        show what was filled in (the office's name) proves nothing: then there is no look-up, and severity decides. No
        message at all is proof.
        """
        found = await sent_to(self._account, f"{PREFIX}{notice.address}", since)
        if isinstance(found, CannotTell):
            return found
        ours = with_code(found, notice)
        if ours is not None:
            return ours
        office = notice.variables.get("office", "")
        return Absent() if all(office and office in (one.body or "") for one in found) else NoLookup()

    async def status(self, provider_id: str) -> ProviderStatus | CannotTell:
        """Fetch one message."""
        return await message_status(self._account, provider_id)

    async def close(self) -> None:
        """Close the connections."""
        await self._account.close()


def content_variables(variables: Mapping[str, str], order: Sequence[str]) -> str:
    """Return the values as Twilio wants them: a JSON text with the numbers of the gaps, from 1, as names. Pure."""
    filled = {str(i): " ".join(variables.get(name, "").split()) or NOTHING for i, name in enumerate(order, 1)}
    return json.dumps(filled, ensure_ascii=False)
