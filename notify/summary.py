"""What a run came to, as the JSON of the contract (DESIGN section 7): sources, changes, alerts, notices by state, gaps."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from core.clock import iso
from core.i18n import Language
from notify.night import NightStatus
from notify.proof import GapFound
from notify.store import alerts as alert_store
from notify.store import proof as store
from notify.tables import DeliveryState
from sources.read import SourceReport
from sources.wire import change_json

STATES = {state.value for state in DeliveryState}


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


def night_json(connection: Connection, facts: RunFacts, language: Language) -> dict[str, Any]:
    """Write a run as plain JSON values; sentences in `language`."""
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
        "changes": [change_json(change) for report in facts.reports for change in report.changes],
        "alerts": alerts,
        "notices": dict(sorted(notices.items())),
        "gaps": [gap_json(gap, language) for gap in facts.gaps],
    }


def gap_json(gap: GapFound, language: Language) -> dict[str, Any]:
    """Write a gap."""
    return {"kind": gap.kind, "subject": gap.subject, "text": gap.message.render(language)}


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
        "notes": [note.render(language) for note in report.notes],
    }


def alert_json(connection: Connection, version_id: int) -> dict[str, Any]:
    """Write one version of an alert with its counts."""
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
        "people": counted.pop("people"),
        "doubtful_people": counted.pop("doubtful_people"),
        "notices": counted,
    }
