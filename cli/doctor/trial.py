"""A real test message to oneself over a channel: the canary's own way, to an address that the settings allow for tests."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import timedelta

from cli.doctor.model import Finding, fault, ok, warning
from core.database import reading
from core.errors import WrongUse
from core.i18n import t
from core.tables import Mode
from notify.canary.send import round_trip
from notify.canary.tables import Canary
from notify.canary.watch import is_settled, trouble
from notify.ledger.terms import channel_words
from notify.office import Office
from notify.store.alerts import instance
from notify.trial import may_try

NAME = "test"
LONGEST = 30.0
"""Seconds that a receipt is waited for at the most."""


def read_wish(texts: Sequence[str]) -> dict[str, str]:
    """Read `sms=+86…` into channel and address.

    Raises:
        WrongUse: one is written otherwise, or a channel is named twice.
    """
    found: dict[str, str] = {}
    for one in texts:
        channel, _, address = (part.strip() for part in one.partition("="))
        if not channel or not address or channel in found:
            raise WrongUse(t("Write each test as CHANNEL=ADDRESS, such as sms=+8613800138000, one for a channel."))
        found[channel] = address
    return found


def allow(office: Office, wanted: Iterable[str]) -> None:
    """Let only addresses of officers through.

    Raises:
        NotAllowed: one is not in the setting `test_addresses`, and this is no sandbox.
    """
    with reading(office.engine) as connection:
        sandbox = Mode(instance(connection).mode) is Mode.SANDBOX
    for address in wanted:
        may_try(address, office.settings.test_addresses, sandbox=sandbox)


def check(office: Office, wanted: dict[str, str], *, by: str, patience: float) -> Iterable[Finding]:
    """Send one marked message over each channel that was named, and listen for the provider's receipt for a while."""
    canaries = tuple(f"{channel}:{address}" for channel, address in wanted.items())
    tools, within = office.tools(), timedelta(seconds=min(patience, LONGEST))
    tools = replace(tools, settings=tools.settings.model_copy(update={"canaries": canaries}))
    sung = asyncio.run(round_trip(tools, office.name, within, by=by))
    return [_finding(one, office) for one in sung]


def _finding(one: Canary, office: Office) -> Finding:
    name = channel_words(one.channel)
    wrong = trouble(one, office.clock.now())
    if wrong is not None:
        return fault(
            NAME, wrong, t("Look at the account and the sender at the provider, and at the settings of this channel.")
        )
    if is_settled(one):
        return ok(NAME, t("{channel}: the test message {ref} was taken. Is it there?", channel=name, ref=one.ref))
    return warning(NAME, t("{channel}: the test message {ref} was taken, and no receipt came yet.", channel=name, ref=one.ref),
                   t("See in some minutes whether it came: `lingbao watchdog` names a canary that stays silent."))  # fmt: skip
