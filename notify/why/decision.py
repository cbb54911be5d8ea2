"""From a change to a decision: which route took it, which guard stopped it, which silence, and which alert it joined."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo

from sqlalchemy import Connection

from core.i18n import Message, t
from notify import joining
from notify.brief import KINDS
from notify.decide import Decision, decide
from notify.policy import Action, Policy
from notify.rules import silences
from notify.rules.versions import of_version
from notify.store import silences as silence_store
from notify.store.joins import Joined
from notify.why import store
from notify.why.model import Link, Step
from notify.why.store import Decided
from sources import store as source_store
from sources.model import AdvisoryChange, Authority, Card

ACTIONS = {
    Action.SEND: t("send by rule"), Action.DRAFT: t("draft for an officer"), Action.DIGEST: t("digest and weekly bulletin only"),
    Action.FOLLOW_UP: t("follow-up to those who were told"), Action.BRIEF: t("morning brief only"),
}  # fmt: skip
TELLS = frozenset({Action.SEND, Action.DRAFT, Action.FOLLOW_UP})
AUTHORITIES = {Authority.HOME: t("home"), Authority.HAZARD: t("hazard"), Authority.PEER: t("other government")}


@dataclass(frozen=True)
class Desk:
    """What an explanation works with.

    Attributes:
        policy: the one in force now, for what was decided before there were versions.
    """

    connection: Connection
    cards: Mapping[str, Card]
    policy: Policy
    zone: tzinfo

    def when(self, moment: datetime) -> str:
        """Write a moment as the office's clock shows it."""
        return f"{moment.astimezone(self.zone):%Y-%m-%d %H:%M}"


def decision_links(desk: Desk, found: Decided, digest: str) -> Iterator[Link]:
    """Yield the links from a change to what was decided of it.

    Args:
        digest: hash of the policy that a version was made by; empty: no version came of it.
    """
    change, card = found.change.change, desk.cards.get(found.change.change.source)
    yield Link(Step.CHANGE, True, _change_words(desk, found, card))
    if card is None:
        yield Link(Step.ROUTE, True, t("This source is not known any more: the route cannot be worked out again."))
    else:
        policy, held_then = _policy(desk, found, digest)
        proven = source_store.is_proven(desk.connection, card)
        decision = decide(change, card.authority, policy, as_of=found.change.as_of, proven=proven)
        name, does = decision.route.name, ACTIONS[decision.route.action]
        words = t("Route {route} of the policy: {action}.", route=name, action=does)
        if not held_then:
            words = t(
                "Route {route} of the policy of now (that of then is not kept): {action}.", route=name, action=does
            )
        yield Link(Step.ROUTE, decision.route.action in TELLS, words)
        yield from _guards(change, decision, proven=proven)
    yield from _outcome(desk, found)


def _change_words(desk: Desk, found: Decided, card: Card | None) -> Message:
    change = found.change.change
    who: object = change.source if card is None else t(
        "{source} ({authority})", source=card.id, authority=AUTHORITIES[card.authority]
    )  # fmt: skip
    return t("{night}, {source}: {kind}: {title}. {reason}", night=desk.when(found.change.as_of), source=who,
             kind=KINDS[change.kind.value], title=change.advisory.title, reason=change.reason)  # fmt: skip


def _policy(desk: Desk, found: Decided, digest: str) -> tuple[Policy, bool]:
    if digest == desk.policy.digest:
        return desk.policy, True
    version = store.policy_version(desk.connection, digest, found.at or found.change.as_of)
    if version is None:
        return desk.policy, not digest  # never switched on in the database: what the office's file says
    return of_version(version), True


def _guards(change: AdvisoryChange, decision: Decision, *, proven: bool) -> Iterator[Link]:
    advisory, tells = change.advisory, decision.route.action in TELLS
    if change.held:
        words = t("Too many changes of this source at once: it waits until an officer has looked.")
        yield Link(Step.GUARD, False, words)
    elif not change.confirmed and tells:
        draft = decision.action is Action.DRAFT
        words = t("Not confirmed: one more reading must show it.")
        yield Link(Step.GUARD, draft, words)
    elif decision.action is not decision.route.action:
        for stops, words in (
            (not proven, t("The reader of this source was never proven on live pages: an officer decides.")),
            (not advisory.countries, t("It names no country that could be read: an officer places it.")),
            (advisory.worldwide, t("It is about the whole world: an officer decides.")),
            (bool(advisory.ambiguous), t("A place in it may be one of several: an officer chooses.")),
        ):
            if stops:
                yield Link(Step.GUARD, True, words)


def _outcome(desk: Desk, found: Decided) -> Iterator[Link]:
    number = found.outcome.partition("/")[2]
    if found.at is None:
        words = t("Nobody has decided it yet.")
        yield Link(Step.RELEASE, False, words)
    elif found.outcome == "dismissed":
        yield Link(Step.RELEASE, False, t("An officer looked at it and told nobody."))
    elif found.outcome.startswith(silence_store.SILENCED):
        silence = silence_store.one(desk.connection, int(found.outcome.removeprefix(silence_store.SILENCED)))
        words = t("A silence that is not kept any more.") if silence is None else silences.words(silence)
        yield Link(Step.SILENCE, False, t("Kept quiet: {silence}.", silence=words))
    elif number:
        joined = Joined(found.change.id, found.outcome, found.change.change.advisory)
        words = joining.reason(joined)
        yield Link(Step.JOIN, False, t("It opened no alert: {reason} ({alert}).", reason=words,
                                       alert=t("alert {number}", number=joined.alert_id)))  # fmt: skip
