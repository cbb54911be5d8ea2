"""Whom to call at home if a person abroad is silent (紧急联系人)."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row

from core.keys import unseal
from registry.masks import mask_address, mask_name
from registry.people import ContactView
from registry.scope.door import CONTACT_NAME_CONTEXT, CONTACT_PHONE_CONTEXT


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
