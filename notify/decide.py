"""Deciding: what the policy makes of a change. Pure; it touches nothing and sends nothing."""

from __future__ import annotations

from dataclasses import dataclass

from notify.policy import Action, Policy, Route
from sources.model import Advisory, AdvisoryChange, Authority, ChangeKind

LEAVE = ("撤离", "离境", "回国", "转移", "depart", "leave", "evacuate")


@dataclass(frozen=True)
class Decision:
    """What follows from one change, and the route that said so.

    Attributes:
        countries: who is meant, ISO codes; empty if an officer must place it first.
    """

    action: Action
    route: Route
    countries: tuple[str, ...]
    ask_safe: bool = False


def decide(change: AdvisoryChange, authority: Authority, policy: Policy) -> Decision:
    """Apply the policy to one change.

    Two guards stand above any policy: an unconfirmed or held change tells nobody by rule, and only a placed one can be sent
    (DESIGN promises 7 and 8). A worldwide notice is never sent by rule either: an officer decides.
    """
    route = policy.route_for(change, authority)
    action = route.action
    advisory = change.advisory
    if not change.confirmed:
        rising = change.kind in {ChangeKind.NEW, ChangeKind.RAISED}
        action = Action.DRAFT if rising and action is Action.SEND else Action.BRIEF
    elif action is Action.SEND and (not advisory.countries or advisory.worldwide or advisory.ambiguous):
        action = Action.DRAFT
    return Decision(action, route, advisory.countries, _ask_safe(route, advisory))


def _ask_safe(route: Route, advisory: Advisory) -> bool:
    if route.ask_safe == "when-told-to-leave":
        text = f"{advisory.title} {advisory.summary}"
        return any(word in text for word in LEAVE)
    return route.ask_safe == "always"
