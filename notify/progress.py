"""How the notices of a version stand, in the words of the console; and what an officer does about each that did not arrive. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from core.i18n import Message, t
from notify.channels.twilio_errors import TABLE, Effect
from notify.grounds import FORBIDDEN, NO_GROUND
from notify.words import reason_words


class Stands(StrEnum):
    """Where a notice stands: our state and the provider's word in one, each notice in exactly one."""

    DELIVERED = "delivered"
    READ = "read"
    ACCEPTED = "accepted"
    SENDING = "sending"
    WAITING = "waiting"
    DOUBT = "doubt"
    UNRESOLVED = "unresolved"
    FAILED = "failed"
    HELD = "held"
    EXPIRED = "expired"
    CANCELED = "canceled"
    CARRIED = "carried"


WORDS: Mapping[Stands, Message] = {
    Stands.DELIVERED: t("delivered"), Stands.READ: t("read"), Stands.ACCEPTED: t("accepted by provider"),
    Stands.SENDING: t("on its way out"), Stands.WAITING: t("waiting"), Stands.DOUBT: t("in doubt, being checked"),
    Stands.UNRESOLVED: t("in doubt, needs a person"), Stands.FAILED: t("not delivered"), Stands.HELD: t("held back"),
    Stands.EXPIRED: t("expired"), Stands.CANCELED: t("cancelled"), Stands.CARRIED: t("carried by another notice"),
}  # fmt: skip
MOVING = frozenset({Stands.SENDING, Stands.WAITING, Stands.DOUBT})
"""Where a machine has still to do something; what a provider accepted may hear more, too."""
NEED_A_HAND = (Stands.UNRESOLVED, Stands.FAILED, Stands.EXPIRED, Stands.HELD)
"""Where somebody should look, the most pressing first."""


@dataclass(frozen=True)
class Pile:
    """Notices of one version that stand alike. `why`: a reason of ours or a code of the provider's; empty: none."""

    channel: str
    country: str
    stands: Stands
    why: str
    count: int


def by_stand(piles: Iterable[Pile]) -> dict[Stands, int]:
    """Count notices by where they stand, in the order of `Stands`."""
    counted: Counter[Stands] = Counter()
    for one in piles:
        counted[one.stands] += one.count
    return {one: counted[one] for one in Stands if counted[one]}


def trouble(piles: Iterable[Pile]) -> list[Pile]:
    """Return what somebody should look at, put together over channels and countries: the most pressing and largest first."""
    counted: Counter[tuple[Stands, str]] = Counter()
    for one in piles:
        if one.stands in NEED_A_HAND:
            counted[one.stands, one.why] += one.count
    found = [Pile("", "", stands, why, count) for (stands, why), count in counted.items()]
    return sorted(found, key=lambda one: (NEED_A_HAND.index(one.stands), -one.count, one.why))


def finished(piles: Iterable[Pile]) -> bool:
    """Tell whether nothing of a version is left for a machine to do."""
    return not any(one.stands in MOVING for one in piles)


CODES: Mapping[str, Message] = {
    "21211": t("no valid phone number"), "21610": t("they answered STOP"), "21614": t("not a mobile number"),
    "21635": t("a landline"), "30003": t("the phone is off or without network"),
    "30004": t("blocked by its owner or the carrier"), "30005": t("unknown number"),
    "30006": t("a landline, or a carrier that takes no messages"), "30007": t("filtered by the carrier"),
    "30008": t("unknown error at the carrier"), "30036": t("not delivered within its validity"),
    "63003": t("not on WhatsApp"), "63024": t("cannot take WhatsApp messages"),
}  # fmt: skip
"""The provider's codes that officers meet most, in words (sources: `notify.channels.twilio_errors`)."""
OWNERS = t("They want no messages there: use another way, or tell them through their company.")
WRONG = t("The address is wrong: have it corrected in the register, and call them meanwhile.")
OURS = t("The fault is ours or the provider's and will meet others, too: tell whoever looks after the settings.")
AGAIN = t("Another way of theirs is tried by itself. If this was the last, call them.")
CALL = t("Call them, or tell them through their company, and write it down.")
EFFECTS: Mapping[Effect, Message] = {
    Effect.NOTICE: AGAIN, Effect.OURS: OURS, Effect.SLOW: AGAIN, Effect.ADDRESS: WRONG, Effect.OPTED_OUT: OWNERS,
    Effect.COUNTRY: OURS, Effect.CHANNEL: OURS,
}  # fmt: skip
REASONS: Mapping[str, Message] = {
    "bad-address": WRONG, "no-address": WRONG, "opted-out": OWNERS, "stopped": OWNERS, "channel-stopped": OURS,
    "attempts": CALL, NO_GROUND: CALL, FORBIDDEN: OURS,
}  # fmt: skip


def why_words(why: str) -> Message | str:
    """Return what people read for a reason or a code; a code that few meet is shown as it is."""
    return CODES.get(why) or reason_words(why) if why else ""


def advice(stands: Stands, why: str) -> Message | None:
    """Say what an officer does about a notice that stands so; None: nothing."""
    if stands is Stands.UNRESOLVED:
        return t("Nobody can tell whether it arrived. Send it again, which may double it, or call them.")
    if stands is Stands.DOUBT:
        return t("The provider is being asked. Nothing is to be done yet.")
    if stands is Stands.EXPIRED:
        return CALL
    if stands not in {Stands.FAILED, Stands.HELD}:
        return None
    known = TABLE.get(int(why)) if why.isdecimal() else None
    if known is not None:
        return EFFECTS[known.effect]
    rule = why.partition(":")[0] in {"inhibited", "repeat", "capped", "told"}
    return None if rule else REASONS.get(why, AGAIN if stands is Stands.FAILED else CALL)
