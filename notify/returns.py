"""Undeliverable mail that came back: each bounce becomes a receipt, and a mailbox that is not there is used no more."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

import structlog
from sqlalchemy import Connection

from core.database import reading, writing
from core.errors import WrongSetting
from core.i18n import t
from core.tables import Mode
from notify import mailbox, receipts
from notify.bounces import Bounce, read_bounce
from notify.gate import Gate
from notify.office import Office
from notify.ref import delivery_of
from notify.store import alerts as alert_store
from notify.store import receipts as store
from registry import scope
from registry.actors import SYSTEM
from registry.store import stop_addresses

log = structlog.get_logger(__name__)
NO_MAILBOX = "mail: no such mailbox"


@dataclass
class Returned:
    """What was read: bounces of ours, those among them that ended an address, and mails that were left for a person."""

    bounces: int = 0
    stopped: int = 0
    left: int = 0


def collect(office: Office) -> Returned:
    """Read the mailbox of bounces once. A sandbox reads none of another machine.

    Raises:
        WrongSetting: there is none, or it cannot be read.
    """
    where = office.settings.bounce_mailbox.get_secret_value()
    if not where:
        raise WrongSetting(t("No mailbox of bounces is set (bounce_mailbox)."))
    found = Returned()
    if not _may_read(office, where):
        # It would mark as seen what the office that is live must read (DESIGN promise 13).
        log.warning("a sandbox reads no mailbox elsewhere")
        return found
    mailbox.read(where, lambda raw: take(office, raw, found))
    return found


def _may_read(office: Office, where: str) -> bool:
    if not where.startswith("imaps://"):
        return True  # A folder of this machine, or nothing that is read at all.
    with reading(office.engine) as connection:
        here = alert_store.instance(connection)
    gate = Gate(here.uid, Mode(here.mode), office.settings.drill_allow)
    return gate.may_reach(urlsplit(where).hostname or "")


def take(office: Office, raw: bytes, found: Returned) -> bool:
    """Write down what one mail says, counting it in `found`; False if it is no bounce of ours. The same one twice counts once."""
    bounce = read_bounce(raw)
    with reading(office.engine) as connection:
        uid = alert_store.instance(connection).uid
    number = None if bounce is None else delivery_of(uid, bounce.ref)
    if bounce is None or number is None:
        found.left += 1
        return False
    with writing(office.engine) as connection:
        if not _apply(connection, office, number, bounce, found):
            found.left += 1
            return False
    found.bounces += 1
    return True


def _apply(connection: Connection, office: Office, number: int, bounce: Bounce, found: Returned) -> bool:
    delivery, now = store.delivery(connection, number), office.clock.now()
    if delivery is None or delivery.channel != "email" or not delivery.attempts:
        return False
    fields = {"recipient": bounce.recipient, "detail": bounce.detail, "notification": bounce.notification}
    word = receipts.Word(number, "smtp", delivery.provider_id or "", bounce.status, bounce.code, fields, "bounce")
    receipts.accept(connection, word, office.keys, now)
    own = scope.open_addresses(connection, SYSTEM, [delivery.address_id], office.keys).get(delivery.address_id, "")
    # A mail that was passed on may come back from a mailbox that is not the one we wrote to.
    if bounce.no_mailbox and own.casefold() == bounce.recipient.casefold():
        stop_addresses(
            connection, scope.same_values(connection, SYSTEM, [delivery.address_id]), reason=NO_MAILBOX, now=now
        )
        found.stopped += 1
    return True
