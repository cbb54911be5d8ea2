"""The door of the API: tokens, limits, sizes, and one shape for every refusal."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from jsonschema import Draft202012Validator
from sqlalchemy import select
from sqlmodel import SQLModel

from console.api.app import build as build_api
from console.api.language import language_of
from console.app import build
from core.clock import FixedClock
from core.database import open_engine, reading, writing
from core.keys import MasterKeys
from core.tables import Audit, table
from registry.actors import Actor
from registry.tables import Role, UserToken
from registry.users import close_user, revoke_tokens
from tests.console.api.world import BASE, CSV, Company, World, request, world

CHIEF = Actor("chief", Role.ADMINISTRATOR, 999)


def problem(answer: httpx.Response, world: World) -> Any:
    """Return a refusal, which must have the shape that the description gives it."""
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["cache-control"] == "no-store"
    spec = request(world.a.app, "GET", f"{BASE}/openapi.json").json()
    schema = {"$ref": "#/components/schemas/Problem", "components": spec["components"]}
    body = answer.json()
    assert [str(one) for one in Draft202012Validator(schema).iter_errors(body)] == []
    assert body["status"] == answer.status_code
    return body


def test_every_refusal_has_one_shape_in_both_languages(light: World) -> None:
    """Whatever is refused: RFC 9457, by the same schema, Chinese for Chinese readers and English for others."""
    a, person = light.a, light.a.get("/people", limit=1)["items"][0]["id"]
    wrong: list[tuple[int, httpx.Response]] = []
    for language in ("zh-CN,zh;q=0.9", "en-GB"):
        said = {"Accept-Language": language}
        many = {"content": b"[" * 70_000, "headers": said | a.key() | {"Content-Type": "application/json"}}
        wrong += [
            (400, a.call("POST", "/people", content=b"\xff", headers=said | a.key() | {"Content-Type": "application/json"})),
            (401, request(a.app, "GET", f"{BASE}/me", headers=said)),
            (403, request(a.app, "GET", f"{BASE}/me", headers=said | {"Authorization": f"Bearer {light.chief}"})),
            (404, a.call("GET", "/nowhere", headers=said)), (404, a.call("GET", "/people/x/", headers=said)),
            (404, request(a.app, "GET", f"{BASE}/people/%0A/postings", headers=said) ),
            (405, a.call("DELETE", f"/people/{person}", headers=said)),
            (413, a.call("POST", "/people", **many)),
            (415, a.call("POST", "/people", content=b"x", headers=said | a.key())),
            (422, a.call("GET", "/people", params={"limit": "x"}, headers=said)),
            (422, a.call("POST", "/people", content=b"{", headers=said | a.key() | {"Content-Type": "application/json"})),
            (428, a.call("PATCH", f"/people/{person}", json={}, headers=said)),
            (412, a.call("PATCH", f"/people/{person}", json={}, headers=said | {"If-Match": '"x"'})),
        ]  # fmt: skip
        for status, answer in wrong:
            assert answer.status_code == status, answer.text
            body = problem(answer, light)
            chinese = any("\u4e00" <= one <= "\u9fff" for one in body["title"])
            assert chinese == (language[:2] == "zh") == (answer.headers["content-language"] == "zh-CN")
        wrong.clear()


def test_an_address_says_which_methods_it_takes(light: World) -> None:
    """All of them, also where several routes share an address."""
    assert light.a.call("DELETE", "/people").headers["allow"] == "GET, POST"
    assert light.a.call("PUT", "/people/x").headers["allow"] == "GET, PATCH"


@pytest.mark.parametrize("accept, language", [
    ("", "zh"), ("en", "en"), ("EN-us", "en"), ("zh-CN", "zh"), ("fr", "zh"), ("fr, en;q=0.5", "en"), ("*", "zh"),
    ("en;q=0.8, zh-TW;q=0.9", "zh"), ("en;q=0", "zh"), ("en;q=x, zh;q=0.1", "zh"), ("zh;q=0.3,en;q=0.7", "en"),
])  # fmt: skip
def test_the_language_is_the_one_preferred(accept: str, language: str) -> None:
    """By the weights of the header; Chinese where it says nothing of ours."""
    assert language_of(accept) == language


def limited(tmp_path: Path, clock: FixedClock, keys: MasterKeys) -> World:
    """Return two companies that may each call three times a minute."""
    engine = open_engine(f"sqlite:///{tmp_path / 'limited.db'}")
    SQLModel.metadata.create_all(engine)
    found = world(engine, tmp_path, clock, keys, api_calls_per_minute=3)
    clock.advance(timedelta(minutes=5, seconds=40))
    return found


def test_the_limit_holds_for_each_user_and_over_all_consoles(
    tmp_path: Path, clock: FixedClock, keys: MasterKeys
) -> None:
    """The fourth call of a minute is refused, also by another process; another company is not touched, and the minute ends."""
    here = limited(tmp_path, clock, keys)
    other = Company(build(here.office), here.a.token, here.a.employer_id)
    answers = [one.call("GET", "/me") for one in (here.a, other, here.a, other, here.a)]
    assert [one.status_code for one in answers] == [200, 200, 200, 429, 429]
    left = [
        (one.headers["ratelimit-limit"], one.headers["ratelimit-remaining"], one.headers["ratelimit-reset"])
        for one in answers
    ]
    assert left == [("3", "2", "20"), ("3", "1", "20"), ("3", "0", "20"), ("3", "0", "20"), ("3", "0", "20")]
    assert (problem(answers[3], here)["code"], answers[3].headers["retry-after"]) == ("too-many", "20")
    assert here.b.call("GET", "/me").status_code == 200
    clock.advance(timedelta(seconds=20))
    assert here.a.call("GET", "/me").status_code == 200
    here.office.engine.dispose()


def test_refused_calls_count_and_strangers_do_not(tmp_path: Path, clock: FixedClock, keys: MasterKeys) -> None:
    """Guessing ids spends the limit; a stranger without a token spends nobody's, and writes nothing at all."""
    here = limited(tmp_path, clock, keys)
    assert [here.a.call("GET", f"/people/{n}").status_code for n in range(4)] == [404, 404, 404, 429]
    for _ in range(5):
        assert request(here.b.app, "GET", f"{BASE}/me", headers={"Authorization": "Bearer lb_x"}).status_code == 401
    assert here.b.call("GET", "/me").headers["ratelimit-remaining"] == "2"
    here.office.engine.dispose()


def test_too_much_is_not_read(light: World) -> None:
    """Of a body without end only the allowed part is read, whether it says how long it is or not."""
    for path, kind, piece in (("/people", "application/json", 40_000), ("/rosters", "text/csv", 4_000_000)):
        read = []

        async def body(piece: int = piece, read: list[int] = read) -> AsyncIterator[bytes]:
            for _ in range(50):
                read.append(piece)
                yield b"a" * piece

        answer = light.a.call("POST", path, content=body(), headers=light.a.key() | {"Content-Type": kind})
        assert (answer.status_code, problem(answer, light)["code"]) == (413, "too-large")
        assert len(read) < 10


def test_a_revoked_token_and_a_closed_user_open_nothing(two: World) -> None:
    """From the moment of revoking on; the other company's token goes on."""
    now = two.office.clock.now()
    with writing(two.office.engine) as connection:
        revoke_tokens(connection, CHIEF, "hr.DEMO-A", now)
    assert two.a.call("GET", "/me").status_code == 401
    assert two.b.call("GET", "/me").status_code == 200
    with writing(two.office.engine) as connection:
        close_user(connection, CHIEF, "hr.DEMO-B", now)
    assert two.b.call("GET", "/me").status_code == 401


def test_the_use_of_a_token_is_noted_once_a_minute(light: World, clock: FixedClock) -> None:
    """A machine that calls all day writes one time a minute, and one line of audit for each session."""
    tokens, lines = table(UserToken), table(Audit)

    def seen() -> tuple[Any, int]:
        with reading(light.office.engine) as connection:
            last = connection.execute(select(tokens.c.last_used_at).where(tokens.c.user_id == 2)).scalar_one()
            sessions = connection.execute(
                select(lines.c.id).where(lines.c.action == "user.session", lines.c.actor == "hr.DEMO-A")
            )
            return last, len(sessions.all())

    start = clock.now()
    times = []
    for step in (0, 30, 29, 1, 14 * 60, 15 * 60):
        clock.advance(timedelta(seconds=step))
        light.a.get("/me")
        times.append(seen())
    minute, later = start + timedelta(minutes=1), start + timedelta(minutes=15)
    assert times == [(start, 1), (start, 1), (start, 1), (minute, 1), (later, 1), (later + timedelta(minutes=15), 2)]


def test_a_locked_database_asks_for_another_try(tmp_path: Path, clock: FixedClock, keys: MasterKeys) -> None:
    """While the database cannot be written the answer is 503 with the time to wait."""
    engine = open_engine(f"sqlite:///{tmp_path / 'busy.db'}", busy_ms=20)
    SQLModel.metadata.create_all(engine)
    here = world(engine, tmp_path, clock, keys)
    with engine.begin():
        answer = here.a.call("GET", "/me")
    assert (answer.status_code, answer.headers["retry-after"], problem(answer, here)["code"]) == (503, "5", "busy")
    engine.dispose()


def test_a_fault_of_ours_tells_nothing(light: World) -> None:
    """What no one foresaw is a 500 in the one shape, without a word of what was inside."""
    app = build_api(light.office)

    @app.get("/broken")
    def broken() -> None:
        raise ZeroDivisionError("the secret inside")

    async def ask() -> httpx.Response:
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://inside.invalid") as client:
            return await client.get("/broken", headers={"Authorization": f"Bearer {light.a.token}"})

    answer = asyncio.run(ask())
    assert (answer.status_code, answer.json()["code"]) == (500, "fault")
    assert "secret" not in answer.text


def test_a_roster_is_larger_than_other_bodies(light: World) -> None:
    """A list of thousands is read where a change of one person would be refused."""
    rows = "姓名,所在国家,境外联系电话\n" + "".join(f"示例{n},赞比亚,+26097{n:07}\n" for n in range(2000))
    answer = light.a.call("POST", "/rosters", content=rows.encode(), headers=CSV)
    assert (answer.status_code, answer.json()["people"]["joined"]) == (200, 2000)


def test_the_description_is_open_and_holds_no_data(light: World) -> None:
    """Anybody may read the description: it names no company, and refers to no other host."""
    answer = request(light.a.app, "GET", f"{BASE}/openapi.json")
    assert answer.status_code == 200
    assert "http://" not in answer.text
    assert "https://" not in answer.text
    assert "DEMO" not in answer.text
