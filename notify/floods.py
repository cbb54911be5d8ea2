"""Changes that came too many at once: what the policy would make of them, and an officer's word on them (DESIGN promise 6)."""

from __future__ import annotations

from dataclasses import dataclass, replace

from sqlalchemy import Connection

from core.audit import record
from core.database import writing
from core.errors import BadInput
from core.i18n import t
from notify.decide import Decision, decide
from notify.office import Office
from registry.actors import Actor, require_office
from sources import capture_store
from sources import store as source_store
from sources.capture_store import Held
from sources.model import Card
from sources.store import StoredChange


@dataclass(frozen=True)
class Expected:
    """One held change, and what the policy makes of it once it is let go."""

    change: StoredChange
    decision: Decision


def expected(connection: Connection, office: Office, card: Card) -> list[Expected]:
    """Return the held changes of a source, the oldest first, each with what would become of it."""
    policy, proven = office.policy, source_store.is_proven(connection, card)
    found = []
    for one in source_store.undecided(connection, held=True):
        if one.change.source == card.id:
            free = replace(one.change, held=False)
            found.append(Expected(one, decide(free, card.authority, policy, as_of=one.as_of, proven=proven)))
    return found


def mark(held: Held | None) -> str:
    """Return by what the held changes of a source are known: which they are may change while somebody looks."""
    return "" if held is None else f"{held.count}-{held.newest}"


def settle(office: Office, actor: Actor, source: str, seen: str, *, release: bool) -> int:
    """Let the held changes of a source go on to the policy, or close them without telling anybody; return how many.

    Args:
        seen: the mark of those that were looked at.

    Raises:
        NotAllowed: the actor is nobody of the office.
        BadInput: others are held now.
    """
    require_office(actor)
    now = office.clock.now()
    with writing(office.engine) as connection:
        held = capture_store.held(connection, source)
        if not held or mark(held[0]) != seen:
            raise BadInput(t("Other changes are held now than those you looked at. Nothing was done: look again."))
        action = "changes.release" if release else "changes.dismiss"
        count = (
            source_store.release_held(connection, source) if release
            else source_store.dismiss_held(connection, source, actor=actor.name, now=now)
        )  # fmt: skip
        record(connection, actor=actor.name, action=action, subject=f"source/{source}", now=now, detail=seen)
    return count
