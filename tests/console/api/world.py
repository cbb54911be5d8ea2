"""Two companies of fiction with people, rosters, alerts and tokens, and how the tests call the API."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
from fastapi import FastAPI
from sqlalchemy import Engine, MetaData, select

from console.app import build
from core.clock import FixedClock
from core.database import reading, writing
from core.keys import MasterKeys
from notify.office import Office
from registry.actors import SYSTEM
from registry.employers import add_employer
from registry.tables import Role
from registry.users import add_user, issue_token
from tests.notify.sending.house import House, house
from tests.registry.files import HEADER, table_csv

BASE = "/api/v1"
CSV = {"Content-Type": "text/csv"}
A_ROWS = (
    ("孙悟空", "塔吉克斯坦", "杜尚别", "+992935000001", "", "wukong@example.com", "", "", "在外"),
    ("猪八戒", "塔吉克斯坦", "", "+992935000002", "", "", "", "", "在外"),
    ("沙悟净", "赞比亚", "卢萨卡", "+260977123456", "", "", "", "", "在外"),
)
B_ROWS = (
    ("林黛玉", "塔吉克斯坦", "苦盏", "+992935009001", "", "daiyu@example.com", "", "", "在外"),
    ("薛宝钗", "赞比亚", "恩多拉", "+260977999888", "", "", "", "", "在外"),
    ("贾宝玉", "塔吉克斯坦", "", "+992935009003", "", "", "", "", "在外"),
)
SECRETS_OF_B = ("林黛玉", "薛宝钗", "贾宝玉", "苦盏", "恩多拉", "daiyu", "992935009", "977999888", "DEMO-B", "大观园")


@dataclass
class Company:
    """A company as its own system: a token, and calls with it."""

    app: FastAPI
    token: str
    employer_id: int
    made: int = 0

    def call(self, method: str, path: str, *, headers: Mapping[str, str] | None = None, **more: Any) -> httpx.Response:
        """Make one call under `/api/v1`."""
        given = {"Authorization": f"Bearer {self.token}", "Accept-Language": "en", **(headers or {})}
        return request(self.app, method, BASE + path, headers=given, **more)

    def key(self) -> dict[str, str]:
        """Return the header of a new idempotency key."""
        self.made += 1
        return {"Idempotency-Key": f"key-of-{self.employer_id}-{self.made:04}"}

    def get(self, path: str, **query: Any) -> Any:
        """Return what a GET answers, which must be 200."""
        answer = self.call("GET", path, params=query)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def apply(self, rows: tuple[tuple[str, ...], ...], **query: Any) -> Any:
        """Apply a roster; return the answer, which must be 201."""
        params = {"apply": "true", **query}
        answer = self.call("POST", "/rosters", params=params, headers=CSV | self.key(), content=roster(rows))
        assert answer.status_code == 201, answer.text
        return answer.json()


@dataclass
class World:
    """An office with two companies.

    Attributes:
        a, b: the companies. `chief`: the token of an administrator.
        rosters: public ids of what was applied, by company.
    """

    home: House
    a: Company
    b: Company
    chief: str
    rosters: dict[str, str] = field(default_factory=dict)

    @property
    def office(self) -> Office:
        """Return the office."""
        return self.home.office


def request(app: FastAPI, method: str, path: str, **more: Any) -> httpx.Response:
    """Make one call inside this process."""

    async def ask() -> httpx.Response:
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://inside.invalid") as client:
            return await client.request(method, path, **more)

    return asyncio.run(ask())


def roster(rows: tuple[tuple[str, ...], ...]) -> bytes:
    """Return a roster as a .csv."""
    return table_csv(HEADER, *rows).encode()


def world(engine: Engine, home: Path, clock: FixedClock, keys: MasterKeys, **settings: Any) -> World:
    """Make two companies with users and tokens, both with a roster applied through the API, and an alert to their people."""
    made = house(engine, home, clock, keys, **{"api_calls_per_minute": 100_000, **settings})
    app, now = build(made.office), clock.now()
    with writing(engine) as connection:
        add_user(connection, SYSTEM, name="chief", role=Role.ADMINISTRATOR, now=now)
        chief = issue_token(connection, SYSTEM, "chief", now)
    companies = [_company(made, app, code, name) for code, name in (("DEMO-A", "花果山公司"), ("DEMO-B", "大观园公司"))]
    found = World(made, companies[0], companies[1], chief)
    found.rosters = {"a": found.a.apply(A_ROWS)["id"], "b": found.b.apply(B_ROWS)["id"]}
    clock.advance(timedelta(minutes=1))
    made.release(3)
    return found


def _company(made: House, app: FastAPI, code: str, name: str) -> Company:
    office = made.office
    now = office.clock.now()
    with writing(office.engine) as connection:
        employer = add_employer(connection, SYSTEM, code=code, name=name, now=now)
        # SYSTEM is the office, and no administrator: the first user and its token made the others possible.
        chief = _chief()
        add_user(connection, chief, name=f"hr.{code}", role=Role.COMPANY, now=now, employer_id=employer)
        token = issue_token(connection, chief, f"hr.{code}", now)
    return Company(app, token, employer)


def _chief() -> Any:
    from registry.actors import Actor

    return Actor("chief", Role.ADMINISTRATOR)


def everything(engine: Engine, without: frozenset[str] = frozenset()) -> dict[str, list[tuple[Any, ...]]]:
    """Return every row of every table, to tell whether anything changed."""
    found = MetaData()
    with reading(engine) as connection:
        found.reflect(connection)
        return {
            table.name: sorted((tuple(row) for row in connection.execute(select(table))), key=repr)
            for table in found.sorted_tables
            if table.name not in without
        }
