"""Growth: how many bytes of the database each thing takes, by writing it and looking; and from that, a year of a city and of a province.

Measured is what the database holds beside what it held before, indexes with it; on PostgreSQL after a VACUUM, with the space that
updates leave. Nothing is bare here: the limit is the value itself.
"""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from pydantic import SecretStr
from sqlalchemy import Engine, insert, select

from cli.benches.dispatch import fill_register, release
from cli.benches.measure import Measure
from cli.benches.sink import sink
from core import audit
from core.database import empty_log, writing
from core.settings import load
from core.tables import table
from notify import engine, proof, receipts
from notify.office import Office, open_office
from notify.receipts import Word
from notify.safety.model import PERSON, Answer, Means, Said
from notify.safety.take import take_answer
from notify.store import alerts as store
from notify.store.deliveries import DELIVERIES
from notify.store.outbox import RECIPIENTS
from notify.store.proof import begin_run, end_run
from notify.tables import Gap
from registry.history import between
from registry.scope.bulk import every_stay
from registry.store import make_changes
from sources.catalog import publishers
from sources.model import Capture
from sources.store import save_capture

AT_ONCE = 500
LINES, MONTHS = 4, 13
"""Lines in the history of somebody whom a roster brings (themselves, stay, address, ground); confirmations that are kept."""
STATUSES = ("sent", "delivered")
Step = Callable[[Office], int]


@dataclass(frozen=True)
class Year:
    """What happens in a year of an office.

    Attributes:
        joining: people newly registered. `told`: people told by one alert. `channels`: notices for each of them.
        receipts: of each notice. `answers`: of each person told. `looks`: lines of the audit a day. `runs`: a day.
        captures: a day.
    """

    name: str
    people: int
    joining: int
    alerts: int
    told: int
    channels: float = 1.3
    receipts: float = 2.0
    answers: float = 0.3
    looks: int = 1000
    runs: int = 49
    captures: int = 900


CITY = Year("city", people=20_000, joining=10_000, alerts=60, told=1_000)
PROVINCE = Year("province", people=500_000, joining=250_000, alerts=60, told=25_000, looks=20_000)
MINISTRY = Year("ministry", people=10_000_000, joining=5_000_000, alerts=120, told=250_000, looks=200_000)
YEARS = (CITY, PROVINCE, MINISTRY)


def run(people: int, database: str) -> list[Measure]:
    """Measure on SQLite, and on the empty PostgreSQL at `database` too, if one is given."""
    found = _measured("", people)
    return [*found, *_measured(database, people)] if database else found


def _measured(database: str, people: int) -> list[Measure]:
    with tempfile.TemporaryDirectory() as home, sink(0) as url:
        settings = load(
            home=Path(home), database_url=database, channels=("sms",), twilio_base_url=url, poll_after=86_400,
            twilio_auth_token=SecretStr("bench"),
        )  # fmt: skip
        office = open_office(settings)
        name = office.engine.dialect.name
        sizes = dict(_weighed(office, people))
        office.engine.dispose()
    note = f"{name}, {people} people; measured"
    found = [_of(f"growth-{name}-{what}", value, "bytes", note) for what, value in sizes.items()]
    for year in YEARS:
        first, more = at_first(year, sizes) / 1e6, a_year(year, sizes) / 1e6
        found.append(_of(f"growth-{name}-{year.name}-first", first, "MB", f"{year.people} people; computed"))
        found.append(
            _of(f"growth-{name}-{year.name}-year", more, "MB a year", f"{year.alerts} alerts to {year.told}; computed")
        )
    return found


def at_first(year: Year, sizes: dict[str, float]) -> float:
    """Return the bytes of the register as rosters make it, with a year of monthly confirmations, which is what is kept. Pure."""
    return year.people * (sizes["person"] + (LINES + MONTHS) * sizes["confirmation"])


def a_year(year: Year, sizes: dict[str, float]) -> float:
    """Return the bytes that a year adds, nothing erased. Pure."""
    notices = year.alerts * year.told * year.channels
    people = year.joining * (sizes["person"] + (LINES + MONTHS) * sizes["confirmation"])
    notice = sizes["notice"] + sizes["sending"] + year.receipts * sizes["receipt"]
    answers = year.alerts * year.told * year.answers * sizes["answer"]
    daily = year.looks * sizes["audit-line"] + year.runs * sizes["run"] + year.captures * sizes["capture"]
    return people + notices * notice + answers + 365 * daily


def _of(name: str, value: float, unit: str, note: str) -> Measure:
    return Measure(name, value, unit, value, 1.0, note)


def _weighed(office: Office, people: int) -> Iterator[tuple[str, float]]:
    """Do one thing after the other; give the bytes that each took for one of its kind."""
    steps: tuple[tuple[str, Step], ...] = (
        ("person", lambda here: _enrolled(here, people)), ("first-confirmation", _confirmed),
        ("confirmation", _confirmed),
        ("notice", _planned), ("sending", _sent), ("receipt", _heard),
        ("answer", _answered), ("audit-line", _looked), ("run", _ran), ("capture", _captured), ("sealed-row", _sealed),
    )  # fmt: skip
    before = held(office.engine)
    for name, step in steps:
        count = step(office)
        after = held(office.engine)
        yield name, (after - before) / count
        before = after


def held(engine: Engine) -> int:
    """Return the bytes of the database that hold something."""
    empty_log(engine)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        if engine.dialect.name == "postgresql":
            connection.exec_driver_sql("VACUUM ANALYZE")
            return int(connection.exec_driver_sql("SELECT pg_database_size(current_database())").scalar_one())
        pages, free, size = (
            int(connection.exec_driver_sql(f"PRAGMA {one}").scalar_one())
            for one in ("page_count", "freelist_count", "page_size")
        )
        return (pages - free) * size


def _enrolled(office: Office, people: int) -> int:
    fill_register(office, people)
    return people


def _confirmed(office: Office) -> int:
    """Let every stay be confirmed once, as a company does every month; each leaves a line in the history."""
    now = office.clock.now()
    with writing(office.engine) as connection:
        later = {"confirmed_at": now + timedelta(days=30)}
        changes = [
            between(one, "posting", stay, {"confirmed_at": at}, later) for one, stay, at in every_stay(connection)
        ]
        make_changes(connection, changes, by="bench", at=now)
    return len(changes)


def _planned(office: Office) -> int:
    release(office, "sms")
    return len(_notices(office))


def _sent(office: Office) -> int:
    return asyncio.run(engine.run(office.tools(), moment=datetime.now(UTC), within=timedelta(0))).accepted


def _heard(office: Office) -> int:
    """Let the provider speak twice of every notice, with the fields that Twilio sends."""
    todo = [(number, status) for number in _notices(office) for status in STATUSES]
    for start in range(0, len(todo), AT_ONCE):
        with writing(office.engine) as connection:
            for number, status in todo[start : start + AT_ONCE]:
                sid = f"SM{number:032d}"
                payload = {
                    "AccountSid": "AC" + "0" * 32, "ApiVersion": "2010-04-01", "From": "+12025550100", "MessageSid": sid,
                    "MessageStatus": status, "MessagingServiceSid": "MG" + "0" * 32, "SmsSid": sid, "SmsStatus": status,
                    "To": f"+99290{number:07d}",
                }  # fmt: skip
                word = Word(number, "twilio_sms", sid, status, "", payload, "callback")
                assert receipts.accept(connection, word, office.keys, office.clock.now())
    return len(todo)


def _answered(office: Office) -> int:
    """Let one in three say that they are safe."""
    now = office.clock.now()
    with writing(office.engine) as connection:
        people = list(connection.execute(select(RECIPIENTS.c.registrant_id)).scalars())[::3]
        alert_id = store.version(connection, 1).alert_id
        for one in people:
            said = Said(Answer.SAFE, Means.SMS, PERSON, "平安", now, ref=f"SM{one:032d}")
            take_answer(connection, alert_id, [one], said, office.keys)
    return len(people)


def _looked(office: Office) -> int:
    count = 20_000
    with writing(office.engine) as connection:
        for one in range(count):
            audit.record(
                connection, actor="officer", action="people.view", subject=f"registrant/{one}", now=office.clock.now()
            )
    return count


def _ran(office: Office) -> int:
    """Write runs with a line for every source, and a gap in one of ten."""
    count, now = 500, office.clock.now()
    line = {"status": "read", "entries": 200, "changes": 0, "reason": None, "age": 1800}
    with writing(office.engine) as connection:
        for one in range(count):
            number = begin_run(connection, kind="home", as_of=now + timedelta(minutes=one), now=now, actor="system")
            summary = {
                "as_of": now.isoformat(),
                "status": "Completed",
                "sources": [{"id": name, **line} for name in publishers()],
            }
            end_run(connection, number, status="Completed", summary=summary, now=now)
            gap = {
                "run_id": number,
                "kind": "source",
                "subject": "cn-mfa",
                "message": {"text": "{source}: timeout"},
                "created_at": now,
            }
            if one % 10 == 0:
                connection.execute(insert(table(Gap)).values(gap))
    return count


def _captured(office: Office) -> int:
    count, now = 20_000, office.clock.now()
    with writing(office.engine) as connection:
        for one in range(count):
            url = f"https://www.example.org/travel/advice/country/{one % 200}.html"
            capture = Capture(
                "cn-mfa", url, now, b"", "text/html; charset=utf-8", '"5f0-62a1b"', "Sun, 22 Nov 2026 00:00:00 GMT"
            )
            save_capture(connection, capture, now)
    return count


def _sealed(office: Office) -> int:
    with writing(office.engine) as connection:
        return proof.seal(connection, office.clock.now())


def _notices(office: Office) -> list[int]:
    with office.engine.connect() as connection:
        return list(connection.execute(select(DELIVERIES.c.id).order_by(DELIVERIES.c.id)).scalars())
