"""From a person to a receipt: addresses, what muted or held a notice, and what became of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Row

from core.i18n import Message, t
from notify.grounds import REFUSALS
from notify.ledger.terms import channel_words
from notify.routing import taken_from
from notify.store.merging import MERGED
from notify.store.rules import CAPPED, INHIBITED, REPEATED
from notify.tables import AlertVersion, DeliveryState
from notify.why import store
from notify.why.decision import Desk
from notify.why.model import Fate, Link, Step
from notify.words import reason_words, state_words
from registry.actors import Actor
from registry.scope.rights import ways_of

MUTED = (INHIBITED, REPEATED, CAPPED)
BAD_ENDS = frozenset({"undelivered", "failed", "canceled"})
DOUBTS = frozenset({DeliveryState.SENDING, DeliveryState.UNKNOWN, DeliveryState.UNRESOLVED})
WAITING = frozenset({DeliveryState.PLANNED, DeliveryState.READY})


def notice_links(desk: Desk, actor: Actor, version: AlertVersion, registrant_id: int) -> tuple[list[Link], list[Fate]]:
    """Return the links of every notice that a person's record of a version points to, and what became of each."""
    row = store.recipient(desk.connection, version.id or 0, registrant_id)
    if row is None:
        return [], []
    found = store.notices(desk.connection, row.id)
    if not found:
        return [Link(Step.ADDRESS, False, _no_address(desk, actor, version, registrant_id))], []
    links: list[Link] = []
    for one in found:
        links += _of_notice(desk, one)
    return links, [fate(desk, one) for one in found]


def _no_address(desk: Desk, actor: Actor, version: AlertVersion, registrant_id: int) -> Message:
    ways = ways_of(desk.connection, actor, registrant_id)
    taken = {taken_from(one) for one in version.channels}
    listed = ", ".join(version.channels)
    stopped = sorted({channel for (channel, _), way in ways.items() if way.stopped_at is not None and channel in taken})
    usable = sorted({channel for (channel, _), way in ways.items() if way.stopped_at is None and channel in taken})
    if usable:
        return t("No notice is theirs, although {channels} could take one now: it was entered later, or is shared with "
                 "somebody whom it may reach.", channels=", ".join(usable))  # fmt: skip
    if stopped:
        return t("No address in use that {channels} can take: {stopped} is stopped.", channels=listed,
                 stopped=", ".join(stopped))  # fmt: skip
    return t("No address in the register that {channels} can take.", channels=listed)


def _of_notice(desk: Desk, one: Row[Any]) -> Iterator[Link]:
    shared = one.people > 1
    words = t("Notice {number} over {channel}.", number=one.id, channel=channel_words(one.channel))
    if shared:
        words = t("Notice {number} over {channel}, to a number shared by {people} people.", number=one.id,
                  channel=channel_words(one.channel), people=one.people)  # fmt: skip
    yield Link(Step.ADDRESS, True, words)
    kind = one.reason.partition(":")[0]
    if one.state == DeliveryState.SUPPRESSED:
        step = Step.MUTING if kind in MUTED else Step.GROUND if kind in REFUSALS else Step.DELIVERY
        words = t("Held back: {reason}.", reason=reason_words(one.reason))
        if kind == CAPPED:
            words = t("{words} It is not told on the next day either: a warning of yesterday is stale.", words=words)
        yield Link(step, False, words)
        return
    if one.transfer_ground:
        yield Link(Step.GROUND, True, t("May go to a provider abroad: {ground}.", ground=_ground(one.transfer_ground)))
    if one.not_before is not None:
        planned = one.state == DeliveryState.PLANNED
        yield Link(
            Step.WAIT, not planned, t("Night where they are: not before {moment}.", moment=desk.when(one.not_before))
        )
    if kind == MERGED:
        yield Link(
            Step.DELIVERY,
            True,
            t("Told in one notice with another: notice {number}.", number=one.reason.partition(":")[2]),
        )
        return
    yield from _delivery(desk, one, kind)


def _ground(word: str) -> Message:
    return t("they agreed to it") if word == "consent" else t("danger to life")


def _delivery(desk: Desk, one: Row[Any], kind: str) -> Iterator[Link]:
    if one.state in WAITING and one.reason and one.reason != "quiet":
        yield Link(Step.WAIT, False, t("It waits: {reason}.", reason=reason_words(one.reason)))
        return
    tried = store.first_attempt(desk.connection, one.id)
    words = t("Not handed over yet.") if one.state in WAITING else _state(one)
    if tried is not None:
        words = t(
            "{state} First tried {moment}, {count} in all.", state=words, moment=desk.when(tried), count=one.attempts
        )
    yield Link(Step.DELIVERY, one.state == DeliveryState.ACCEPTED, words)
    if one.provider_status:
        heard = store.last_receipt(desk.connection, one.id)
        known = f"provider_{one.provider_status}"
        said = state_words(known)
        words = t("The provider says: {status}.", status=said)
        if heard is not None:
            words = t("The provider says: {status} ({moment}).", status=said, moment=desk.when(heard))
        yield Link(Step.RECEIPT, one.provider_status not in BAD_ENDS, words)


def _state(one: Row[Any]) -> Message:
    state = state_words(one.state)
    if not one.reason:
        return t("{state}.", state=state)
    return t("{state}: {reason}.", state=state, reason=reason_words(one.reason))


def fate(desk: Desk, one: Row[Any]) -> Fate:
    """Return what became of a notice; of a merged one, of the notice that carries it."""
    kind, _, carrier = one.reason.partition(":")
    if kind == MERGED and carrier:
        other = store.notice(desk.connection, int(carrier))
        return Fate.NOT_TOLD if other is None else fate(desk, other)
    if one.state == DeliveryState.ACCEPTED:
        return Fate.NOT_TOLD if one.provider_status in BAD_ENDS else Fate.TOLD
    if one.state in DOUBTS:
        return Fate.DOUBT
    return Fate.WAITING if one.state in WAITING else Fate.NOT_TOLD
