"""A channel that keeps what it is given: the shipped test double. It can be told what to answer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from notify.channels.base import Absent, Accepted, Answer, CannotTell, Found, Outgoing, ProviderStatus, Result


def _accept(notice: Outgoing) -> Result:
    return Accepted(f"REC{notice.delivery_id}.{notice.attempt}", "delivered")


@dataclass
class Recorder:
    """Keeps every notice in `sent`; `answer` decides what comes of each call."""

    name: str = "sms"
    provider: str = "recorder"
    answer: Callable[[Outgoing], Result] = _accept
    sent: list[Outgoing] = field(default_factory=list)

    @property
    def endpoint(self) -> str:
        """Return loopback: nothing leaves the process."""
        return "127.0.0.1"

    async def send(self, notice: Outgoing) -> Result:
        """Keep the notice if the answer is that it was taken."""
        result = self.answer(notice)
        if isinstance(result, Accepted):
            self.sent.append(notice)
        return result

    async def lookup(self, notice: Outgoing, since: datetime) -> Answer:
        """Look among what was kept."""
        copies = [one for one in self.sent if one.ref == notice.ref and one.address == notice.address]
        if not copies:
            return Absent()
        return Found(f"REC{copies[0].delivery_id}.{copies[0].attempt}", "delivered", copies=len(copies))

    async def status(self, provider_id: str) -> ProviderStatus | CannotTell:
        """Say that it arrived."""
        return ProviderStatus(provider_id, "delivered")

    async def close(self) -> None:
        """Nothing to let go of."""
