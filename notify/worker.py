"""One worker's view of a claimed delivery: the exact text and address, the call, and what its result means for the row."""

from __future__ import annotations

import hashlib
import random
import re
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any

from sqlalchemy import Connection

from core.keys import MasterKeys
from notify import unsubscribe
from notify.channels.base import Accepted, Channel, InDoubt, NotSent, Outgoing, Rejected, Result, rank
from notify.gate import Gate
from notify.groups import way
from notify.ref import SAFE_GAP, fill, reference
from notify.routing import HOME_PREFIX
from notify.safety.links import Links
from notify.stops import REASONS
from notify.store import deliveries as store
from notify.store.facts import VersionFacts, text_rows, version_facts
from notify.tables import AlertText, DeliveryState
from notify.texts.asking import is_asked
from registry import scope
from registry.actors import SYSTEM
from registry.enrol import index_key
from registry.phones import calling_code

COUNTRY_STOPPED = "country-stopped"
"""Begins the reason of what cannot go to a country now: `country-stopped:+992`, or a country's own code."""

STOPPED = "stopped"
"""Code and reason of what was not sent because its owner or its provider stopped the address while it waited."""

BACKOFF = 2.0
LONGEST_WAIT = 900.0


@dataclass(frozen=True)
class Job:
    """A claimed delivery, ready for the call.

    Attributes:
        last_start: the call must not begin after this: it would not end within the lease.
        refused: why it must not be made at all.
        counted: the day on which a budget counted it; None: there is no budget for its channel.
        repeat_until: it repeats a call in doubt, which the provider drops until then; None: it repeats nothing.
        slot: not before this moment, under the rate of its channel; None: at any time.
    """

    claimed: store.Claimed
    notice: Outgoing
    attempt_id: int
    last_start: datetime
    refused: Rejected | None = None
    repeat_until: datetime | None = None
    counted: date | None = None
    slot: datetime | None = None

    @property
    def place(self) -> str:
        """Return what a provider's word about a country is kept under: the calling code with its plus, else the country."""
        code = calling_code(self.notice.address) if self.notice.address.startswith("+") else ""
        return f"+{code}" if code else self.claimed.country


@dataclass(frozen=True)
class Prepared:
    """What is read once per batch: texts, facts of versions, addresses.

    Attributes:
        stop_link: for a mail, the page on which its owner stops this address, by the number of the address.
        stopped: addresses that their owner or their provider has stopped since the notice was planned.
        links: makes the personal links, if a text offers one. `links_home`: SMS to +86 carry it too.
    """

    texts: Mapping[int, AlertText]
    facts: Mapping[int, VersionFacts]
    addresses: Mapping[int, str]
    stopped: Collection[int] = ()
    stop_link: Callable[[int], str] | None = None
    links: Links | None = None
    links_home: bool = False

    def token(self, one: store.Claimed, uid: str) -> str:
        """Return the token of a delivery's personal link; empty where no link may stand."""
        if self.links is None or (one.channel == "sms" and self._is_home(one) and not self.links_home):
            return ""
        return self.links.token(uid, one.id)

    def _is_home(self, one: store.Claimed) -> bool:
        return self.address(one).startswith(f"+{HOME_PREFIX}")

    def address(self, one: store.Claimed) -> str:
        """Return where a delivery goes: an address of the register, or a group; empty if the person was erased."""
        return way(one.address_id, one.address_index, self.addresses)


def prepare(
    connection: Connection,
    claimed: Sequence[store.Claimed],
    keys: MasterKeys,
    base_url: str = "",
    *,
    links_home: bool = False,
) -> Prepared:
    """Read what a batch needs. Addresses come through the one door of people's data.

    Args:
        base_url: where our pages are reached, if mails are to carry a link by which they are stopped.
        links_home: SMS to +86 may carry a personal link.
    """
    texts = text_rows(connection, sorted({one.text_id for one in claimed}))
    offered = any(SAFE_GAP in one.body for one in texts.values())
    stop_link = None
    if base_url and any(one.channel == "email" for one in claimed):
        stop_link = partial(unsubscribe.link, base_url, index_key(connection, keys))
    ids = sorted({one.address_id for one in claimed})
    return Prepared(
        texts, version_facts(connection, sorted({one.version_id for one in claimed})),
        scope.open_addresses(connection, SYSTEM, ids, keys),
        # Whatever stops a value for its owner's or its provider's sake stops it for everybody behind it.
        scope.stopped_because(connection, ids, REASONS.values()), stop_link,
        Links.under(index_key(connection, keys)) if offered else None, links_home,
    )  # fmt: skip


def outgoing(one: store.Claimed, prepared: Prepared, uid: str, now: datetime) -> Outgoing:
    """Put the exact notice together. An erased person's address is empty; the gate refuses it."""
    text, facts = prepared.texts[one.text_id], prepared.facts[one.version_id]
    code, token = reference(uid, one.id), prepared.token(one, uid)
    left = (facts.send_by - now).total_seconds() if facts.send_by else 0.0
    return Outgoing(
        delivery_id=one.id, attempt=one.attempts, ref=code, address=prepared.address(one),
        language=text.language, subject=text.subject, body=fill(text.body, code, token), html=fill(text.html, code, token),
        valid_seconds=int(left), alert=str(facts.alert_id), template=text.template,
        variables={name: fill(value, code) for name, value in text.variables.items()},
        unsubscribe=prepared.stop_link(one.address_id) if prepared.stop_link and one.channel == "email" else "",
        ask=facts.ask_safe and is_asked(text.variant), reply_to=token if one.channel == "email" else "",
    )  # fmt: skip


def refusal(one: store.Claimed, prepared: Prepared, gate: Gate, channel: Channel) -> Rejected | None:
    """Say why a claimed delivery must not be sent at all, at the last gate before its call; None: it may go."""
    if one.address_id in prepared.stopped:
        return Rejected(STOPPED, "the address was stopped while this waited")
    if not (address := prepared.address(one)):
        return Rejected("no-address", "the address is gone")
    facts = prepared.facts[one.version_id]
    code = gate.refuse(alert_uid=facts.instance_uid, alert_mode=facts.mode, endpoint=channel.endpoint, address=address)
    return Rejected(code, "refused at the last gate") if code else None


def body_hash(notice: Outgoing) -> str:
    """Return the hash of the exact words: subject, text and html, and what fills a provider's template."""
    words = [notice.subject, notice.body, notice.html]
    if notice.template:
        words += [notice.template, *(f"{name}={value}" for name, value in sorted(notice.variables.items()))]
    return hashlib.sha256("\0".join(words).encode()).hexdigest()


def attempt_row(one: store.Claimed, notice: Outgoing, worker: str, now: datetime) -> dict[str, Any]:
    """Return the row that must be durable before the call."""
    return {
        "delivery_id": one.id, "no": one.attempts, "lease_token": one.lease_token, "worker": worker,
        "channel": one.channel, "body_sha256": body_hash(notice), "started_at": now,
    }  # fmt: skip


def outcome_row(job: Job, result: Result, now: datetime) -> dict[str, Any]:
    """Return the row that tells what came of a call."""
    return {
        "attempt_id": job.attempt_id, "delivery_id": job.claimed.id, "outcome": type(result).__name__.lower(), "by": "worker",
        "provider_id": result.provider_id if isinstance(result, Accepted) else None, "http_status": result.http_status,
        "error_code": "" if isinstance(result, Accepted) else result.code[:40],
        "request_id": result.request_id if isinstance(result, Accepted) else "",
        "detail": "" if isinstance(result, Accepted) else scrub(result.detail, job.notice.address)[:500],
        "ended_at": now,
    }  # fmt: skip


def scrub(words: str, address: str) -> str:
    """Return a provider's words without the address: its errors quote it, and this table is not sealed under a person's key."""
    bare = address.removeprefix("+")
    return re.sub(rf"\+?{re.escape(bare)}", "…", words, flags=re.IGNORECASE) if bare else words


def accepted_row(job: Job, result: Accepted, channel: Channel, now: datetime) -> dict[str, Any]:
    """Return the values that mark a delivery as taken."""
    return {
        "b_id": job.claimed.id, "b_token": job.claimed.lease_token, "provider": channel.provider,
        "b_provider_id": result.provider_id, "b_status": result.status, "b_rank": rank(result.status), "updated_at": now,
    }  # fmt: skip


def settled_row(job: Job, result: NotSent | InDoubt | Rejected, now: datetime) -> dict[str, Any]:
    """Return the values that a result other than acceptance gives a delivery (DESIGN section 5).

    What was certainly not sent is never given up here, however often: a provider that is down or busy for an hour is no
    reason to leave somebody unwarned. The validity of the alert ends it.
    """
    due: datetime | None = None
    if isinstance(result, InDoubt):
        state, due = DeliveryState.UNKNOWN, now
    elif isinstance(result, NotSent):
        state, due = DeliveryState.READY, now + timedelta(seconds=wait_for(result, job.claimed.attempts))
    elif isinstance(result, Rejected) and (result.stops_channel or result.stops_country):
        # The account or the sender is at fault, not this person: it waits until somebody has mended that.
        state, due = DeliveryState.READY, now + timedelta(seconds=LONGEST_WAIT)
    else:
        state = DeliveryState.FAILED
    reason = _reason(result, job.place)
    if state is DeliveryState.READY and job.repeat_until is not None:
        # This call sent nothing, but the one it repeats may have: sent later it would reach somebody twice.
        state, due, reason = DeliveryState.UNKNOWN, now, "doubt"
    return {
        "b_id": job.claimed.id, "b_token": job.claimed.lease_token, "state": state, "reason": reason,
        "due": due, "error_code": result.code[:40], "updated_at": now,
    }  # fmt: skip


def in_vain(batch: Sequence[tuple[Job, Result]], uncalled: Collection[int]) -> Counter[tuple[date, str, str]]:
    """Count by day, channel and country what budgets counted and no call was made for: put back, or refused at the last gate.

    Args:
        uncalled: attempts that came to no call.
    """
    return Counter(
        (job.counted, job.claimed.channel, job.claimed.country)
        for job, _ in batch
        if job.counted is not None and job.attempt_id in uncalled
    )


def wait_for(result: NotSent, attempts: int) -> float:
    """Return how many seconds to wait after a call that certainly sent nothing: as told, else longer each time, with jitter."""
    if result.retry_after is not None:
        return result.retry_after
    longest = min(LONGEST_WAIT, BACKOFF ** min(attempts, 10))
    return float(random.uniform(longest / 2, longest))


def _reason(result: NotSent | InDoubt | Rejected, place: str) -> str:
    if isinstance(result, Rejected) and result.stops_channel:
        return "channel-stopped"
    if result.code == COUNTRY_STOPPED or (isinstance(result, Rejected) and result.stops_country):
        return f"{COUNTRY_STOPPED}:{place}"
    if isinstance(result, Rejected) and result.address_bad:
        return "bad-address"
    if isinstance(result, Rejected) and result.opted_out:
        return "opted-out"
    if result.code == STOPPED:
        return STOPPED
    return {"NotSent": "retry", "InDoubt": "doubt", "Rejected": "refused"}[type(result).__name__]
