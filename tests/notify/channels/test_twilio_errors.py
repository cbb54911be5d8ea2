"""The table of Twilio's codes: what a sender must do about each, at the call and afterwards."""

from __future__ import annotations

import pytest

from notify.channels.base import Consequence, InDoubt, NotSent, Rejected
from notify.channels.twilio_errors import FOR_THE_OFFICE, TABLE, Effect, consequence, meaning, refused
from notify.sandbox.magic import When, table

AT_THE_CALL = {
    "slow": {20429, 21611},
    "address": {21211, 21614, 21635},
    "opted-out": {21610},
    "country": {21408, 21215, 21606, 21612},
    "channel": {20003, 21603, 21659},
}
AFTERWARDS = {
    "address": {30005, 30006, 63003, 63024},
    "notice": {30003, 30004, 30008, 30036},
    "ours": {30001, 30002, 30007, 30034, 63016, 63018},
}


@pytest.mark.parametrize("effect, codes", [*AT_THE_CALL.items(), *AFTERWARDS.items()])
def test_each_code_reaches_as_far_as_it_must(effect: str, codes: set[int]) -> None:
    """Every code of the office's list has the effect that was worked out for it, and words for the log."""
    for code in codes:
        assert meaning(code).effect == effect, code
        assert meaning(str(code)).words


def test_a_number_that_cannot_be_called_may_still_take_sms() -> None:
    """A call that Twilio cannot place fails by itself: a stop would end SMS to the same number, which nobody proved wrong."""
    result = refused("21214", 400, "words", None)
    assert isinstance(result, Rejected)
    assert (result.address_bad, result.stops_channel, result.stops_country) == (False, False, False)
    assert consequence(21214) is Consequence.NONE


@pytest.mark.parametrize("code", sorted(TABLE))
def test_an_answer_says_one_thing_only(code: int) -> None:
    """A refused call is at fault in one way: address, country, channel or nobody's; what was not processed is sent later."""
    result, effect = refused(str(code), 400, "words", 3.0), meaning(code).effect
    if effect is Effect.SLOW:
        assert result == NotSent(str(code), "words", 3.0, throttled=True, http_status=400)
        return
    assert isinstance(result, Rejected)
    said = {
        Effect.ADDRESS: result.address_bad, Effect.CHANNEL: result.stops_channel, Effect.COUNTRY: result.stops_country,
        Effect.OPTED_OUT: result.opted_out,
    }  # fmt: skip
    assert said == {one: one is effect for one in said}


@pytest.mark.parametrize("code, http, kind", [
    ("20500", 500, InDoubt), ("21211", 503, InDoubt), ("30003", 408, InDoubt), ("0", 302, InDoubt), ("", 429, NotSent),
    ("²", 400, Rejected), ("oops", 404, Rejected),
])  # fmt: skip
def test_the_status_of_the_answer_goes_first(code: str, http: int, kind: type) -> None:
    """A 5xx is a doubt whatever code it carries; a 429 was never processed; what is not Twilio's stops the channel."""
    result = refused(code, http, "", None)
    assert type(result) is kind
    if isinstance(result, Rejected):
        assert result.stops_channel
        assert not result.stops_country


@pytest.mark.parametrize("code, means", [
    ("", Consequence.NONE), ("x", Consequence.NONE), ("99999", Consequence.NONE), ("30003", Consequence.NONE),
    ("30005", Consequence.ADDRESS_BAD), ("30006", Consequence.ADDRESS_BAD), ("63024", Consequence.ADDRESS_BAD),
    ("21610", Consequence.OPTED_OUT), ("30007", Consequence.NONE),
])  # fmt: skip
def test_what_comes_later_stops_an_address_only_if_it_is_at_fault(code: str, means: Consequence) -> None:
    """No such number stops the address; a handset that is off, a filter, or a code nobody knows does not."""
    assert consequence(code) is means


def test_the_sandbox_plays_every_code_of_the_list() -> None:
    """Each code that a sender must know about has a magic number, so that an office can see what we do about it."""
    played = {one.code for one in table().values() if one.when in {When.REFUSED, When.CALLBACK}}
    assert set().union(*AT_THE_CALL.values(), *AFTERWARDS.values()) <= played
    assert all(meaning(code).effect not in FOR_THE_OFFICE for code in AFTERWARDS["notice"])
