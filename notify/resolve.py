"""What an officer decides of notices in doubt that no machine can settle: sent again, or let be (DESIGN section 5)."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

from sqlalchemy import Connection

from core import audit
from core.errors import BadInput
from core.i18n import t
from notify.alerts import Acting
from notify.store import progress as store
from notify.tables import DeliveryState
from registry.actors import require_office

MOST = 500
"""Notices that are decided at once."""


class Verdict(StrEnum):
    """What becomes of a notice in doubt."""

    AGAIN = "again"
    LET_BE = "let-be"


def resolve(connection: Connection, alert_id: int, notices: Sequence[int], verdict: Verdict, acting: Acting) -> int:
    """Send unresolved notices of an alert again, marked as perhaps doubled, or let them be. Returns how many it was decided of.

    What another officer decided in the same moment, and what the provider spoke of meanwhile, is left as it is.

    Raises:
        NotAllowed: the actor is nobody of the office.
        BadInput: none or too many are named, or one is to be sent again that is past its validity.
    """
    require_office(acting.actor)
    named = sorted(set(notices))
    if not named or len(named) > MOST:
        raise BadInput(t("Choose which notices you decide of: one to {most}.", most=MOST))
    if verdict is Verdict.AGAIN and store.over(connection, named, acting.now):
        raise BadInput(
            t(
                "Their time is over, or the alert was cancelled: they are not sent again. Call these people, or send an update."
            )
        )
    if verdict is Verdict.AGAIN:
        decided = store.decide(
            connection, alert_id, named, acting.now, state=DeliveryState.READY, reason="doubt", doubtful=True
        )
        store.sends_again(connection, decided)
    else:
        # The reason stays: it says that nobody knows whether it left, and whoever is corrected later hears of it too.
        decided = store.decide(connection, alert_id, named, acting.now, state=DeliveryState.CANCELED)
    if decided:
        shown = ",".join(str(one) for one in decided)
        audit.record(connection, actor=acting.actor.name, action=f"delivery.{verdict}", subject=f"alert/{alert_id}",
                     now=acting.now, detail=shown)  # fmt: skip
    return len(decided)
