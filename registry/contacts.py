"""Contacts of companies: written by the office or the company itself, each sealed under a key of their own."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from core.audit import record
from core.errors import BadInput
from core.i18n import t
from core.keys import MasterKeys, seal
from registry import scope, store
from registry.actors import Actor, require_writer
from registry.enrol import E164
from registry.liaisons import MAIL_CONTEXT, NAME_CONTEXT, PHONE_CONTEXT, LiaisonView, NewLiaison
from registry.scope.liaisons import liaison_employer, liaisons_of


def add_contact(
    connection: Connection, actor: Actor, employer_id: int, new: NewLiaison, *, keys: MasterKeys, now: datetime
) -> int:
    """Write a contact of a company; return the id.

    Raises:
        NotAllowed: the actor is neither the office nor this company.
        BadInput: the name is missing, a phone or mail is none, or neither is given.
    """
    require_writer(actor, employer_id)
    _check(new)
    contact_id = scope.free_ids(connection, "employer_contact", 1)[0]
    key, wrapped = keys.new_key()

    def sealed(value: str, context: str) -> bytes | None:
        return seal(key, value, context.format(id=contact_id)) if value else None

    row = {
        "id": contact_id, "employer_id": employer_id, "duty": new.duty, "wrapped": wrapped, "language": new.language,
        "name_sealed": sealed(new.name.strip(), NAME_CONTEXT), "phone_sealed": sealed(new.phone, PHONE_CONTEXT),
        "email_sealed": sealed(new.mail, MAIL_CONTEXT), "created_at": now, "created_by": actor.name,
    }  # fmt: skip
    store.add_liaison(connection, row)
    subject = f"employer_contact/{contact_id}"
    record(
        connection, actor=actor.name, action="contact.add", subject=subject, now=now, detail=f"employer/{employer_id}"
    )
    return contact_id


def list_contacts(
    connection: Connection, actor: Actor, employer_id: int, *, keys: MasterKeys, now: datetime
) -> tuple[LiaisonView, ...]:
    """Return the contacts of a company that have not ended, by duty; the look is in the audit. Another company's are none.

    Raises:
        KeyGone: one does not open.
    """
    found = liaisons_of(connection, actor, employer_id, keys)
    if found:
        shown = ",".join(str(one.contact_id) for one in found)
        record(
            connection,
            actor=actor.name,
            action="contact.view",
            subject=f"employer/{employer_id}",
            now=now,
            detail=shown,
        )
    return found


def end_contact(connection: Connection, actor: Actor, contact_id: int, *, now: datetime) -> None:
    """End a contact: they are there no more. To erase what is held of them is another act.

    Raises:
        NotFound: there is no such contact, it ended before, or it is not for this actor.
        NotAllowed: the actor may not write (an auditor).
    """
    employer_id = liaison_employer(connection, actor, contact_id)
    require_writer(actor, employer_id)
    store.end_liaison(connection, contact_id, by=actor.name, at=now)
    subject = f"employer_contact/{contact_id}"
    record(
        connection, actor=actor.name, action="contact.end", subject=subject, now=now, detail=f"employer/{employer_id}"
    )


def _check(new: NewLiaison) -> None:
    if not new.name.strip():
        raise BadInput(t("The name is missing."))
    if not (new.phone or new.mail):
        raise BadInput(t("A contact needs a phone number or a mail address."))
    if new.phone and not E164.fullmatch(new.phone):
        raise BadInput(t("This is no phone number. Write digits only, with + and the country code."))
    if new.mail and "@" not in new.mail:
        raise BadInput(t("This is no mail address. Write it as name@example.com."))
