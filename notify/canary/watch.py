"""What a canary that is silent means: the channel, the provider, or the way back to us is broken."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Connection

from core.i18n import Message, t
from core.settings import Settings
from notify.canary import store
from notify.canary.tables import Canary
from notify.channels.base import RANKS
from notify.ledger.terms import channel_words
from notify.proof import GapFound
from notify.store.alerts import instance
from notify.words import state_words

SILENT = "canary-silent"
SPEAKING = frozenset({"sms", "sms_cn", "whatsapp", "voice"})
"""Channels whose provider reports the end of a message by itself. Of the others, taken is all there is to hear."""
LOST = frozenset({"undelivered", "failed", "canceled"})


def speaks(channel: str) -> bool:
    """Tell whether the provider of a channel sends receipts."""
    return channel in SPEAKING


def is_settled(one: Canary) -> bool:
    """Tell whether there is nothing more to wait for: the call failed, the channel is silent by nature, or its receipt came."""
    if one.outcome != "accepted" or not speaks(one.channel):
        return one.outcome != "begun"
    return one.heard_at is not None and one.rank >= RANKS["sent"]


def trouble(one: Canary, now: datetime) -> Message | None:
    """Say what a canary shows to be broken; None: nothing, or it is not yet time to say so."""
    name = channel_words(one.channel)
    if one.outcome in {"failed", "refused"}:
        return t("The canary of {channel} was refused: {code}.", channel=name, code=one.code or "?")
    if one.status in LOST:
        return t("The canary of {channel} did not arrive: {code}.", channel=name, code=one.code or one.status)
    if is_settled(one) and one.outcome == "accepted":
        return None
    if now < one.due_at:
        return None
    if one.outcome in {"begun", "doubt"}:
        return t("The canary of {channel} had no clear answer: {code}.", channel=name, code=one.code or one.outcome)
    if one.heard_at is None and one.rank >= RANKS["sent"]:
        return t("The provider says of the canary of {channel}: {status}, but its receipt did not come back to us. Look at "
                 "public_base_url and at `lingbao serve`.", channel=name, status=state_words(f"provider_{one.status}"))  # fmt: skip
    return t(
        "The canary of {channel} is silent: no receipt by {due}.", channel=name, due=f"{one.due_at:%Y-%m-%d %H:%M}Z"
    )


def silent(connection: Connection, settings: Settings, now: datetime) -> list[GapFound]:
    """Return the channels whose newest canary shows a fault. A channel that never sang is none."""
    wanted = {one.partition(":")[0].strip() for one in settings.canaries}
    return _gaps(store.newest(connection, instance(connection).mode), wanted, now)


def _gaps(newest: Mapping[str, Canary], wanted: set[str], now: datetime) -> list[GapFound]:
    found = []
    for channel in sorted(wanted & set(newest)):
        message = trouble(newest[channel], now)
        if message is not None:
            found.append(GapFound(SILENT, f"channel/{channel}", message))
    return found
