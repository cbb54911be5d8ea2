"""A replay as JSON: the same replay is the same bytes. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from core.clock import iso
from core.i18n import Language
from notify.model import AlertDraft
from notify.replay.model import Item, Replayed, Told
from sources.wire import change_json


def replay_json(
    found: Replayed, language: Language, companies: Mapping[int, str], *, people: bool = False
) -> dict[str, Any]:
    """Write a replay as plain JSON values.

    Args:
        companies: the code of each employer by its id.
        people: with the number of everybody who would be told.
    """
    shown = found.shown
    return {
        "from": iso(found.since),
        "to": iso(found.until),
        "policy": found.policy,
        "nights": found.nights,
        "changes": len(found.items),
        "held": found.held,
        "actions": found.actions,
        "told": _told_json(Told(found.people), companies, people=people),
        "differences": dict(sorted(Counter(one.difference.value for one in found.items).items())),
        "items": [_item_json(one, companies, people=people) for one in shown],
        "remarks": [one.render(language) for one in found.remarks],
    }


def _told_json(told: Told, companies: Mapping[int, str], *, people: bool) -> dict[str, Any]:
    counts = {companies.get(number, ""): count for number, count in told.employers.items()}
    found: dict[str, Any] = {
        "people": len(told.people),
        "countries": told.countries,
        "companies": dict(sorted(counts.items())),
    }
    return found | ({"ids": sorted(told.people)} if people else {})


def _item_json(one: Item, companies: Mapping[int, str], *, people: bool) -> dict[str, Any]:
    would = set(one.told.people)
    was = one.was
    return {
        "as_of": iso(one.as_of),
        "change": change_json(one.change),
        "title": one.change.advisory.title,
        "action": one.action,
        "rule": one.rule,
        "outcome": one.outcome,
        "alert": one.alert_id,
        "version": one.version,
        "goes_out": one.goes_out,
        "draft": None if one.draft is None else draft_json(one.draft),
        "texts": one.texts,
        "told": _told_json(one.told, companies, people=people) | {"unreachable": len(one.told.unreachable)},
        "difference": one.difference.value,
        "was": None if was is None else {
            "change": was.change_id, "outcome": was.outcome, "alert": was.alert_id, "released": was.released,
            "by_rule": was.by_rule, "people": len(was.people), "told": was.told, "more": len(would - was.people),
            "fewer": len(was.people - would),
        },
    }  # fmt: skip


def draft_json(draft: AlertDraft) -> dict[str, Any]:
    """Write every field of a draft as plain JSON values.

    Numbers of rows are left out: they are those of the database the draft was made in.
    """
    body = asdict(draft) | {"as_of": iso(draft.as_of), "issued_at": iso(draft.issued_at), "kind": draft.kind.value}
    for name in ("change_id", "advisory_id", "follows"):
        del body[name]
    return body
