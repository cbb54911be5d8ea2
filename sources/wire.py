"""Advisories, changes and sentences as JSON: the contract of the command (DESIGN section 7) and the form they are stored in. Pure."""

from __future__ import annotations

from dataclasses import asdict, fields
from datetime import datetime
from typing import Any

from core.clock import iso, parse_moment
from core.i18n import Message
from sources.events import Event, EventKind
from sources.model import Advisory, AdvisoryChange, Contact, Grade, Hazard, Level

TIMES = ("published_at", "updated_at", "expires_at")


def level_json(level: Level) -> int | str:
    """Write a level: 1 to 4, `unstated` or `unknown`."""
    return level if isinstance(level, int) else level.value


def read_level(value: int | str) -> Level:
    """Read what `level_json` wrote."""
    return value if isinstance(value, int) else Grade(value)


def advisory_json(advisory: Advisory) -> dict[str, Any]:
    """Write an advisory with the fields of the contract, and the few that only hazard feeds and notices use."""
    body = store_advisory(advisory)
    for hidden in ("list_mark", "detail_read"):
        del body[hidden]
    return body | {"fingerprint": advisory.fingerprint}


def store_advisory(advisory: Advisory) -> dict[str, Any]:
    """Write every field of an advisory as plain JSON values; `event` and `ended` only where there is something to say."""
    body: dict[str, Any] = {f.name: getattr(advisory, f.name) for f in fields(Advisory)}
    if (event := body.pop("event")) is not None:
        body["event"] = _event_json(event)
    if not advisory.ended:
        del body["ended"]
    for name in TIMES:
        body[name] = iso(body[name])
    for name in ("level_national", "level_regional_max"):
        body[name] = level_json(body[name])
    body["hazards"] = [h.value for h in advisory.hazards]
    body["contacts"] = [[c.label, c.number] for c in advisory.contacts]
    return {k: list(v) if isinstance(v, tuple) else v for k, v in body.items()}


def load_advisory(body: dict[str, Any]) -> Advisory:
    """Read what `store_advisory` wrote. Unknown fields of a newer version are refused, not dropped."""
    values = dict(body)
    for name in TIMES:
        values[name] = read_time(values[name])
    for name in ("level_national", "level_regional_max"):
        values[name] = read_level(values[name])
    values["hazards"] = tuple(Hazard(h) for h in values["hazards"])
    values["contacts"] = tuple(Contact(*c) for c in values["contacts"])
    for name in ("countries", "places", "unresolved", "ambiguous"):
        values[name] = tuple(values[name])
    if "event" in values:  # older rows have none
        values["event"] = _read_event(values["event"])
    return Advisory(**values)


def _event_json(event: Event) -> dict[str, Any]:
    return asdict(event) | {"kind": event.kind.value, "at": iso(event.at), "ids": list(event.ids)}


def _read_event(body: dict[str, Any]) -> Event:
    known = {"kind": EventKind(body["kind"]), "at": read_time(body["at"]), "ids": tuple(body["ids"])}
    return Event(**(body | known))


def read_time(text: str | None) -> datetime | None:
    """Read an ISO time, or None."""
    return None if text is None else parse_moment(text)


def change_json(change: AdvisoryChange) -> dict[str, Any]:
    """Write a change with the fields of the contract; the reason is in English."""
    return {
        "kind": change.kind.value,
        "confirmed": change.confirmed,
        "source": change.source,
        "native_id": change.native_id,
        "countries": list(change.advisory.countries),
        "level_before": None if change.before is None else level_json(change.before.level),
        "level_after": None if change.after is None else level_json(change.after.level),
        "reason": str(change.reason),
        "held": change.held,
    }


def message_json(message: Message) -> dict[str, Any]:
    """Write a sentence so that it can be put into words later."""
    values = {k: message_json(v) if isinstance(v, Message) else str(v) for k, v in message.values.items()}
    return {"text": message.text, "values": values}


def load_message(body: dict[str, Any]) -> Message:
    """Read what `message_json` wrote."""
    values = {k: load_message(v) if isinstance(v, dict) else v for k, v in body["values"].items()}
    return Message(body["text"], values)
