"""The night: read every source, act on what changed, send, prove, and put the brief on the desk.

One task per source, one each for deciding, sending, proving and the brief; never one per person. Prefect's state says what
became of the run; what was sent to whom is in our own ledger.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from prefect import flow, task
from prefect.artifacts import create_markdown_artifact
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State
from prefect.runtime import task_run
from prefect.states import Completed, Failed
from prefect.task_runners import ThreadPoolTaskRunner

from core.clock import parse_moment
from core.i18n import t
from core.settings import load
from notify import brief as brief_text
from notify import night as work
from notify import rundown
from notify.office import Office, open_office
from notify.summary import RunFacts
from sources.model import Authority
from sources.read import SourceReport, SourceStatus

RETRIES = 2
SEND_WITHIN = timedelta(minutes=20)


@task(
    cache_policy=NO_CACHE,
    task_run_name="read {source}",
    retries=RETRIES,
    retry_delay_seconds=[20, 60],
    retry_jitter_factor=0.3,
)
def read_source(
    office: Office, source: str, as_of: datetime, captures: Path | None, dry_run: bool
) -> SourceReport | State[Any]:
    """Read one source. A source that cannot be reached is tried again; one that is broken is named and ends as failed."""
    report = work.read_one(office, source, as_of, captures, dry_run=dry_run)
    if report.status is SourceStatus.READ:
        return report
    if report.transient and captures is None and task_run.run_count <= RETRIES:
        raise ConnectionError(str(report.reason))
    return Failed(message=str(report.reason), data=report)


@task(cache_policy=NO_CACHE)
def decide(office: Office) -> list[int]:
    """Act on every change that waits; return the alert versions that were opened."""
    return [one.version_id for one in work.act_on_changes(office) if one.version_id is not None]


@task(cache_policy=NO_CACHE)
def send(office: Office, as_of: datetime) -> None:
    """Send what is due and settle what is in doubt. Never retried by Prefect: the outbox knows what is left."""
    work.send_due(office, as_of, SEND_WITHIN)


@task(cache_policy=NO_CACHE)
def prove(office: Office, run_id: int, facts: RunFacts) -> dict[str, Any]:
    """Account for everything, seal the proof chain, and write down how the run ended."""
    return rundown.close(office, run_id, facts)


@task(cache_policy=NO_CACHE)
def tell(office: Office, summary: dict[str, Any]) -> Path:
    """Put the brief into a file and into Prefect's pages."""
    text = brief_text.brief(summary, office.settings.office_name, office.settings.zone, rundown.language(office))
    path = rundown.write_brief(office, summary, text)
    create_markdown_artifact(key="morning-brief", markdown=text, description=str(path))
    return path


RUNNER: Any = ThreadPoolTaskRunner(max_workers=4)


@flow(name="night", task_runner=RUNNER, retries=0)
def night(
    sources: list[str] | None = None,
    authority: list[Authority] | None = None,
    at: str | None = None,
    captures: str | None = None,
    dry_run: bool = False,
) -> State[dict[str, Any]]:
    """Work one night.

    Args:
        sources: ids of the sources to read; empty: all that are switched on.
        authority: only sources of these authorities (home, hazard, peer).
        at: the night being worked, ISO 8601 with a zone; empty: now.
        captures: directory of captures to replay instead of asking the publishers.
        dry_run: read and decide, but keep and send nothing.
    """
    office = open_office(load())
    as_of = parse_moment(at) if at else datetime.now(UTC)
    where = Path(captures) if captures else None
    cards = work.choose_sources(office, sources or (), authority or ())
    run_id = rundown.begin(office, as_of) if not dry_run else 0
    readings = [read_source.submit(office, card.id, as_of, where, dry_run) for card in cards]
    reports = [_report(card.id, one.result(raise_on_failure=False)) for card, one in zip(cards, readings, strict=True)]
    if dry_run:
        return _state(rundown.rehearse(office, as_of, reports))
    versions = rundown.on_their_way(office)
    versions += decide(office)
    send(office, as_of)
    summary = prove(office, run_id, RunFacts(as_of, reports, sorted(set(versions)), (), work.NightStatus.COMPLETED))
    tell(office, summary)
    return _state(summary)


def _report(source: str, result: object) -> SourceReport:
    """Return the report of a reading task; a task that died (the database was gone) counts as a broken source."""
    if isinstance(result, SourceReport):
        return result
    reason = t("{source}: the reading died: {fault}", source=source, fault=str(result))
    return SourceReport(source, SourceStatus.BROKEN, reason=reason)


def _state(summary: dict[str, Any]) -> State[dict[str, Any]]:
    """Turn the outcome into Prefect's state: never green unless everything was read and accounted for."""
    told = f"{len(summary['alerts'])} alerts, {len(summary['gaps'])} gaps"
    if summary["status"] == work.NightStatus.FAILED:
        return Failed(message=f"no source could be read; {told}", data=summary)
    if summary["status"] == work.NightStatus.PARTIAL:
        return Completed(name="Partial", message=told, data=summary)
    return Completed(message=told, data=summary)
