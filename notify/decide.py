"""Deciding: what the policy makes of a change. Pure; it touches nothing and sends nothing."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import datetime

from notify.policy import Action, Policy, Route
from sources.model import Advisory, AdvisoryChange, Authority, ChangeKind

LEAVE = re.compile(r"撤离|疏散|离境|回国|转移|\b(?:depart|leave|evacuate)\b", re.IGNORECASE)


@dataclass(frozen=True)
class Decision:
    """What follows from one change, and the route that said so.

    Attributes:
        countries: who is meant, ISO codes; empty if an officer must place it first.
        waits: an officer looks first, whatever the route says: people may have been told before this copy was restored.
    """

    action: Action
    route: Route
    countries: tuple[str, ...]
    ask_safe: bool = False
    waits: bool = False

    def held_back(self) -> Decision:
        """Return the same decision, but an officer looks first: what would be sent is a draft, what follows up waits."""
        return replace(self, action=Action.DRAFT if self.action is Action.SEND else self.action, waits=True)


def decide(
    change: AdvisoryChange, authority: Authority, policy: Policy, *, as_of: datetime | None = None, proven: bool = True
) -> Decision:
    """Apply the policy to one change, seen in the night `as_of`; without it, no event is too long ago for anything.

    Three guards stand above any policy: an unconfirmed or held change tells nobody by rule, and only a placed one can be sent
    (DESIGN promises 6 to 8). A worldwide notice is never sent by rule either: an officer decides. An unconfirmed rise that
    would be more than a line in the brief becomes a draft, because no second look will bring it up again. What a source says
    whose pages were never read for real (`proven` is False) is not sent by rule either.
    """
    route = policy.route_for(change, authority, as_of)
    action = route.action
    advisory = change.advisory
    if change.held:
        action = Action.BRIEF
    elif not change.confirmed:
        rising = change.kind in {ChangeKind.NEW, ChangeKind.RAISED}
        action = Action.DRAFT if rising and action in {Action.SEND, Action.DRAFT} else Action.BRIEF
    elif action is Action.SEND and (not proven or not advisory.countries or advisory.worldwide or advisory.ambiguous):
        action = Action.DRAFT
    return Decision(action, route, advisory.countries, _ask_safe(route, advisory))


def _ask_safe(route: Route, advisory: Advisory) -> bool:
    if route.ask_safe == "when-told-to-leave":
        return LEAVE.search(f"{advisory.title} {advisory.summary}") is not None
    return route.ask_safe == "always"
