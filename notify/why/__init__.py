"""Why somebody was told, or was not: the chain of rules from a change to a receipt, for a person and an alert or a night."""

from notify.why.explain import Asked, why_alert, why_night
from notify.why.model import Because, Chain, Fate, Link, Step

__all__ = ["Asked", "Because", "Chain", "Fate", "Link", "Step", "why_alert", "why_night"]
