"""The nouns of a CAP 1.2 message as we publish it (OASIS CAP-v1.2, 2010-07-01). Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime


@dataclass(frozen=True)
class Area:
    """A country: its name in the language of the text, and its ISO 3166-1 alpha-2 code. We draw no polygons."""

    description: str
    country: str


@dataclass(frozen=True)
class Info:
    """What a message says in one language."""

    language: str
    category: str
    event: str
    event_code: str
    response: str
    urgency: str
    severity: str
    certainty: str
    expires: datetime
    sender_name: str
    headline: str
    description: str
    instruction: str
    web: str
    contact: str
    parameters: tuple[tuple[str, str], ...]
    areas: tuple[Area, ...]


@dataclass(frozen=True)
class Message:
    """One message.

    Attributes:
        uuid: names it for good, in addresses and, as `urn:uuid:`, as its identifier.
        status: `Actual`, `Exercise` or `Test`. `kind`: `Alert`, `Update` or `Cancel`.
        restriction: who it is for, where the scope is Restricted.
        references: the earlier messages it takes the place of or ends, oldest first.
        incidents: one word for all messages about the same alert.
    """

    uuid: str
    sender: str
    sent: datetime
    status: str
    kind: str
    scope: str
    restriction: str
    note: str
    references: tuple[Message, ...]
    incidents: str
    infos: tuple[Info, ...]

    @property
    def identifier(self) -> str:
        """Return the identifier: no blank, comma, `<` or `&` in it, as CAP wants."""
        return f"urn:uuid:{self.uuid}"

    @property
    def expires(self) -> datetime:
        """Return when it ends."""
        return max(info.expires for info in self.infos)

    @property
    def reference(self) -> str:
        """Return how later messages name it."""
        return f"{self.sender},{self.identifier},{cap_time(self.sent)}"


def cap_time(moment: datetime) -> str:
    """Write a time as CAP wants it: whole seconds, with an offset, and UTC as `-00:00`, never `Z` (section 3.3.2)."""
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%S}-00:00"
