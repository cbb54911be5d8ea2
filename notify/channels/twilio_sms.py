"""SMS through Twilio's Messaging Service, with the official SDK.

For people, and for the look-up, a message is tied to its notice by the reference code in the text.
"""

from __future__ import annotations

from datetime import datetime

from core.settings import Settings
from notify.channels.base import Absent, Answer, CannotTell, Outgoing, ProviderStatus, Result
from notify.channels.twilio_account import CALLBACK_PATH, Account
from notify.channels.twilio_messages import LONGEST_VALIDITY, message_status, sent_to, with_code


class TwilioSms:
    """The channel. One instance per process; safe for many calls at once in one event loop."""

    name = "sms"
    provider = "twilio_sms"

    def __init__(self, settings: Settings, base_url: str) -> None:
        """Talk to `base_url` (empty: Twilio itself) with the account of the settings."""
        self._account = Account(settings, base_url)

    @property
    def endpoint(self) -> str:
        """Return the host that is called."""
        return self._account.host

    async def send(self, notice: Outgoing) -> Result:
        """Create one message. Never repeated by this class, whatever comes of it."""
        return await self._account.create(
            self._account.client.messages.create_async(
                to=notice.address,
                body=notice.body,
                messaging_service_sid=self._account.service,
                status_callback=self._account.hook(CALLBACK_PATH, notice),
                validity_period=min(max(notice.valid_seconds, 1), LONGEST_VALIDITY),
            )
        )

    async def lookup(self, notice: Outgoing, since: datetime) -> Answer:
        """List what Twilio holds for this number since `since`, and look for the reference code in the texts."""
        found = await sent_to(self._account, notice.address, since)
        return found if isinstance(found, CannotTell) else with_code(found, notice) or Absent()

    async def status(self, provider_id: str) -> ProviderStatus | CannotTell:
        """Fetch one message."""
        return await message_status(self._account, provider_id)

    async def close(self) -> None:
        """Close the connections."""
        await self._account.close()
