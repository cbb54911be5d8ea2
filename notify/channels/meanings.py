"""What a provider's error code means for a notice: one table a provider, one reading for all. Pure."""

from __future__ import annotations

from enum import Enum

from notify.channels.base import InDoubt, NotSent, Rejected

LATER = 60.0
"""Seconds to wait where a provider does not say how long."""


class Meaning(Enum):
    """What is to be done.

    Attributes:
        BAD_ADDRESS: nobody can be reached there: a stop for the address.
        OPTED_OUT: whoever has the address told the provider to stop us.
        WAIT: not now for this one address or group; others are not concerned.
        SLOW: the whole account is too fast: everything slows down.
        STOPS: account, signature, template or sender are at fault: nobody gets anything until a person looked.
        DOUBT: it broke at the provider, and may have been taken.
        REFUSED: this notice is refused for good, for a reason of its own.
    """

    BAD_ADDRESS = "bad-address"
    OPTED_OUT = "opted-out"
    WAIT = "wait"
    SLOW = "slow"
    STOPS = "stops"
    DOUBT = "doubt"
    REFUSED = "refused"


def told(
    meaning: Meaning, code: str, detail: str = "", *, http: int | None = None, wait: float | None = None
) -> NotSent | InDoubt | Rejected:
    """Return the result for a code that means `meaning`.

    Args:
        wait: seconds the provider asked for; None: a minute.
    """
    later = LATER if wait is None else wait
    if meaning is Meaning.WAIT:
        return NotSent(code, detail, later, http_status=http)
    if meaning is Meaning.SLOW:
        return NotSent(code, detail, later, throttled=True, http_status=http)
    if meaning is Meaning.DOUBT:
        return InDoubt(code, detail, http)
    return Rejected(
        code, detail, http,
        address_bad=meaning is Meaning.BAD_ADDRESS,
        stops_channel=meaning is Meaning.STOPS,
        opted_out=meaning is Meaning.OPTED_OUT,
    )  # fmt: skip
