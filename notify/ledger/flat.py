"""A proof as flat rows: one per person and notice, one a post to a group, one for each thing told by hand. For .jsonl, .csv, .xlsx."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from core.clock import iso
from core.keys import MasterKeys
from notify.alerts import Acting
from notify.groups import address
from notify.ledger.collect import begin, hands, lines
from notify.ledger.model import About, Hand, Line, Look, Notice, Post
from notify.ledger.posts import posts
from notify.store.ledger import last_seal
from notify.tables import DeliveryState

FORMULA = frozenset("=+-@\t\r")
HAND = "by-hand"
POSTED = "posted-to-group"
"""The state of a post that the group's platform took: whether anybody read it, nobody knows."""
COLUMNS = (
    "alert_id", "no", "kind", "level", "title_zh", "rule", "registrant_id", "posting_id", "country", "delivery_id", "channel",
    "state", "reason", "provider_status", "error_code", "provider_id", "attempts", "doubtful", "accepted_at", "updated_at",
    "erased_at", "name", "address", "employer_id", "ref", "language", "subject", "text", "text_sha256", "text_holds",
    "first_tried_at", "provider", "ground", "step", "people", "level_words", "origin", "url", "source_id", "capture_url", "capture_sha256",
    "captured_at", "created_by", "approved_by", "released_at", "released_by", "mode", "group", "note",
)  # fmt: skip
"""The columns of a table; rows of .jsonl also have `tried` and `heard`: every attempt and every receipt."""


def rows(
    connection: Connection,
    acting: Acting,
    *,
    alert_id: int | None = None,
    registrant_id: int | None = None,
    keys: MasterKeys | None = None,
) -> list[dict[str, Any]]:
    """Return the ledger of an alert, of a person, or all of it, as it stands; the look is in the audit.

    `erased_at` tells of people who are erased: the row says what was sent to a number of the register, and to nobody by name.

    Args:
        keys: None: people are numbers. Else names, addresses and notes are opened, as far as the actor may see them.
    """
    about, look = About(alert_id, registrant_id), Look(acting, keys, keys is not None and acting.actor.sees_plain)
    begin(connection, about, look)
    told = [line_row(one) for one in lines(connection, about, look)]
    told += [post_row(one) for one in posts(connection, about, look)]
    return told + [hand_row(one) for one in hands(connection, about, look)]


def line_row(line: Line) -> dict[str, Any]:
    """Write a line as plain values."""
    said, notice = line.said, line.notice
    row: dict[str, Any] = dict.fromkeys(COLUMNS)
    row |= {name: value for name, value in asdict(said).items() if name in row}
    row |= {
        name: getattr(line, name)
        for name in ("registrant_id", "employer_id", "posting_id", "country", "name", "erased_at")
    }
    row |= {"tried": [], "heard": []} if notice is None else _notice(notice)
    return {name: _plain(value) for name, value in row.items()}


def post_row(post: Post) -> dict[str, Any]:
    """Write a post to a group as plain values: no person, and where a platform took it, the state is `POSTED`."""
    row: dict[str, Any] = dict.fromkeys(COLUMNS)
    row |= {name: value for name, value in asdict(post.said).items() if name in row}
    row |= _notice(post.notice) | {"group": post.group, "address": address(post.group)}
    row["state"] = POSTED if post.notice.state == DeliveryState.ACCEPTED else post.notice.state
    return {name: _plain(value) for name, value in row.items()}


def hand_row(hand: Hand) -> dict[str, Any]:
    """Write something told by hand as plain values: the channel is `by-hand`, the reason the way, the time that of the act."""
    row: dict[str, Any] = dict.fromkeys(COLUMNS)
    state = (
        "withdraws" if hand.withdraws else "withdrawn" if hand.withdrawn else "confirmed" if hand.confirmed else "told"
    )
    row |= {
        "alert_id": hand.alert_id, "registrant_id": hand.registrant_id, "employer_id": hand.employer_id, "name": hand.name,
        "delivery_id": None, "channel": HAND, "state": state, "reason": hand.way, "accepted_at": hand.at,
        "updated_at": hand.written_at, "created_by": hand.by, "group": hand.group, "note": hand.note,
        "provider_id": f"by_hand/{hand.number}", "tried": [], "heard": [],
    }  # fmt: skip
    return {name: _plain(value) for name, value in row.items()}


def seals(connection: Connection) -> int:
    """Count the seals of the chain."""
    last = last_seal(connection)
    return 0 if last is None else int(last.id)  # they are numbered without a gap


def for_spreadsheet(found: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Return rows for a .csv that a spreadsheet will open: a text that it would run as a formula gets a quote before it.

    Source: OWASP, "CSV Injection".
    """
    return ({name: _harmless(row.get(name)) for name in COLUMNS} for row in found)


def _notice(notice: Notice) -> dict[str, Any]:
    named = {"delivery_id", "channel", "state", "reason", "provider_status", "error_code", "provider_id", "attempts", "doubtful",
             "accepted_at", "updated_at", "address", "ref", "language", "subject", "provider", "ground", "step", "people"}  # fmt: skip
    first = notice.tried[0] if notice.tried else None
    return {name: getattr(notice, name) for name in named} | {
        "text": notice.body, "text_sha256": first.sha256 if first else None, "text_holds": notice.holds,
        "first_tried_at": first.at if first else None,
        "tried": [_nested(asdict(one)) for one in notice.tried], "heard": [_nested(asdict(one)) for one in notice.heard],
    }  # fmt: skip


def _nested(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _nested(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_nested(one) for one in value]
    return _plain(value)


def _harmless(value: Any) -> Any:
    return f"'{value}" if isinstance(value, str) and value[:1] in FORMULA else value


def _plain(value: Any) -> Any:
    return iso(value) if isinstance(value, datetime) else value
