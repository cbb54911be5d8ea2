"""Two dispatchers on one PostgreSQL, against one, at a provider that takes its time: each row is taken by one of them."""

from __future__ import annotations

import asyncio
import multiprocessing
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

from pydantic import SecretStr
from sqlalchemy import func, select
from sqlalchemy.engine import make_url

from cli.benches.dispatch import fill_register, release
from cli.benches.measure import Measure
from cli.benches.sink import sink
from core.database import reading
from core.errors import WrongUse
from core.i18n import t
from core.settings import Settings, load
from core.tables import table
from notify import engine
from notify.office import Office, open_office
from notify.tables import Attempt, AttemptOutcome, Delivery


def run(notices: int, latency: float, database: str) -> list[Measure]:
    """Send `notices` with one process, and as many more with two, over the empty PostgreSQL at `database`.

    Raises:
        WrongUse: it is no PostgreSQL: SQLite has one writer.
    """
    if make_url(database).get_backend_name() != "postgresql":
        raise WrongUse(t("Two dispatchers are for PostgreSQL: give its address with --database."))
    with tempfile.TemporaryDirectory() as home, sink(latency) as url:
        settings = _settings(home, url, database)
        office = open_office(settings)
        fill_register(office, notices)
        one = _timed(office, home, url, database, 1)
        two = _timed(office, home, url, database, 2)
        office.engine.dispose()
    at_once = settings.dispatch_concurrency
    note = f"{notices} notices each, {at_once} calls at once a process, {latency * 1000:.0f} ms latency; every row taken once"
    return [Measure("dispatch-two", two, "notices/s", one, two / one, note)]


def _settings(home: str, url: str, database: str) -> Settings:
    return load(
        home=Path(home), database_url=database, twilio_base_url=url, twilio_auth_token=SecretStr("bench"), channels=("sms",),
        poll_after=86_400,
    )  # fmt: skip


def _timed(office: Office, home: str, url: str, database: str, processes: int) -> float:
    """Release an alert and send it with so many processes; return notices per second, by the ledger's own times."""
    version_id = release(office, "sms")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["cli.benches.pair"])
    workers = [context.Process(target=work, args=(home, url, database)) for _ in range(processes)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    attempts, outcomes, rows = table(Attempt).c, table(AttemptOutcome).c, table(Delivery).c
    mine = select(rows.id).where(rows.version_id == version_id)
    with reading(office.engine) as connection:
        calls, taken, begun = connection.execute(
            select(func.count(), func.count(attempts.delivery_id.distinct()), func.min(attempts.started_at)).where(
                attempts.delivery_id.in_(mine)
            )
        ).one()
        ended = connection.execute(
            select(func.max(outcomes.ended_at)).where(outcomes.delivery_id.in_(mine))
        ).scalar_one()
        left = connection.execute(select(func.count()).where(rows.id.in_(mine), rows.state != "accepted")).scalar_one()
    assert (calls, left) == (taken, 0), "a row was taken twice, or left behind"
    return float(taken / (ended - begun).total_seconds())


def work(home: str, url: str, database: str) -> None:
    """Drain the outbox in a process of its own."""
    office = open_office(_settings(home, url, database))
    asyncio.run(engine.run(office.tools(), moment=datetime.now(UTC), within=timedelta(0)))
