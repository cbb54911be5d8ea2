"""Silences: what is not told by rule for a time, and stands in the brief instead, with whose wish it is and why.

A silence keeps quiet, so it is read narrowly: every country and every hazard of a change must be in it. What people who were
told before must hear (a fall, an end) is never silenced; neither is the gravest, unless two people wanted just that.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import Connection

from core import audit
from core.clock import iso
from core.errors import BadInput, NotAllowed, NotFound
from core.i18n import Message, t
from notify.decide import Decision
from notify.policy import Action
from notify.rules.tables import Silence
from notify.store import silences as store
from registry.actors import Actor, require_office
from registry.tables import Role
from sources.model import AdvisoryChange, Authority, Hazard

LONGEST = timedelta(days=90)
SILENCEABLE = frozenset({Action.SEND, Action.DRAFT})
GRAVE_LEVEL, GRAVE_TIER = 4, 3
APPROVERS = (Role.APPROVER, Role.ADMINISTRATOR)


@dataclass(frozen=True)
class NewSilence:
    """What an officer asks for. At least one condition is named; several must all hold.

    Attributes:
        owner: who wants it and can be asked: a person or a section of the office.
        even_4: also the gravest; a second person must agree first.
    """

    owner: str
    reason: str
    begins_at: datetime
    ends_at: datetime
    countries: tuple[str, ...] = ()
    hazards: tuple[Hazard, ...] = ()
    sources: tuple[str, ...] = ()
    routes: tuple[str, ...] = field(default=())
    even_4: bool = False


def silencing(
    silences: Sequence[Silence], change: AdvisoryChange, decision: Decision, authority: Authority, as_of: datetime
) -> Silence | None:
    """Return the silence that keeps a change quiet in the night `as_of`, the oldest first; None if it speaks. Pure."""
    if decision.action not in SILENCEABLE:
        return None
    advisory = change.advisory
    of_home = authority is Authority.HOME and advisory.level == GRAVE_LEVEL
    grave = of_home or (authority is Authority.HAZARD and (advisory.tier or 0) >= GRAVE_TIER)
    for one in silences:
        if (
            is_on(one, as_of)
            and (not grave or (one.even_4 and one.agreed_at is not None))
            and (not one.countries or (not advisory.worldwide and _within(advisory.countries, one.countries)))
            and (not one.hazards or _within(advisory.hazards, one.hazards))
            and (not one.sources or advisory.source in one.sources)
            and (not one.routes or decision.route.name in one.routes)
        ):
            return one
    return None


def is_on(silence: Silence, moment: datetime) -> bool:
    """Tell whether a silence holds at a moment: begun, not run out, and not ended by then. Pure."""
    ended = silence.ended_at is not None and silence.ended_at <= moment
    return silence.begins_at <= moment < silence.ends_at and not ended


def _within(has: Sequence[str], wanted: Sequence[str]) -> bool:
    return bool(has) and set(has) <= set(wanted)


def words(silence: Silence) -> Message:
    """Say by which silence something is kept quiet."""
    return t("silenced by #{number} ({owner}: {reason}) until {until}", number=silence.id, owner=silence.owner,
             reason=silence.reason, until=iso(silence.ends_at))  # fmt: skip


def add(connection: Connection, wanted: NewSilence, actor: Actor, now: datetime) -> int:
    """Write a silence; return its number.

    Raises:
        NotAllowed: the actor is not the office.
        BadInput: no owner, no reason, no condition, no end, over already, or longer than 90 days.
    """
    require_office(actor)
    if not wanted.owner.strip() or not wanted.reason.strip():
        raise BadInput(t("A silence needs an owner who can be asked, and a reason."))
    if not (wanted.countries or wanted.hazards or wanted.sources or wanted.routes):
        raise BadInput(t("Name at least one country, hazard, source or route: a silence of everything is none."))
    if wanted.ends_at <= max(wanted.begins_at, now):
        raise BadInput(t("A silence ends after it begins, and after now."))
    if wanted.ends_at - wanted.begins_at > LONGEST:
        raise BadInput(t("A silence lasts at most {days} days.", days=LONGEST.days))
    values = {
        "owner": wanted.owner.strip()[:100], "reason": wanted.reason.strip(), "begins_at": wanted.begins_at,
        "ends_at": wanted.ends_at, "countries": list(wanted.countries), "hazards": [one.value for one in wanted.hazards],
        "sources": list(wanted.sources), "routes": list(wanted.routes), "even_4": wanted.even_4, "created_at": now,
        "created_by": actor.name,
    }  # fmt: skip
    number = store.add(connection, values)
    _note(connection, actor, "silence.add", number, now, _conditions(wanted))
    return number


def agree(connection: Connection, number: int, actor: Actor, now: datetime) -> None:
    """Agree to a silence of the gravest, as the second person.

    Raises:
        NotFound: there is no such silence.
        NotAllowed: the actor is no approver, or wrote it.
        BadInput: it does not ask for the gravest, was agreed to before, or has ended.
    """
    silence = _find(connection, number)
    if actor.role not in APPROVERS:
        raise NotAllowed(t("{user} may not agree to a silence: this needs the role approver.", user=actor.name))
    if actor.name == silence.created_by:
        raise NotAllowed(t("A silence of level 4 needs another person than the one who wrote it."))
    if not silence.even_4 or not store.agree(connection, number, by=actor.name, now=now):
        raise BadInput(t("Silence {number} waits for nobody's agreement.", number=number))
    _note(connection, actor, "silence.agree", number, now)


def end(connection: Connection, number: int, actor: Actor, now: datetime) -> None:
    """End a silence early.

    Raises:
        NotFound: there is no such silence.
        NotAllowed: the actor is not the office.
        BadInput: it has ended already.
    """
    require_office(actor)
    silence = _find(connection, number)
    if silence.ends_at <= now or not store.end(connection, number, by=actor.name, now=now):
        raise BadInput(t("Silence {number} has ended already.", number=number))
    _note(connection, actor, "silence.end", number, now)


def _find(connection: Connection, number: int) -> Silence:
    silence = store.one(connection, number)
    if silence is None:
        raise NotFound(t("There is no silence {number}.", number=number))
    return silence


def _conditions(wanted: NewSilence) -> str:
    parts = [*wanted.countries, *(one.value for one in wanted.hazards), *wanted.sources, *wanted.routes]
    return (
        f"{' '.join(parts)}; {iso(wanted.begins_at)}–{iso(wanted.ends_at)}{'; even level 4' if wanted.even_4 else ''}"
    )


def _note(connection: Connection, actor: Actor, action: str, number: int, now: datetime, detail: str = "") -> None:
    audit.record(
        connection, actor=actor.name, action=action, subject=f"silence/{number}", now=now, detail=detail
    )  # fmt: skip
