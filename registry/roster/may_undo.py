"""When a roster may not be undone: it is not the newest, its people were changed since, or a warning still concerns them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row

from core.errors import BadInput, NotAllowed, NotFound
from core.i18n import t
from registry.accounts import store as accounts
from registry.actors import CONTACT, Actor, require_writer
from registry.history import Change
from registry.roster.notices import Warned
from registry.scope.history import changed_later

NAMED = 20
"""So many people are named when an undo is refused."""
RESIDENTS = "RESIDENTS"
"""What is typed to confirm an undo of people of no company."""


def newest(connection: Connection, actor: Actor, import_id: int) -> Row[Any]:
    """Return the line of an import that may be undone, and hold its employer until the end of the transaction.

    Raises:
        NotFound, NotAllowed, BadInput: see `undo_import`.
    """
    row = accounts.roster_import(connection, import_id)
    own = row is not None and row.employer_id is not None and row.employer_id == actor.employer_id
    if row is None or not (actor.is_office or own):
        raise NotFound(t("There is no import {number}.", number=import_id))
    require_writer(actor, row.employer_id)
    accounts.hold_employer(connection, row.employer_id)
    last = next((one.id for one in accounts.roster_imports(connection, row.employer_id)), None)
    undone = accounts.roster_import(connection, import_id)
    if undone is None or undone.undone_at is not None:
        raise BadInput(t("Import {number} is undone already.", number=import_id))
    if last != import_id:
        raise BadInput(t("Only the newest roster can be undone. Undo import {newest} first.", newest=last))
    return row


def refuse_if_told(connection: Connection, actor: Actor, done: Row[Any], told: Warned, confirm: str) -> None:
    """Refuse to take people or addresses back that a warning concerns, but to the office that insists.

    Raises:
        NotAllowed, BadInput: see `undo_import`.
    """
    if not actor.is_office:
        author = accounts.user_named(connection, done.created_by)
        by_contact = done.created_by.startswith(CONTACT)  # contacts write for their own company only
        own = done.created_by == actor.name or by_contact
        own = own or (author is not None and author.employer_id == done.employer_id)
        if not own:
            raise NotAllowed(t("The office imported this roster: only the office can undo it."))
        if told.people or told.alerts:
            raise NotAllowed(t("People of this roster were sent notices: only the office can undo it."))
    row = accounts.employer(connection, done.employer_id) if done.employer_id is not None else None
    code = row.code if row is not None else RESIDENTS
    if told.alerts and confirm.strip().upper() != code.upper():
        shown = ", ".join(str(one) for one in told.alerts[:NAMED])
        raise BadInput(
            t("Warnings still concern what this roster brought: alert {alerts}, {people} people. Notices not sent yet: {unsent}, under "
              "way: {moving}. The people would be erased and told nothing more. To undo it all the same, confirm with {code}.",
              alerts=shown, people=len(told.people), unsent=told.unsent, moving=told.under_way, code=code)
        )  # fmt: skip


def refuse_if_changed(
    connection: Connection, actor: Actor, import_id: int, joined: Sequence[int], changed: Sequence[Change]
) -> None:
    """Refuse to take back what somebody has changed since. The first people are named by number.

    Raises:
        BadInput: somebody has.
    """
    later = [past.change for past in changed_later(connection, actor, joined, import_id)]
    people = {one.registrant_id for one in (*changed, *later) if not one.only_confirms}
    if people:
        shown = ", ".join(str(one) for one in sorted(people)[:NAMED])
        raise BadInput(t("This roster cannot be undone: people were changed since, number {people}.", people=shown))
