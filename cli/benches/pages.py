"""The console at a million people: pages of the list, filters, an exact name and number; and every page of the office at its first paint.

Measured are the real routes through the real application, signed in, without a network between. Bare is no other program here but
the time a reader does not notice: 300 ms for a list, 500 ms for a first paint.
"""

from __future__ import annotations

import asyncio
import re
import statistics
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from typing import Any

import httpx
from starlette.types import ASGIApp

from cli.benches.measure import Measure
from console.app import build
from console.pages.office.visit import COOKIE
from core.database import writing
from core.settings import load
from notify import alerts
from notify.manual import ManualAlert, draft_manual
from notify.office import Office, open_office
from registry.accounts.office import begin
from registry.actors import SYSTEM
from registry.enrol import index_key
from registry.scope.bulk import fill, fill_numbers
from registry.scope.bulk_open import BIG, name_of, open_up, phone_of, settle
from registry.tables import Role
from registry.users import add_user

COUNTRY, COMPANIES, ROUNDS = "TJ", 2000, 5
NOTICED, PAINTED = 300.0, 500.0
"""Milliseconds in which a list answers, and in which a page first shows something."""
HEAVIEST = 150_000
HOST = "http://127.0.0.1"
TOKEN = re.compile(r'name="form_token" value="([0-9a-f]+)"')
LINK = re.compile(r'(?:href|src)="([^"#]+)')
NUMBER, ONE_OF_MANY = re.compile(r"\d+"), re.compile(r"(/countries|/sources)/[\w-]+$")
"""One page stands for all pages that differ by a number, or by the country or source they are of."""
MOST_PAGES = 80


def lists(people: int, database: str) -> list[Measure]:
    """Measure the list of people on SQLite, and on the empty PostgreSQL at `database` too, if one is given."""
    found = _lists("", people)
    return [*found, *_lists(database, people)] if database else found


def paints(people: int) -> list[Measure]:
    """Measure every page of the office that a link leads to, with one alert to a quarter of the people."""
    with _desk("", people) as reader:
        _alert(reader.office)
        return [_painted(reader, path, people) for path in _linked(reader)]


@dataclass
class Reader:
    """An administrator at a browser without a network. `cookies`: the session, and the one for forms."""

    office: Office
    app: ASGIApp
    cookies: httpx.Cookies
    token: str = ""

    def ask(self, method: str, path: str, **fields: str) -> tuple[httpx.Response, float]:
        """Make a request; return the answer, and the milliseconds it took."""

        async def once() -> tuple[httpx.Response, float]:
            """Make it in a loop of its own."""
            transport = httpx.ASGITransport(self.app)
            async with httpx.AsyncClient(transport=transport, base_url=HOST, cookies=self.cookies) as client:
                data = {"form_token": self.token, **fields} if method == "POST" else None
                begun = time.perf_counter()
                answer = await client.request(method, path, data=data)
                took = (time.perf_counter() - begun) * 1000
                self.cookies = client.cookies
                return answer, took

        answer, took = asyncio.run(once())
        token = TOKEN.search(answer.text) if answer.headers.get("content-type", "").startswith("text/html") else None
        self.token = token.group(1) if token else self.token
        return answer, took

    def median(self, method: str, path: str, **fields: str) -> tuple[httpx.Response, float]:
        """Return the answer, and the median of the milliseconds of five requests after the first."""
        answer, _ = self.ask(method, path, **fields)
        return answer, statistics.median(self.ask(method, path, **fields)[1] for _ in range(ROUNDS))


def _lists(database: str, people: int) -> list[Measure]:
    with _desk(database, people) as reader:
        name = reader.office.engine.dialect.name
        reader.ask("GET", "/office/people")
        return [_listed(reader, name, people, *one) for one in _asked(people)]


def _asked(people: int) -> Iterator[tuple[str, str, dict[str, str]]]:
    """Give what is measured: its name, the address, and the form that is sent there, if it is one."""
    shown, deep, some = "/office/people?show=", people * 9 // 10, people // 2 + 1
    small, big = "company=BENCH-00077", f"company=BENCH-{BIG:05}"
    yield "first-page", "/office/people", {}
    yield "deep-page", f"{shown}away&after={deep}", {}
    yield "country", f"{shown}away&country={COUNTRY}", {}
    yield "country-deep", f"{shown}away&country={COUNTRY}&after={people // 5}", {}
    yield "company", f"/office/people?{small}", {}
    yield "big-company", f"/office/people?{big}", {}
    yield "big-company-and-country", f"/office/people?{big}&country={COUNTRY}", {}
    yield "residents", "/office/people?alone=1", {}
    for state in ("abroad", "planned", "doubtful", "returned", "stale", "all"):
        yield state, f"{shown}{state}", {}
    yield "stale-in-country", f"{shown}stale&country={COUNTRY}", {}
    yield "stale-of-big-company", f"{shown}stale&{big}", {}
    yield "exact-name", "/office/people/find", {"q": name_of(some)}
    yield "exact-number", "/office/people/find", {"q": phone_of(some)}
    yield "exact-company", "/office/people/find", {"q": "BENCH-00077"}
    yield "person", f"/office/people/{some}", {}
    yield "companies", "/office/companies", {}
    yield "one-company", "/office/companies/77", {}
    yield "one-big-company", f"/office/companies/{BIG}", {}
    yield "coverage", "/office/people/coverage", {}
    yield "coverage-of-company", "/office/people/coverage?company=BENCH-00077", {}


def _listed(reader: Reader, dialect: str, people: int, name: str, path: str, fields: dict[str, str]) -> Measure:
    answer, took = reader.median("POST" if fields else "GET", path, **fields)
    assert answer.status_code in {200, 303}, (path, answer.status_code)
    note = f"{dialect}, {people} people, {len(answer.content)} bytes; limit: not noticed"
    return Measure(f"pages-{name}", took, "ms", NOTICED, NOTICED / took, note)


@contextmanager
def _desk(database: str, people: int) -> Iterator[Reader]:
    """Give an office with that many people and an administrator who is signed in."""
    with tempfile.TemporaryDirectory() as home:
        office = open_office(load(home=Path(home), database_url=database, channels=("sms",)))
        now = office.clock.now()
        with writing(office.engine) as connection:
            fill(connection, people, people // 4, COUNTRY, now)
            fill_numbers(connection, now)
            settle(connection, COMPANIES, now)
        with writing(office.engine) as connection:
            open_up(connection, people, office.keys, index_key(connection, office.keys))
        if office.engine.dialect.name == "postgresql":
            # What autovacuum does within the minute; a register was not written a moment ago.
            with office.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                connection.exec_driver_sql("VACUUM ANALYZE")
        with writing(office.engine) as connection:
            number = add_user(connection, SYSTEM, name="bench", role=Role.ADMINISTRATOR, now=now)
            secret = begin(connection, number, now)
        cookies = httpx.Cookies()
        cookies.set(COOKIE, secret, domain="127.0.0.1")
        try:
            yield Reader(office, build(office), cookies)
        finally:
            office.engine.dispose()


def _alert(office: Office) -> None:
    manual = ManualAlert(countries=[COUNTRY], level=4, title_zh="示例：测速用的提醒，请勿理会", channels=["sms"])
    with writing(office.engine) as connection:
        draft = draft_manual(manual, office.name, office.clock.now())
        version_id = alerts.open_alert(connection, draft, office.acting(SYSTEM))
        assert version_id is not None
        alerts.release_by_rule(connection, version_id, office.acting(SYSTEM))


def _linked(reader: Reader) -> list[str]:
    """Return one address of each page of the office that links lead to, beginning at the first."""
    waiting, known = ["/office/"], {"/office/"}
    found: list[str] = []
    while waiting and len(found) < MOST_PAGES:
        path = waiting.pop(0)
        answer, _ = reader.ask("GET", path)
        if answer.status_code != 200 or not answer.headers.get("content-type", "").startswith("text/html"):
            continue
        found.append(path)
        for link in (unescape(one).partition("?")[0] for one in LINK.findall(answer.text)):
            pattern = NUMBER.sub("N", ONE_OF_MANY.sub(r"\1/X", link))
            if link.startswith("/office/") and pattern not in known:
                known.add(pattern)
                waiting.append(link)
    return found


def _painted(reader: Reader, path: str, people: int) -> Measure:
    answer, took = reader.median("GET", path)
    beside = {one for one in (unescape(link) for link in LINK.findall(answer.text)) if one.startswith("/static/")}
    weight = len(answer.content) + sum(len(part) for part in _parts(reader, sorted(beside)))
    heavy = "" if weight <= HEAVIEST else f"; HEAVIER than {HEAVIEST}"
    note = f"{people} people; {len(answer.content)} bytes, {weight} with style and scripts{heavy}"
    return Measure(f"paint {path}", took, "ms", PAINTED, PAINTED / took, note)


def _parts(reader: Reader, paths: Iterable[str]) -> Iterator[Any]:
    return (reader.ask("GET", one)[0].content for one in paths)
