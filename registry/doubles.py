"""What a company or the office says of two people who may be one. Nothing is merged: of two entries of one person, one is ended."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from core.audit import record
from core.errors import NotFound
from core.i18n import t
from registry import store
from registry.actors import Actor, require_writer
from registry.history import DOUBLE, Change
from registry.scope.doubles import Said, may_be_same


def answer_double(connection: Connection, actor: Actor, one: int, two: int, said: Said, now: datetime) -> None:
    """Write that two people of one company are two, or one and the same; the last word counts, and all are in their history.

    Raises:
        NotFound: they are not two people of one company, or not for this actor.
        NotAllowed: the actor may not write people of this company.
    """
    employer = may_be_same(connection, actor, one, two)
    if employer is None:
        raise NotFound(t("There are no two people {one} and {two} of one company.", one=one, two=two))
    require_writer(actor, employer)
    answers = [Change(who, DOUBLE, other, None, {DOUBLE: said}) for who, other in ((one, two), (two, one))]
    store.add_changes(connection, answers, by=actor.name, at=now)
    first, last = sorted((one, two))
    record(connection, actor=actor.name, action="double.answer", subject=f"registrant/{first}", now=now,
           detail=f"{said} registrant/{last}")  # fmt: skip
