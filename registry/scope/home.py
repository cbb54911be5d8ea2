"""Whom to call at home if a person abroad is silent (紧急联系人)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, select

from core.keys import MasterKeys, unseal
from registry.actors import Actor
from registry.masks import mask_address, mask_name
from registry.people import ContactView
from registry.scope.door import CONTACT_NAME_CONTEXT, CONTACT_PHONE_CONTEXT, CONTACTS, KEYS, chunks, seen


def contact_view(row: Row[Any], key: bytes, *, masked: bool) -> ContactView:
    """Open one contact with the key of the person who named it.

    Raises:
        KeyGone: it does not open.
    """
    name = unseal(key, row.name_sealed, CONTACT_NAME_CONTEXT.format(id=row.id))
    phone = unseal(key, row.phone_sealed, CONTACT_PHONE_CONTEXT.format(id=row.id))
    if masked:
        return ContactView(row.id, mask_name(name), row.relation, mask_address(phone))
    return ContactView(row.id, name, row.relation, phone)


def contacts_of(
    connection: Connection, actor: Actor, registrant_ids: Sequence[int], keys: MasterKeys
) -> dict[int, tuple[ContactView, ...]]:
    """Return whom to call at home, by person; masked for an auditor. Absent: none, erased, or not for this actor.

    The caller writes the audit.

    Raises:
        KeyGone: a contact does not open.
    """
    found: dict[int, tuple[ContactView, ...]] = {}
    for chunk in chunks(registrant_ids):
        query = (
            select(CONTACTS, KEYS.c.wrapped)
            .join(KEYS, KEYS.c.registrant_id == CONTACTS.c.registrant_id)
            .where(
                CONTACTS.c.registrant_id.in_(chunk),
                CONTACTS.c.ended_at.is_(None),
                seen(actor, CONTACTS.c.registrant_id),
            )
        )
        for row in connection.execute(query.order_by(CONTACTS.c.id)):
            view = contact_view(row, keys.unwrap(row.wrapped), masked=not actor.sees_plain)
            found[row.registrant_id] = (*found.get(row.registrant_id, ()), view)
    return found
