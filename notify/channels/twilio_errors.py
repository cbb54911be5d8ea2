"""Twilio's error codes: what each one means for a notice, its address, its country and its channel. Pure.

One table for the answers to a call and for the words that come later, because both carry the same codes. Sources: Twilio's
pages https://www.twilio.com/docs/api/errors/<code>. A code that is not here means: this notice failed, nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from notify.channels.base import Consequence, InDoubt, NotSent, Rejected, Result


class Effect(StrEnum):
    """How far the meaning of a code reaches."""

    NOTICE = "notice"
    """This notice failed; the next step of the ladder goes."""
    OURS = "ours"
    """This notice failed by a fault that will strike others too: somebody in the office must look."""
    SLOW = "slow"
    """Nothing was processed: later, and slower."""
    ADDRESS = "address"
    """There is no such number, or it cannot take this kind of message: the address is stopped."""
    OPTED_OUT = "opted-out"
    """Its owner told Twilio to stop us: the address is stopped."""
    COUNTRY = "country"
    """Our account or sender may not reach this country: it waits, the others go on."""
    CHANNEL = "channel"
    """Our account or sender is at fault: the channel is stopped."""


@dataclass(frozen=True)
class Meaning:
    """What a code means: how far it reaches, and in words for the log."""

    effect: Effect
    words: str


TABLE: Mapping[int, Meaning] = {
    20003: Meaning(Effect.CHANNEL, "the credentials are wrong"),
    20403: Meaning(Effect.CHANNEL, "the account may not do this"),
    20404: Meaning(Effect.CHANNEL, "the account or the address of the API is wrong"),
    20429: Meaning(Effect.SLOW, "too many requests; nothing was processed"),
    21201: Meaning(Effect.ADDRESS, "no number to call"),
    21210: Meaning(Effect.CHANNEL, "the number we call from is not ours"),
    21211: Meaning(Effect.ADDRESS, "no valid phone number"),
    21212: Meaning(Effect.CHANNEL, "the number we send from is not valid"),
    21213: Meaning(Effect.CHANNEL, "no number to call from"),
    # Of a call only: the same number may well take SMS, so it is not stopped.
    21214: Meaning(Effect.NOTICE, "the number cannot be called"),
    21215: Meaning(Effect.COUNTRY, "calls to this country are not permitted (geographic permissions)"),
    21216: Meaning(Effect.COUNTRY, "calls to this number are not permitted"),
    21217: Meaning(Effect.ADDRESS, "no valid phone number"),
    21401: Meaning(Effect.ADDRESS, "no valid phone number"),
    21408: Meaning(Effect.COUNTRY, "messages to this country are not permitted (geographic permissions)"),
    21421: Meaning(Effect.ADDRESS, "no valid phone number"),
    21603: Meaning(Effect.CHANNEL, "no number to send from"),
    21606: Meaning(Effect.COUNTRY, "the number we send from cannot send there"),
    21610: Meaning(Effect.OPTED_OUT, "the recipient replied STOP"),
    21611: Meaning(Effect.SLOW, "the queue of the sender is full (ten hours)"),
    21612: Meaning(Effect.COUNTRY, "no route from our sender to this number"),
    21614: Meaning(Effect.ADDRESS, "not a mobile number"),
    21635: Meaning(Effect.ADDRESS, "a landline"),
    21655: Meaning(Effect.CHANNEL, "the id of the template is wrong"),
    21656: Meaning(Effect.OURS, "the variables do not fit the template"),
    21659: Meaning(Effect.CHANNEL, "the number we send from is not ours"),
    21701: Meaning(Effect.CHANNEL, "there is no such Messaging Service"),
    21703: Meaning(Effect.CHANNEL, "the Messaging Service has no sender"),
    21704: Meaning(Effect.CHANNEL, "the Messaging Service has no sender"),
    21705: Meaning(Effect.CHANNEL, "the Messaging Service is wrong"),
    30001: Meaning(Effect.OURS, "the queue of the sender was full"),
    30002: Meaning(Effect.OURS, "the account is suspended: nothing goes over Twilio"),
    30003: Meaning(Effect.NOTICE, "the handset cannot be reached: off, or without network"),
    30004: Meaning(Effect.NOTICE, "blocked by the recipient or the carrier"),
    30005: Meaning(Effect.ADDRESS, "unknown number"),
    30006: Meaning(Effect.ADDRESS, "a landline, or a carrier that takes no messages"),
    30007: Meaning(Effect.OURS, "filtered by the carrier: the same text will fail again"),
    30008: Meaning(Effect.NOTICE, "unknown error at the carrier"),
    30034: Meaning(Effect.OURS, "our sender is not registered in the US"),
    30036: Meaning(Effect.NOTICE, "not delivered within its validity"),
    63003: Meaning(Effect.ADDRESS, "not on WhatsApp"),
    63007: Meaning(Effect.CHANNEL, "our WhatsApp sender is wrong"),
    63016: Meaning(Effect.OURS, "free text outside the 24 hour window: a template must be used"),
    63018: Meaning(Effect.OURS, "WhatsApp's limit for our sender is reached"),
    63024: Meaning(Effect.ADDRESS, "cannot take WhatsApp messages"),
}

UNKNOWN = Meaning(Effect.NOTICE, "unknown code")
CONSEQUENCES = {Effect.ADDRESS: Consequence.ADDRESS_BAD, Effect.OPTED_OUT: Consequence.OPTED_OUT}
FOR_THE_OFFICE = frozenset({Effect.OURS, Effect.COUNTRY, Effect.CHANNEL})


def meaning(code: int | str) -> Meaning:
    """Return what a code means; `UNKNOWN` for one that is no number or not in the table."""
    text = str(code)
    return TABLE.get(int(text), UNKNOWN) if text.isascii() and text.isdecimal() else UNKNOWN


def consequence(code: int | str) -> Consequence:
    """Return what a code that came after the acceptance means for the address."""
    return CONSEQUENCES.get(meaning(code).effect, Consequence.NONE)


def refused(code: str, http: int, detail: str, retry_after: float | None) -> Result:
    """Say what an error answer to a call means: what is certain, what is not.

    Args:
        code: Twilio's code; empty or anything else that is no number: the answer is not Twilio's.
        http: status of the answer.
        retry_after: seconds the answer told us to wait, if it did.
    """
    effect = meaning(code).effect
    shown = code if code.isascii() and code.isdecimal() else str(http)
    if http == 429 or effect is Effect.SLOW:
        return NotSent(shown, detail, retry_after, throttled=True, http_status=http)
    if http >= 500 or http < 400 or http == 408:
        return InDoubt(shown, detail, http)
    # No code of Twilio's: something else answered in its place (a proxy, a wrong address), and would do so to everybody.
    stops = effect is Effect.CHANNEL or http == 401 or shown == str(http)
    return Rejected(
        shown, detail, http, address_bad=effect is Effect.ADDRESS, stops_channel=stops,
        stops_country=effect is Effect.COUNTRY and not stops, opted_out=effect is Effect.OPTED_OUT,
    )  # fmt: skip
