"""Doubts and receipts by themselves, beside whoever sends: the two questions of the reconciler, asked until nothing is left to ask.

The engine asks both while it sends. On their own they go on while a large alert keeps the senders busy, on another machine if there is
one. Asked twice at once, nothing happens twice: an answer only moves a delivery that is still in doubt under the same lease.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import fields
from datetime import timedelta

from notify.dispatch import Tools
from notify.office import Office
from notify.reconcile import Findings, poll_receipts, reconcile


def settle_doubts(office: Office, within: timedelta) -> Findings:
    """Ask the providers about everything in doubt whose grace is over; return what was found."""
    return asyncio.run(_again_and_again(office, within, lambda tools: reconcile(tools, poll=False)))


def ask_for_receipts(office: Office, within: timedelta) -> Findings:
    """Ask the providers for the end of what they took long ago and never reported; return what was found."""
    return asyncio.run(_again_and_again(office, within, poll_receipts))


async def _again_and_again(
    office: Office, within: timedelta, ask: Callable[[Tools], Coroutine[None, None, Findings]]
) -> Findings:
    """Ask pass after pass, until one has nothing to ask, or the time is over."""
    tools, total, end = office.tools(), Findings(), office.clock.now() + within
    try:
        while True:
            found = await ask(tools)
            for one in fields(Findings):
                setattr(total, one.name, getattr(total, one.name) + getattr(found, one.name))
            if found == Findings() or office.clock.now() >= end:
                return total
    finally:
        for channel in tools.channels.values():
            await channel.close()
