"""Joining: whether a change belongs to an alert that stands already, and then what becomes of both.

A copy of a notice, or another feed's record of an event, opens no second alert; nor does a further event of a running
situation (`notify/situations.py`). Whatever says more than the alert does is never silent: a higher grade or tier or a further
country goes out as the alert's next version, a graver event as an alert of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import Connection

from core.i18n import Message, t
from notify import situations
from notify.decide import Decision
from notify.own import told
from notify.policy import TOLD_FROM, Action
from notify.store import joins
from notify.store.alerts import IN_FORCE
from notify.store.joins import Joined, Standing
from sources.copies import raises_notice, same_notice
from sources.events import TSUNAMI_OF_QUAKE, same_event
from sources.model import Advisory, AdvisoryChange, Authority, ChangeKind
from sources.store import StoredChange

COPY, SAME_EVENT, SITUATION = "copy", "same-event", "situation"
COPIES_WITHIN = timedelta(days=7)
"""An alert opened longer ago is not looked at for copies."""


@dataclass(frozen=True)
class Join:
    """What a change has to do with an alert that stands; by default nothing.

    Attributes:
        outcome: why nothing is opened, with the number of the alert: `copy/12`, `same-event/12`, `situation/12`; empty if it
            goes on.
        follows: the alert whose next version it becomes, if it goes on.
        replaces: versions of that alert that nobody was told of; they are cancelled, and the change takes their place.
        beside: an alert from a pasted notice has told of the same situation: what would go out by rule waits for an officer; 0: none.
    """

    outcome: str = ""
    follows: int | None = None
    replaces: tuple[int, ...] = ()
    beside: int = 0


def join(connection: Connection, stored: StoredChange, decision: Decision, sources: dict[str, Authority]) -> Join:
    """Say which alert a change belongs to, and how.

    Args:
        sources: every source there is, with its authority: only records of one authority are put together.
    """
    change = stored.change
    authority = sources[change.source]
    if decision.action not in {Action.SEND, Action.DRAFT}:
        return Join()
    wide = authority is Authority.HAZARD and change.kind in {ChangeKind.NEW, ChangeKind.RAISED}
    if not wide and not (authority is Authority.HOME and change.kind is ChangeKind.NEW):
        return Join()
    peers = [name for name, other in sources.items() if other is authority]
    since = stored.as_of - (IN_FORCE if wide else COPIES_WITHIN)
    stands = joins.standing(connection, peers, since, stored.as_of)
    if wide:
        sends = decision.action is Action.SEND
        return _event(stands, change.advisory) or _situation(connection, stands, change.advisory, sends=sends)
    stands = [one for one in stands if not _has(connection, one, change.source)]
    found = _copy(stands, change.advisory, sends=decision.action is Action.SEND)
    return _own(connection, stored, sends=decision.action is Action.SEND) if found == Join() else found


def _own(connection: Connection, stored: StoredChange, *, sends: bool) -> Join:
    """Say what a notice has to do with one that an officer pasted before its publisher printed it."""
    new, stands = stored.change.advisory, told.standing(connection, stored.as_of - COPIES_WITHIN, stored.as_of)
    found = _copy(stands, new, sends=sends)
    if found != Join() or not sends:
        return found
    beside = (one.alert_id for one in stands if told.told_the_same(connection, one, new, stored.as_of))
    return Join(beside=next(beside, 0))


def _has(connection: Connection, stands: Standing, source: str) -> bool:
    """Tell whether the source has spoken in this alert already: its next notice with the same words is another one."""
    spoken = {advisory.source for advisory in stands.said}
    return source in spoken | joins.joined_sources(connection, _outcome(COPY, stands))


def _copy(stands: Sequence[Standing], new: Advisory, *, sends: bool) -> Join:
    for one in stands:
        if any(same_notice(said, new) for said in one.said):
            # What goes out by rule never waits behind a draft that an officer has yet to read.
            silent = not (sends and one.waiting)
            return Join(_outcome(COPY, one)) if silent else Join("", one.alert_id, one.waiting)
    for one in stands:
        if raises_notice(one.said[-1], new):
            return Join("", one.alert_id, one.waiting)
    return Join()


def _event(stands: Sequence[Standing], new: Advisory) -> Join | None:
    for one in stands:
        if any(_is_same(said, new) for said in one.said):
            more = (new.tier or 0) > max(said.tier or 0 for said in one.said)
            further = not one.countries.issuperset(new.countries)
            return Join("", one.alert_id, one.waiting) if more or further else Join(_outcome(SAME_EVENT, one))
    return None


def _situation(connection: Connection, stands: Sequence[Standing], new: Advisory, *, sends: bool) -> Join:
    """Keep a further event of a running situation silent, where an alert covers all its countries.

    What goes out by rule never waits behind a draft that an officer has yet to read.
    """
    for one in stands:
        if not one.countries.issuperset(new.countries) or (sends and one.waiting):
            continue
        if situations.is_silent(one.said, new) and situations.is_silent(joins.still_said(connection, one.said), new):
            return Join(_outcome(SITUATION, one))
    return Join()


def is_doubtful_end(connection: Connection, change: AdvisoryChange, alert_id: int) -> bool:
    """Tell whether a fall may not go out by rule: another record of the same alert, silent because of it, still stands.

    A quake that its agency withdrew may have been entered anew under another number; an officer looks at both.
    """
    return joins.others_stand(connection, alert_id, change.advisory, TOLD_FROM)


def reason(joined: Joined) -> Message:
    """Say in words why a change opened no alert, and which alert it belongs to."""
    word = joined.outcome.partition("/")[0]
    if word == SITUATION:
        return situations.why(joined.advisory, joined.alert_id)
    if word == SAME_EVENT:
        return t("another record of the event of alert {alert}", alert=joined.alert_id)
    return t("a copy of the notice of alert {alert}", alert=joined.alert_id)


def _is_same(old: Advisory, new: Advisory) -> bool:
    """Tell whether both are of one event. A tsunami has its own alert: the situation puts it beside that of the quake."""
    if old.event is None or new.event is None:
        return False
    return same_event(old.event, new.event) not in {"", TSUNAMI_OF_QUAKE}


def _outcome(word: str, stands: Standing) -> str:
    return f"{word}/{stands.alert_id}"
