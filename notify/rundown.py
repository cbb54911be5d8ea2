"""The frame of a run: it begins with a row, and ends with gaps, a seal, a summary and a brief on file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import structlog
from sqlalchemy import Connection

from core.database import reading, writing
from core.errors import NotFound
from core.i18n import Language, choose_language, t
from notify import proof
from notify.brief_now import beside
from notify.canary.watch import silent
from notify.decide import decide
from notify.holding import budget_gaps
from notify.night import NightStatus, status_of
from notify.office import Office
from notify.policy import Action
from notify.proof import GapFound
from notify.rules.silences import silencing
from notify.store import alerts as alert_store
from notify.store import joins, silences
from notify.store import proof as store
from notify.summary import RunFacts, alert_json, gap_json, night_json, proof_json
from notify.tables import AlertStatus, Run
from registry.actors import SYSTEM
from sources import store as source_store
from sources.read import SourceReport

# What waits for an officer, or for 07:00, is told in the brief but does not make a night partial: everything is in its place.
EXPECTED = frozenset({"alert-waiting", "delivery-planned", "budget-near"})
NIGHT, PART = "night", "part"
"""Kinds of a run: over all sources that are switched on, or over some of them between two nights."""
LONGEST_DAY = timedelta(days=1)
"""How far back the first brief looks."""
OVERDUE = timedelta(hours=26)
"""A brief of a night that ended longer ago than this says so: there is no news because nobody read."""


def language(office: Office) -> Language:
    """Return the language this office reads."""
    return choose_language(office.settings.lang)


def begin(office: Office, as_of: datetime, kind: str = NIGHT, by: str = SYSTEM.name) -> int:
    """Write down that a run began; return its number. A run without an end is one that died."""
    with writing(office.engine) as connection:
        number = store.begin_run(connection, kind=kind, as_of=as_of, now=office.clock.now(), actor=by)
    structlog.contextvars.bind_contextvars(run=number)  # stands in every log line until the next run begins
    return number


def on_their_way(office: Office) -> list[int]:
    """Return the versions that are being sent when a run begins: it carries them on."""
    with reading(office.engine) as connection:
        return [int(one.id or 0) for one in alert_store.versions(connection, status=[AlertStatus.SENDING])]


def close(office: Office, run_id: int, facts: RunFacts) -> dict[str, Any]:
    """Account for a run: find its gaps, seal the chain, write the summary. Returns the summary."""
    now = office.clock.now()
    with writing(office.engine) as connection:
        found = [*proof.source_gaps(facts.reports), *_gaps_of(connection, facts), *proof.clock_gaps(connection, now)]
        found += budget_gaps(connection, office.settings, now)
        found += silent(connection, office.settings, now)
        unexpected = sum(gap.kind not in EXPECTED for gap in found)
        done = replace(facts, gaps=tuple(found), status=status_of(facts.reports, unexpected))
        silenced = silences.silenced(connection, run_id)
        summary = night_json(connection, done, language(office), joins.joined(connection, run_id), silenced)
        store.save_gaps(connection, run_id, found, now)
        store.end_run(connection, run_id, status=done.status, summary=summary, now=now)
        proof.seal(connection, now)
    return summary


def _gaps_of(connection: Any, facts: RunFacts) -> list[GapFound]:
    alerts = sorted({alert_store.version(connection, one).alert_id for one in facts.version_ids})
    found = [gap for alert in alerts for gap in proof.gaps(connection, alert_id=alert)]
    return found + proof.waiting(connection)


def last_night(office: Office, reader: Language | None = None) -> dict[str, Any]:
    """Return the summary of the last night, with its alerts and gaps as they stand now.

    What the runs over some of the sources brought since the night before belongs to it: nobody reads a brief of theirs.

    Args:
        reader: the language of what stands now; None: that of the office, in which the run itself was written down.

    Raises:
        NotFound: no night was ever worked to its end.
    """
    words = reader or language(office)
    with reading(office.engine) as connection:
        run = store.last_run(connection, NIGHT)
        if run is None or run.summary is None:
            raise NotFound(t("No night has been worked to its end yet."))
        before = store.last_run(connection, NIGHT, before=run.as_of)
        day = store.runs_between(
            connection, run.as_of - LONGEST_DAY if before is None else before.as_of, max(office.clock.now(), run.as_of)
        )
        stands = _as_it_stands(connection, dict(run.summary), day or [run], words)
        channels = silent(connection, office.settings, office.clock.now())
        stands["gaps"] += [gap_json(gap, words) for gap in channels]
        # By when it ended: a night of the past that was replayed just now is no old news.
        age = office.clock.now() - (run.ended_at or run.as_of)
        stands["hours_ago"] = int(age.total_seconds()) // 3600 if age > OVERDUE else None
        return stands | beside(connection, office, stands["changes"], words)


def _as_it_stands(
    connection: Connection, summary: dict[str, Any], day: Sequence[Run], words: Language
) -> dict[str, Any]:
    nights = sorted({run.as_of for run in day}, reverse=True)  # newest first
    versions = [int(one.id or 0) for moment in nights for one in alert_store.versions(connection, as_of=moment)]
    summary["changes"] = [change for run in day for change in (run.summary or {}).get("changes", [])]
    # Two runs at once both saw what was decided meanwhile: each change is told once.
    joined = {one["change"]: one for run in day for one in (run.summary or {}).get("joined", [])}
    summary["joined"] = list(joined.values())
    silenced = {one["change"]: one for run in day for one in (run.summary or {}).get("silenced", [])}
    summary["silenced"] = list(silenced.values())
    carried = {one["id"] for run in day for one in (run.summary or {}).get("alerts", [])}
    summary["alerts"] = [alert_json(connection, one) for one in versions]
    summary["proof"] = proof_json(connection, versions, words)
    alerts = sorted(carried | {one["id"] for one in summary["alerts"]})
    found = [gap for alert in alerts for gap in proof.gaps(connection, alert_id=alert)] + proof.waiting(connection)
    of_sources = [gap for gap in summary["gaps"] if gap["subject"].startswith("source/")]
    summary["gaps"] = of_sources + [gap_json(gap, words) for gap in found]
    return summary


def rehearse(office: Office, as_of: datetime, reports: Sequence[SourceReport]) -> dict[str, Any]:
    """Return what a run would do, from readings that were not kept."""
    would = []
    cards = [office.sources[report.source].CARD for report in reports]
    with reading(office.engine) as connection:
        proven = {card.id: source_store.is_proven(connection, card) for card in cards}
        known = silences.every(connection)
    for report, card in zip(reports, cards, strict=True):
        for change in report.changes:
            decision = decide(change, card.authority, office.policy, as_of=as_of, proven=proven[card.id])
            if decision.action is not Action.BRIEF:
                quiet = silencing(known, change, decision, card.authority, as_of)
                would.append({"action": decision.action.value, "rule": decision.route.name, "source": change.source,
                              "countries": list(decision.countries), "title": change.advisory.title,
                              "silence": None if quiet is None else quiet.id})  # fmt: skip
    gaps = proof.source_gaps(reports)
    facts = RunFacts(as_of, reports, (), gaps, status_of(reports, len(gaps)), dry_run=True)
    with reading(office.engine) as connection:
        return night_json(connection, facts, language(office)) | {"would": would}


def has_findings(summary: Mapping[str, Any]) -> bool:
    """Tell from the summary of a run whether something is not as it should be. That a draft waits for an officer is not: it should."""
    return summary["status"] != NightStatus.COMPLETED or any(gap["kind"] not in EXPECTED for gap in summary["gaps"])


def write_brief(office: Office, summary: dict[str, Any], text: str) -> Path:
    """Write the brief to `briefs/<moment>.md` of the home directory; return where."""
    path = office.settings.home / "briefs" / f"{summary['as_of'].replace(':', '')}.md"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path
