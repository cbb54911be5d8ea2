"""The rows of the sandbox's store: how messages and calls are written and read, and what a query asks for. Pure."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from notify.sandbox.checks_call import said
from notify.sandbox.life import Message, Status, sent_at
from notify.sandbox.life_call import Call, CallStatus
from notify.sandbox.records import Query


def utc(second: float) -> datetime:
    """Return a moment in seconds since 1970 as UTC."""
    return datetime.fromtimestamp(second, UTC)


def to_row(m: Message) -> tuple[object, ...]:
    """Return a message as a row of its table."""
    sent = sent_at(m)
    return (
        m.seq, m.sid, m.to, m.sender, m.service, m.body, m.created.timestamp(), m.parts, str(m.first), m.step,
        m.held, m.wait, m.validity, str(m.outcome), m.error, m.callback, m.canceled.timestamp() if m.canceled else None,
        sent.timestamp() if sent else None,
    )  # fmt: skip


def from_row(row: tuple[Any, ...]) -> Message:
    """Return the message of a row."""
    (
        seq,
        sid,
        to,
        sender,
        service,
        body,
        created,
        parts,
        first,
        step,
        held,
        wait,
        validity,
        outcome,
        error,
        url,
        canceled,
        _,
    ) = row
    return Message(
        seq, sid, to, sender, service, body, utc(created), parts, Status(first), step, held, wait, validity,
        Status(outcome), error, url, None if canceled is None else utc(canceled),
    )  # fmt: skip


def call_row(call: Call) -> tuple[object, ...]:
    """Return a call as a row of its table."""
    rest = {
        "twiml": call.twiml, "said": said(call.twiml), "step": call.step, "outcome": call.outcome, "answered_by": call.answered_by,
        "digits": call.digits, "callback": call.callback, "events": call.events, "machine_callback": call.machine_callback,
    }  # fmt: skip
    return call.seq, call.sid, call.to, call.sender, call.created.timestamp(), json.dumps(rest, ensure_ascii=False)


def call_of(row: tuple[Any, ...]) -> Call:
    """Return the call of a row."""
    seq, sid, to, sender, created, text = row
    rest = json.loads(text)
    del rest["said"]
    typed = {"outcome": CallStatus(rest["outcome"]), "events": tuple(rest["events"])}
    return Call(seq=seq, sid=sid, to=to, sender=sender, created=utc(created), **{**rest, **typed})


def where_of(query: Query) -> tuple[str, list[object]]:
    """Return the condition of a query with gaps, and what fills them."""
    parts: list[tuple[str, object]] = []
    if query.to:
        parts.append(("recipient = ?", query.to))
    if query.sender:
        parts.append(("sender = ?", query.sender))
    if query.sent_from or query.sent_until:
        parts.append(("sent <= ?", query.now.timestamp()))
    if query.sent_from:
        parts.append(("sent >= ?", query.sent_from.timestamp()))
    if query.sent_until:
        parts.append(("sent <= ?", query.sent_until.timestamp()))
    if query.before:
        parts.append(("seq < ?", query.before))
    if query.after:
        parts.append(("seq > ?", query.after))
    return " AND ".join(["1 = 1", *(sql for sql, _ in parts)]), [value for _, value in parts]
