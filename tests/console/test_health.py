"""`/healthz` and `/readyz` tell the truth, with a database, without one, and with one that never answers."""

from __future__ import annotations

import asyncio
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import text
from sqlalchemy.engine import URL

from console import health
from console.app import build
from core.clock import SystemClock
from core.database import open_engine, writing
from core.keys import KEY_FILE, MasterKeys
from core.settings import Settings
from notify.duty.store import beat
from notify.office import Office, open_office
from notify.readiness import Piece, Readiness
from tests.databases import tell

Answers = dict[str, httpx.Response]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make an office once; tests take copies."""
    home = tmp_path_factory.mktemp("made") / "home"
    open_office(Settings(home=home)).engine.dispose()
    return home


@pytest.fixture
def office(made: Path, tmp_path: Path) -> Iterator[Office]:
    """Give an office of its own to each test."""
    shutil.copytree(made, tmp_path / "home")
    opened = open_office(Settings(home=tmp_path / "home"))
    yield opened
    opened.engine.dispose()


def ask(app: FastAPI, *paths: str, **headers: str) -> Answers:
    """Ask for addresses, one after the other."""

    async def each() -> Answers:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://inside.invalid") as one:
            return {path: await one.get(path, headers=headers) for path in paths}

    return asyncio.run(each())


def ready(office: Office) -> tuple[int, dict[str, Any]]:
    """Return what `/readyz` says, after `/healthz` has said that the process lives."""
    found = ask(build(office), "/healthz", "/readyz")
    assert (found["/healthz"].status_code, found["/healthz"].json()) == (200, {"ok": True})
    return found["/readyz"].status_code, found["/readyz"].json()


def test_an_office_that_can_work_is_ready(office: Office) -> None:
    """Everything is there, the mode is named, and so is when the dispatcher was last seen."""
    with writing(office.engine) as connection:
        beat(connection, "dispatcher", office.clock.now())
    status, found = ready(office)
    assert (status, found["ok"], found["mode"], found["words"]) == (200, True, "sandbox", [])
    assert found["parts"] == {"database": True, "schema": True, "keys": True}
    assert 0 <= found["seconds_since"]["dispatcher"] < 60


def test_the_database_file_is_taken_away(office: Office) -> None:
    """The console lives on and says what is missing; no empty database is made in the place of the lost one."""
    file = office.settings.home / "lingbao.db"
    office.engine.dispose()
    file.rename(file.with_suffix(".away"))
    status, found = ready(office)
    assert (status, found["ok"], found["parts"]) == (503, False, {"database": False})
    assert "数据库没有应答" in found["words"][0] or "does not answer" in found["words"][0]
    assert not file.exists()
    file.with_suffix(".away").rename(file)
    assert ready(office)[0] == 200


def test_the_server_of_the_database_is_taken_away(postgres_server: URL, made: Path, keys: MasterKeys) -> None:
    """Nobody listens where PostgreSQL was: alive, not ready; and the figures say so instead of failing."""
    nowhere = open_engine("postgresql://nobody@127.0.0.1:1/none?connect_timeout=2")
    gone = Office(Settings(home=made), nowhere, SystemClock(), keys)
    assert ready(gone)[0] == 503
    figures = ask(build(gone), "/metrics")["/metrics"]
    assert figures.status_code == 200
    assert 'lingbao_ready{part="database"} 0.0' in figures.text
    assert "lingbao_source_up" not in figures.text
    name = "readyz_empty"
    tell(postgres_server, f"CREATE DATABASE {name}")
    empty = open_engine(postgres_server.set(database=name).render_as_string(hide_password=False))
    status, found = ready(Office(Settings(home=made), empty, SystemClock(), keys))
    empty.dispose()
    tell(postgres_server, f"DROP DATABASE {name} WITH (FORCE)")
    assert (status, found["parts"]) == (503, {"database": True, "schema": False})


@pytest.mark.parametrize("schema", ["0001", "9999"])
def test_another_schema_is_not_ready(office: Office, schema: str) -> None:
    """An older or a newer database answers, and this program must not work on it."""
    with writing(office.engine) as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = :schema"), {"schema": schema})
    status, found = ready(office)
    assert (status, found["parts"], len(found["words"])) == (503, {"database": True, "schema": False}, 1)


def test_the_wrong_key_is_not_ready(office: Office, keys: MasterKeys) -> None:
    """With a key that opens nothing no notice could be addressed."""
    wrong = Office(office.settings, office.engine, office.clock, keys)
    status, found = ready(wrong)
    assert (status, found["parts"]) == (503, {"database": True, "schema": True, "keys": False})
    assert str(KEY_FILE) not in str(found)
    assert str(office.settings.home) not in str(found)


def test_a_database_that_hangs_takes_neither_the_loop_nor_all_threads(office: Office) -> None:
    """While a look hangs, `/healthz` answers at once, and those who ask `/readyz` again wait for the same look."""
    looks: list[float] = []

    def hang() -> Readiness:
        looks.append(time.monotonic())
        time.sleep(0.6)
        return Readiness()

    async def both() -> tuple[float, list[Readiness]]:
        watch = health._Looking(office, look=lambda _: hang(), patience=0.1)
        asked = [asyncio.create_task(watch.ask()) for _ in range(50)]
        await asyncio.sleep(0.02)
        begun = time.monotonic()
        async with httpx.AsyncClient(transport=httpx.ASGITransport(build(office)), base_url="http://in.invalid") as one:
            assert (await one.get("/healthz")).status_code == 200
        took = time.monotonic() - begun
        return took, [await each for each in asked]

    took, found = asyncio.run(both())
    assert len(looks) == 1
    assert all(one.missing == (Piece.DATABASE,) for one in found)
    assert took < 0.5


@pytest.mark.parametrize("given", ["0af7651916cd43dd8448eb211c80319c", "0AF76519-16cd-43dd-8448-eb211c80319c"])
def test_a_number_of_a_proxy_is_given_back(office: Office, given: str) -> None:
    """Whoever looks for a request in two logs finds it under one number."""
    assert ask(build(office), "/healthz", **{"X-Request-Id": given})["/healthz"].headers["x-request-id"] == given


@pytest.mark.parametrize(
    "given",
    ["", "13800138000138001380", "ouyang.na@corp.example", "abc", "a" * 65, "0af7651916cd43dd\t448eb211c80319c"],
)
def test_a_number_that_is_none_is_replaced(office: Office, given: str) -> None:
    """What could hold a name, a telephone number or a line of its own never reaches a log."""
    found = ask(build(office), "/healthz", "/office/", **{"X-Request-Id": given})
    numbers = {answer.headers["x-request-id"] for answer in found.values()}
    assert len(numbers) == 2
    assert given not in numbers
    assert all(len(one) == 32 for one in numbers)
