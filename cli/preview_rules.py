"""What a preview says of nights and rules: who is told now, who in the morning of where, and whom the rules leave out."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from cli.show import language, say, table
from core.clock import iso
from core.i18n import Message, t
from core.places.names import display
from notify.leaves_out import Share
from notify.preview import Preview


def tell_rules(zone: str, seen: Preview) -> None:
    """Print it; times are those of the place, and of the office (`zone`) beside them."""
    if seen.mornings:
        table(
            [t("Country"), t("Notices"), t("Leaves there at"), t("Leaves, time of the office")],
            [(display(one.country, language()), one.notices, _local(one.at, one.zone), _local(one.at, zone))
             for one in seen.mornings],
        )  # fmt: skip
    out = seen.leaves_out
    for share in out.really:
        say(t("Left out by a rule: {what}.", what=share.words))
    for share in out.by_rule:
        say(
            t(
                "By rule this would be left out: {what}. What an officer releases is told all the same.",
                what=share.words,
            )
        )
    for alert, notices in out.of_others:
        say(
            t(
                "Of alert {alert}, {notices} notices that still wait are left out: this one tells more.",
                alert=alert,
                notices=notices,
            )
        )
    for silence in out.silences:
        say(
            t(
                "In force: {silence}. It holds back what goes out by rule, not what an officer releases.",
                silence=silence,
            )
        )
    if not (out.really or out.by_rule or out.of_others or out.silences):
        say(t("No rule leaves anybody out: no muting, no repeat, no cap, no silence."))


def rules_json(seen: Preview) -> dict[str, Any]:
    """Write it as plain JSON values."""
    out = seen.leaves_out
    return {
        "leaving": seen.leaving,
        "mornings": [
            {"country": one.country, "zone": one.zone, "at": iso(one.at), "notices": one.notices} for one in seen.mornings
        ],
        "left_out": _shares(out.really), "left_out_by_rule": _shares(out.by_rule),
        "left_out_of_others": [{"alert": alert, "notices": notices} for alert, notices in out.of_others],
        "silences": [_text(one) for one in out.silences],
    }  # fmt: skip


def _shares(shares: Sequence[Share]) -> list[dict[str, Any]]:
    return [
        {"reason": one.reason, "alert": one.alert_id or None, "notices": one.notices, "text": _text(one.words)}
        for one in shares
    ]


def _text(said: Message) -> str:
    return said.render(language())


def _local(moment: datetime, zone: str) -> str:
    try:
        return f"{moment.astimezone(ZoneInfo(zone)):%m-%d %H:%M}"
    except (ZoneInfoNotFoundError, ValueError):
        return f"{moment:%m-%d %H:%M}Z"
