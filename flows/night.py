"""The night: read every source, act on what changed, send, prove, and put the brief on the desk.

One task per source, one each for deciding, sending, proving and the brief; never one per person. Prefect's state says what
became of the run; what was sent to whom is in our own ledger.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import structlog
from prefect import Task, flow, task
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State, TaskRun
from prefect.futures import PrefectFuture
from prefect.runtime import task_run
from prefect.states import Completed, Failed
from prefect.task_runners import ThreadPoolTaskRunner

from core.clock import parse_moment
from core.i18n import t
from flows.form import titled
from flows.office import open_here
from flows.pace import Pace
from flows.shown import Board
from notify import brief as brief_text
from notify import night as work
from notify import rundown
from notify.office import Office
from notify.summary import RunFacts
from sources.model import Authority, Card
from sources.read import SourceReport, SourceStatus

log = structlog.get_logger(__name__)
RETRIES = 2
SEND_WITHIN = timedelta(minutes=20)
# Threads, not processes: a source that waits for its next try holds one, and must not hold up the others.
RUNNER: Any = ThreadPoolTaskRunner(max_workers=8)


def is_unreachable(task: Task[Any, Any], run: TaskRun, state: State[Any]) -> bool:
    """Tell whether a failed reading may be tried again.

    Only a source that could not be reached: Prefect would also try again what ended as failed, and a page that cannot be
    understood now will not be understood in a minute.
    """
    return isinstance(state.data, ConnectionError)


@task(
    cache_policy=NO_CACHE,
    task_run_name="read {source}",
    retries=RETRIES,
    retry_delay_seconds=[20, 60],
    retry_jitter_factor=0.3,
    retry_condition_fn=is_unreachable,
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
    board_of(office, rundown.NIGHT).text("morning-brief", text, str(path))
    return path


@flow(name="night", task_runner=RUNNER, retries=0)
def night(
    sources: Annotated[list[str] | None, titled("信息源 Sources")] = None,
    authority: Annotated[list[Authority] | None, titled("发布方类别 Authorities")] = None,
    at: Annotated[str | None, titled("所处理的夜晚 Night being worked")] = None,
    captures: Annotated[str | None, titled("抓取目录 Directory of captures")] = None,
    dry_run: Annotated[bool, titled("只看不做 Dry run")] = False,
) -> State[dict[str, Any]]:
    """Work one night.

    Args:
        sources: 信息源编号，每行一个，留空为全部 Ids of the sources to read, one a line; empty: all that are switched on.
        authority: 只读这些类别 Only sources of these authorities (home, hazard, peer).
        at: 带时区的 ISO 8601 时间，留空为现在 ISO 8601 with a zone; empty: now.
        captures: 重放已有抓取，不向发布方请求 Replay what was captured there instead of asking the publishers.
        dry_run: 读取并比对，不保存也不发送 Read and decide, but keep and send nothing.
    """
    office = open_here()
    as_of = parse_moment(at) if at else datetime.now(UTC)
    where = Path(captures) if captures else None
    cards = work.choose_sources(office, sources or (), authority or ())
    kind = rundown.PART if sources or authority else rundown.NIGHT
    run_id = rundown.begin(office, as_of, kind) if not dry_run else 0
    board = board_of(office, kind)
    reports = _read(cards, board, partial(read_source.submit, office, as_of=as_of, captures=where, dry_run=dry_run))
    board.sources(reports)
    if dry_run:
        return _state(rundown.rehearse(office, as_of, reports))
    versions = rundown.on_their_way(office)
    versions += decide(office)
    send(office, as_of)
    summary = prove(office, run_id, RunFacts(as_of, reports, sorted(set(versions)), (), work.NightStatus.COMPLETED))
    if kind == rundown.NIGHT:
        tell(office, summary)
    board.link(
        f"{office.settings.public_base_url}/office/", t("To the console: what it found, what waits for an officer")
    )
    return _state(summary)


def board_of(office: Office, kind: str) -> Board:
    """Return what a run of a kind shows in Prefect's pages, in the language of the office."""
    return Board(kind, rundown.language(office))


def _read(cards: Sequence[Card], board: Board, submit: Callable[..., PrefectFuture[Any]]) -> list[SourceReport]:
    """Read every source, some at a time; return the reports in the order of the cards."""
    pace, reports = Pace(), list[SourceReport]()
    board.begin(t("Sources being read"))
    readings = []
    for card in cards:
        pace.take_turn()
        readings.append(submit(source=card.id))
    for card, one in zip(cards, readings, strict=True):
        reports.append(_report(card.id, one.result(raise_on_failure=False)))
        board.move(len(reports), len(cards))
    return reports


def _report(source: str, result: object) -> SourceReport:
    """Return the report of a reading task; a task that died (the database was gone) counts as a broken source."""
    if isinstance(result, SourceReport):
        if result.status is SourceStatus.BROKEN:
            log.warning("source broken", source=source, reason=str(result.reason))
        return result
    log.error("reading died", source=source, exc_info=result if isinstance(result, BaseException) else None)
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
