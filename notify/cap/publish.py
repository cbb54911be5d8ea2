"""Publishing: the feed, one message by its name, and the messages of one alert, from what is stored now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid5

from core.database import reading
from core.errors import NotFound
from core.i18n import t
from notify.cap.chain import Publisher, chain_of
from notify.cap.message import Message
from notify.cap.words import LONGEST
from notify.cap.write import feed_xml, message_xml
from notify.office import Office
from notify.store.alerts import alert as stored_alert
from notify.store.alerts import instance
from notify.store.cap import chains
from sources.model import Authority


@dataclass(frozen=True)
class Document:
    """A document to serve, and when it last changed."""

    body: bytes
    changed: datetime


def feed(office: Office) -> Document:
    """Return the feed of what stands now: of every alert the newest message, the newest alert first.

    A Cancel stays until what it cancelled would have ended. The feed is empty where the office publishes nothing.
    """
    now = office.clock.now()
    with reading(office.engine) as connection:
        here = instance(connection)
        found = chains(connection, _home(office), since=now - LONGEST) if office.settings.cap_public else []
    newest = [chain[-1] for one in found if (chain := chain_of(one, publisher(office), public=True))]
    standing = sorted((one for one in newest if one.expires > now), key=lambda one: (one.sent, one.uuid), reverse=True)
    changed = standing[0].sent if standing else here.created_at
    body = feed_xml(
        standing, name=office.name.zh, uuid=str(uuid5(UUID(here.uid), "cap/feed")), base=office.settings.public_base_url,
        updated=changed,
    )  # fmt: skip
    return Document(body, changed)


def message(office: Office, uuid: str) -> Document:
    """Return a public message by its name, also one whose time is over.

    Raises:
        NotFound: there is no such message, or the office publishes nothing.
    """
    if office.settings.cap_public:
        with reading(office.engine) as connection:
            found = chains(connection, _home(office))
        for one in found:
            for made in chain_of(one, publisher(office), public=True):
                if made.uuid == uuid:
                    return Document(message_xml(made), made.sent)
    raise NotFound(t("There is no such message."))


def of_alert(office: Office, alert_id: int) -> tuple[Message, ...]:
    """Return the messages of one alert, oldest first: Public if it is published, else Restricted.

    Raises:
        NotFound: there is no such alert, or nothing of it was released in the mode of this instance.
    """
    with reading(office.engine) as connection:
        if stored_alert(connection, alert_id) is None:
            raise NotFound(t("There is no alert {number}.", number=alert_id))
        found = chains(connection, _home(office), alert_id=alert_id)
    if not found:
        raise NotFound(t("Alert {number} was not released: there is no message of it.", number=alert_id))
    public = chain_of(found[0], publisher(office), public=True) if office.settings.cap_public else ()
    return public or chain_of(found[0], publisher(office), public=False)


def publisher(office: Office) -> Publisher:
    """Return who publishes: the sender is the office's mail address, as CAP wants a name that is unique in the world."""
    return Publisher(office.name, office.settings.mail_from)


def _home(office: Office) -> frozenset[str]:
    return frozenset(name for name, one in office.sources.items() if one.CARD.authority is Authority.HOME)
