"""Whom the office calls at a company (企业联络员): who they are, for the office and for their own company."""

from __future__ import annotations

import hmac
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, false, select, true

from core.errors import NotFound
from core.i18n import t
from core.keys import MasterKeys, unseal
from registry.actors import Actor
from registry.liaisons import MAIL_CONTEXT, NAME_CONTEXT, PHONE_CONTEXT, Duty, LiaisonView
from registry.masks import mask_address, mask_name
from registry.scope.door import LIAISONS
from registry.tables import Role


def liaisons_of(connection: Connection, actor: Actor, employer_id: int, keys: MasterKeys) -> tuple[LiaisonView, ...]:
    """Return the contacts of a company that have not ended, by duty; auditors get them masked. The caller writes the audit.

    Raises:
        KeyGone: one does not open.
    """
    row = LIAISONS.c
    query = select(LIAISONS).where(row.employer_id == employer_id, row.ended_at.is_(None), row.wrapped.is_not(None))
    found = connection.execute(query.where(_seen(actor)).order_by(row.id)).all()
    views = [_view(one, keys.unwrap(one.wrapped), masked=not actor.sees_plain) for one in found]
    return tuple(sorted(views, key=lambda view: (list(Duty).index(view.duty), view.contact_id)))


def liaison_employer(connection: Connection, actor: Actor, contact_id: int) -> int:
    """Return the company of a contact that has not ended.

    Raises:
        NotFound: there is none, or not for this actor.
    """
    row = LIAISONS.c
    query = select(row.employer_id).where(row.id == contact_id, row.ended_at.is_(None), row.wrapped.is_not(None))
    found = connection.execute(query.where(_seen(actor))).scalar()
    if found is None:
        raise NotFound(t("There is no contact {number} of a company.", number=contact_id))
    return int(found)


def liaisons_reached_by(connection: Connection, keys: MasterKeys, mail: str) -> list[tuple[int, int, str]]:
    """Return the contacts with this mail address (any case of letters): number, company, language.

    Every contact of every company is opened for it, whether one fits or not: the time it takes tells nothing.

    Raises:
        KeyGone: one does not open.
    """
    row = LIAISONS.c
    query = select(LIAISONS).where(row.ended_at.is_(None), row.wrapped.is_not(None), row.email_sealed.is_not(None))
    wanted, found = mail.strip().casefold().encode(), []
    for one in connection.execute(query.order_by(row.id)):
        own = unseal(keys.unwrap(one.wrapped), one.email_sealed, MAIL_CONTEXT.format(id=one.id))
        if hmac.compare_digest(own.casefold().encode(), wanted):
            found.append((one.id, one.employer_id, one.language))
    return found


def liaison_stands(connection: Connection, contact_id: int, employer_id: int) -> bool:
    """Tell whether a contact of a company is still one."""
    row = LIAISONS.c
    query = select(row.id).where(row.id == contact_id, row.employer_id == employer_id)
    return connection.execute(query.where(row.ended_at.is_(None), row.wrapped.is_not(None))).first() is not None


def _seen(actor: Actor) -> ColumnElement[bool]:
    if actor.is_office or actor.role == Role.AUDITOR:
        return true()
    if actor.role == Role.COMPANY and actor.employer_id is not None:
        return LIAISONS.c.employer_id == actor.employer_id
    return false()


def _view(row: Row[Any], key: bytes, *, masked: bool) -> LiaisonView:
    def opened(sealed: bytes | None, context: str) -> str:
        return "" if sealed is None else unseal(key, sealed, context.format(id=row.id))

    name = opened(row.name_sealed, NAME_CONTEXT)
    phone, mail = opened(row.phone_sealed, PHONE_CONTEXT), opened(row.email_sealed, MAIL_CONTEXT)
    if masked:
        name, phone, mail = mask_name(name), phone and mask_address(phone), mail and mask_address(mail)
    return LiaisonView(row.id, row.employer_id, Duty(row.duty), name, phone, mail, row.language)
