"""Mail that came back: each bounce becomes a receipt, and a mailbox that is not there is used no more; answers are counted."""

from __future__ import annotations

import hashlib
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
from notify.safety.links import Links
from notify.safety.mails import MailReply, read_mail
from notify.safety.ways import Heard, hear
from notify.store import alerts as alert_store
from notify.store import receipts as store
from registry import scope
from registry.actors import SYSTEM
from registry.enrol import index_key
from registry.store import stop_addresses

log = structlog.get_logger(__name__)
NO_MAILBOX = "mail: no such mailbox"


@dataclass
class Returned:
    """What was read: bounces of ours, those among them that ended an address, answers to "are you safe?", and mails that were
    left for a person."""

    bounces: int = 0
    stopped: int = 0
    left: int = 0
    answers: int = 0


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
    """Write down what one mail says, counting it in `found`; False if it is neither a bounce of ours nor an answer to us.

    The same one twice counts once.
    """
    bounce = read_bounce(raw)
    if bounce is None and answer(office, raw):
        found.answers += 1
        return True
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


def answer(office: Office, raw: bytes) -> bool:
    """Count a mail as an answer to "are you safe?", if it is one: our token, or our mail answered from the address we wrote to."""
    mail = read_mail(raw)
    if mail is None:
        return False
    now = office.clock.now()
    with writing(office.engine) as connection:
        number = _answered(connection, office, mail)
        if number is None:
            return False
        heard = Heard("email", mail.sender, mail.words, mail.message_id or hashlib.sha256(raw).hexdigest(), now, number)
        return hear(connection, heard, office.keys) is not None


def _answered(connection: Connection, office: Office, mail: MailReply) -> int | None:
    """Return the notice that a mail answers; None if that is not certain."""
    uid = alert_store.instance(connection).uid
    if mail.token:
        number = Links.under(index_key(connection, office.keys)).delivery_of(uid, mail.token)
        if number is not None:
            return number
    for number, ref in mail.quoted:
        delivery = store.delivery(connection, number) if delivery_of(uid, ref) == number else None
        if delivery is None or delivery.channel != "email":
            continue
        own = scope.open_addresses(connection, SYSTEM, [delivery.address_id], office.keys).get(delivery.address_id, "")
        if own and own.casefold() == mail.sender.casefold():
            return number
    return None
