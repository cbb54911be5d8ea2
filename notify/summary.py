"""What a run came to, as the JSON of the contract (DESIGN section 7): sources, changes, alerts, notices by state, gaps."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from core.clock import iso
from core.i18n import Language, Message
from notify.account import account_json, accounts, in_words
from notify.joining import reason
from notify.model import BASELINE
from notify.night import NightStatus
from notify.proof import GapFound
from notify.rules.silences import words
from notify.rules.tables import Silence
from notify.store import alerts as alert_store
from notify.store import proof as store
from notify.store.holds import held_by
from notify.store.joins import Joined
from notify.tables import DeliveryState
from sources.difference import Texts, differences
from sources.model import AdvisoryChange, ChangeKind
from sources.read import SourceReport
from sources.store import StoredChange
from sources.wire import change_json

STATES = {state.value for state in DeliveryState}
SENTENCES, LINE = 3, 160
"""How much of a difference a brief shows: sentences of one text, and characters of one sentence."""


@dataclass(frozen=True)
class RunFacts:
    """What a run is told about when it ends.

    Attributes:
        version_ids: the versions this run opened or had a hand in.
    """

    as_of: datetime
    reports: Sequence[SourceReport]
    version_ids: Sequence[int]
    gaps: Sequence[GapFound]
    status: NightStatus
    dry_run: bool = False


def night_json(
    connection: Connection,
    facts: RunFacts,
    language: Language,
    joined: Sequence[Joined] = (),
    silenced: Sequence[tuple[StoredChange, Silence]] = (),
) -> dict[str, Any]:
    """Write a run as plain JSON values; sentences in `language`. `joined` and `silenced` opened no alert, and say why not."""
    notices: Counter[str] = Counter()
    alerts = []
    for version_id in facts.version_ids:
        alerts.append(alert_json(connection, version_id))
        notices.update({k: v for k, v in store.counts(connection, version_id).items() if k in STATES})
    return {
        "as_of": iso(facts.as_of),
        "status": facts.status.value,
        "dry_run": facts.dry_run,
        "sources": [source_json(report, language) for report in facts.reports],
        "changes": [told_change(change, language) for report in facts.reports for change in report.changes],
        "alerts": alerts,
        "joined": [joined_json(one, language) for one in joined],
        "silenced": [silenced_json(change, silence, language) for change, silence in silenced],
        "proof": proof_json(connection, facts.version_ids, language),
        "notices": dict(sorted(notices.items())),
        "gaps": [gap_json(gap, language) for gap in facts.gaps],
    }


def told_change(change: AdvisoryChange, language: Language) -> dict[str, Any]:
    """Write a change with its reason in words and what differs: of a long text the first sentences, each cut to a line.

    The whole is kept with the change: `lingbao sources change`.
    """
    found = [
        {"what": one.what.render(language), "before": _some(one.before, language), "after": _some(one.after, language)}
        for one in differences(change.before, change.after)
    ]
    told = change.kind in {ChangeKind.RAISED, ChangeKind.LOWERED, ChangeKind.REWORDED}
    return change_json(change) | {
        "title": change.advisory.title,
        "why": change.reason.render(language),
        "difference": found if told else [],
    }


def _some(texts: Texts, language: Language) -> list[str]:
    sentences = [one.render(language) if isinstance(one, Message) else one for one in texts]
    shown = [one if len(one) <= LINE else one[: LINE - 1] + "…" for one in sentences[:SENTENCES]]
    return [*shown, *(["…"] if len(sentences) > SENTENCES else [])]


def proof_json(connection: Connection, version_ids: Sequence[int], language: Language) -> list[dict[str, Any]]:
    """Write the accounts of the released ones among these versions: expected = planned = at an end or listed, also in words."""
    released = [one for one in version_ids if alert_store.version(connection, one).released_at is not None]
    found = accounts(connection, released)
    return [account_json(one) | {"text": in_words(one).render(language)} for one in found]


def gap_json(gap: GapFound, language: Language) -> dict[str, Any]:
    """Write a gap."""
    return {"kind": gap.kind, "subject": gap.subject, "text": gap.message.render(language)}


def joined_json(joined: Joined, language: Language) -> dict[str, Any]:
    """Write a change that joined an alert: `alert` is its number, `text` says why it opened none of its own."""
    advisory = joined.advisory
    return {
        "change": joined.change_id,
        "alert": joined.alert_id,
        "source": advisory.source,
        "native_id": advisory.native_id,
        "countries": list(advisory.countries),
        "title": advisory.title,
        "text": reason(joined).render(language),
    }


def silenced_json(stored: StoredChange, silence: Silence, language: Language) -> dict[str, Any]:
    """Write a change that a silence kept quiet: `text` says by which, whose wish that is, and why."""
    advisory = stored.change.advisory
    return {
        "change": stored.id,
        "silence": silence.id,
        "owner": silence.owner,
        "reason": silence.reason,
        "source": advisory.source,
        "level": advisory.level,
        "countries": list(advisory.countries),
        "title": advisory.title,
        "text": words(silence).render(language),
    }


def source_json(report: SourceReport, language: Language) -> dict[str, Any]:
    """Write how the reading of one source ended; `age` in seconds since its last good read, null if there never was one."""
    return {
        "id": report.source,
        "status": report.status.value,
        "entries": report.entries,
        "changes": len(report.changes),
        "reason": None if report.reason is None else report.reason.render(language),
        "age": None if report.age is None else int(report.age.total_seconds()),
        "first_time": report.first_time,
        "standing": report.standing,
        "quarantined": [{"entry": q.entry, "reason": q.reason.render(language)} for q in report.quarantined],
        "notes": [note.render(language) for note in (*report.unread, *report.notes)],
    }


def alert_json(connection: Connection, version_id: int) -> dict[str, Any]:
    """Write one version of an alert with its counts; `held` counts, by reason, notices that wait for a budget or a country."""
    version = alert_store.version(connection, version_id)
    counted = store.counts(connection, version_id)
    return {
        "id": version.alert_id,
        "version": version.no,
        "kind": version.kind,
        "level": version.level,
        "level_words": version.level_words,
        "countries": [place.country for place in alert_store.places(connection, version_id)],
        "status": version.status,
        "title_zh": version.title_zh,
        "title_en": version.title_en,
        "url": version.url,
        "rule": version.rule,
        "for_newcomers": version.rule == BASELINE,
        "people": counted.pop("people"),
        "doubtful_people": counted.pop("doubtful_people"),
        "notices": counted,
        "held": held_by(connection, version_id),
        "paused": version.paused_at is not None,
        "drill": alert_store.is_drill(connection, version.alert_id),
    }
