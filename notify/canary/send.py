"""Sending canaries and listening for them: through the gate, the channel, the provider, and back to our own callback.

They take the channels' own way, but not the outbox: a canary has no alert and no person, so that it can never be counted as
somebody told. What the outbox does is proven by `prove` for real notices; what only the outside can show is proven here.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Sequence
from datetime import timedelta

from core.audit import record
from core.database import reading, writing
from core.errors import WrongSetting
from core.i18n import t
from core.settings import Settings
from notify.canary import store
from notify.canary.tables import Canary
from notify.canary.watch import is_settled, speaks
from notify.channels.base import Accepted, CannotTell, InDoubt, NotSent, Outgoing, Result
from notify.dispatch import Tools
from notify.model import OfficeName
from notify.ref import ALPHABET

SUBJECT, NO_CHANNEL = "canary", "no-channel"
LISTEN = 1.0
"""Seconds between two looks for receipts."""


def addresses(settings: Settings) -> dict[str, str]:
    """Return the canary of each channel.

    Raises:
        WrongSetting: one is not written as `channel:address`, or a channel has two.
    """
    found: dict[str, str] = {}
    for one in settings.canaries:
        channel, _, address = one.partition(":")
        if not channel.strip() or not address.strip() or channel.strip() in found:
            raise WrongSetting(t("canaries: write each as channel:address, one for a channel."))
        found[channel.strip()] = address.strip()
    return found


async def sing(tools: Tools, office: OfficeName, *, by: str) -> list[int]:
    """Send one marked message over each channel that has a canary; return their numbers. Channels stay open.

    Raises:
        WrongSetting: the setting makes no sense.
    """
    return [await _one(tools, office, channel, address, by) for channel, address in addresses(tools.settings).items()]


async def listen(tools: Tools, numbers: Sequence[int], within: timedelta) -> list[Canary]:
    """Wait until every canary was heard of, at most so long; then ask the providers about those that were not."""
    for _ in range(int(within.total_seconds() / LISTEN)):
        if all(is_settled(one) for one in _rows(tools, numbers)):
            break
        await asyncio.sleep(LISTEN)
    for one in _rows(tools, numbers):
        if one.outcome == "accepted" and speaks(one.channel) and not is_settled(one):
            await _ask(tools, one)
    return _rows(tools, numbers)


async def round_trip(tools: Tools, office: OfficeName, within: timedelta, *, by: str) -> list[Canary]:
    """Send one message over each channel, wait for the receipts at most `within`, and close the channels."""
    try:
        return await listen(tools, await sing(tools, office, by=by), within)
    finally:
        for channel in tools.channels.values():
            await channel.close()


async def _one(tools: Tools, office: OfficeName, channel: str, address: str, by: str) -> int:
    now, code = tools.clock.now(), "".join(secrets.choice(ALPHABET) for _ in range(6))
    row = {
        "channel": channel, "mode": tools.gate.mode.value, "ref": code, "sent_at": now, "outcome": "begun",
        "due_at": now + timedelta(minutes=tools.settings.canary_minutes), "code": "", "provider_id": "", "status": "",
        "rank": 0, "created_by": by,
    }  # fmt: skip
    with writing(tools.engine) as connection:
        number = store.begin(connection, row)
        record(connection, actor=by, action="canary.send", subject=f"canary/{number}", now=now, detail=channel)
    refused = _refusal(tools, channel, address)
    result = None if refused else await tools.channels[channel].send(_notice(number, code, address, office))
    outcome, why, provider_id = ("refused", refused, "") if result is None else _outcome(result)
    with writing(tools.engine) as connection:
        store.end(connection, number, outcome=outcome, code=why, provider_id=provider_id)
        if isinstance(result, Accepted):
            store.hear(connection, number, result.status, code="", at=None)
    return number


def _refusal(tools: Tools, channel: str, address: str) -> str:
    if channel not in tools.channels:
        return NO_CHANNEL
    gate = tools.gate
    endpoint = tools.channels[channel].endpoint
    return gate.refuse(alert_uid=gate.uid, alert_mode=gate.mode, endpoint=endpoint, address=address)


def _notice(number: int, code: str, address: str, office: OfficeName) -> Outgoing:
    kind = t("Self-check of a channel").render("zh")
    body = t(
        "{signature}[TEST] Self-check of a channel: no alert, nothing to do. Reference {ref}",
        signature=office.signature,
        ref=code,
    )
    variables = {"office": office.zh, "kind": kind, "places": "", "title": kind, "advice": "", "ref": code}
    return Outgoing(
        delivery_id=store.BASE + number, attempt=1, ref=code, address=address, language="zh", subject=f"【测试】{kind} {code}",
        body=body.render("zh"), html="", valid_seconds=600, alert=SUBJECT, template="service", variables=variables,
    )  # fmt: skip


def _outcome(result: Result) -> tuple[str, str, str]:
    if isinstance(result, Accepted):
        return "accepted", "", result.provider_id
    if isinstance(result, InDoubt):
        return "doubt", result.code, ""
    return ("failed" if isinstance(result, NotSent) else "refused"), result.code, ""


async def _ask(tools: Tools, one: Canary) -> None:
    """Ask the provider, so that a silent callback and a message that was lost can be told apart."""
    channel = tools.channels.get(one.channel)
    if channel is None or not tools.gate.may_reach(channel.endpoint):
        return
    found = await channel.status(one.provider_id)
    if not isinstance(found, CannotTell):
        with writing(tools.engine) as connection:
            store.hear(connection, one.id or 0, found.status, code=found.error_code, at=None)


def _rows(tools: Tools, numbers: Sequence[int]) -> list[Canary]:
    with reading(tools.engine) as connection:
        return store.rows(connection, numbers)
