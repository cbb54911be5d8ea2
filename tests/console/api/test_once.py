"""Idempotency keys: done once, answered again, and never twice, whatever happens in between."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

from sqlalchemy import func, select, update

from console.api.once import GIVEN_UP, KEPT
from core.clock import FixedClock
from core.database import reading, writing
from core.tables import table
from registry.accounts.tables import ApiCall
from tests.console.api.world import Company, World

CALLS = table(ApiCall)
PERSON = {"name": "唐三藏", "addresses": [{"channel": "sms", "value": "+992935000077"}]}
KEY = {"Idempotency-Key": "a-key-of-my-own"}


def post(company: Company, body: Any = PERSON) -> tuple[int, Any]:
    """Register a person under one and the same key; return status and answer."""
    answer = company.call("POST", "/people", json=body, headers=KEY)
    return answer.status_code, answer.json()


def count(world: World) -> int:
    """Return how many people A has."""
    return int(world.a.get("/me")["people"])


def test_the_same_again_gets_the_same_answer(two: World) -> None:
    """The second call writes nothing and is answered as the first one was."""
    first, second = post(two.a), post(two.a)
    assert first == second
    assert (first[0], count(two)) == (201, 4)


def test_another_request_under_the_key_is_refused(two: World) -> None:
    """A key stands for one request: another body or another route under it is refused, and nothing is done."""
    post(two.a)
    status, problem = post(two.a, PERSON | {"language": "en"})
    assert (status, problem["code"]) == (422, "key-reused")
    other = two.a.call("POST", "/confirmations", headers=KEY)
    assert (other.status_code, other.json()["code"]) == (422, "key-reused")
    assert count(two) == 4


def test_while_the_first_is_at_work_the_second_waits(two: World, clock: FixedClock) -> None:
    """A call without an answer yet is told 409; after ten minutes it counts as dead, and the key works again."""
    post(two.a)
    with writing(two.office.engine) as connection:  # as if the first were not done
        connection.execute(update(CALLS).where(CALLS.c.result_id == select(func.max(CALLS.c.result_id)).scalar_subquery())
                           .values(status=0, result_id=None))  # fmt: skip
    changed = PERSON | {"name": "唐三藏"}
    assert post(two.a, changed)[1]["code"] == "at-work"
    clock.advance(GIVEN_UP)
    assert post(two.a, changed)[1]["code"] == "known"  # it is tried anew, and the register knows better
    assert count(two) == 4


def test_what_failed_can_be_tried_again(light: World) -> None:
    """A refused call leaves the key free: nothing was done under it."""
    known = {"name": "孙悟空", "addresses": [{"channel": "sms", "value": "+992935000001"}]}
    assert post(light.a, known)[1]["code"] == "known"
    assert post(light.a)[0] == 201


def test_a_key_is_forgotten_in_the_end_and_never_kept_in_clear(light: World, clock: FixedClock) -> None:
    """After seven days a key is new again; until then only its hash is kept, and nothing of the body."""
    post(light.a)
    with reading(light.office.engine) as connection:
        rows = repr(connection.execute(select(CALLS)).all())
    assert KEY["Idempotency-Key"] not in rows
    assert "唐" not in rows
    clock.advance(KEPT + timedelta(seconds=1))
    assert post(light.a)[1]["code"] == "known"


def test_many_at_once_do_it_once(two: World) -> None:
    """Eight calls at the same moment under one key: one person, and every other call is told to wait or gets the same answer."""
    answers: list[tuple[int, Any]] = []
    threads = [threading.Thread(target=lambda: answers.append(post(two.a))) for _ in range(8)]
    for one in threads:
        one.start()
    for one in threads:
        one.join(60)
    assert len(answers) == 8
    made = {body["id"] for status, body in answers if status == 201}
    assert len(made) == 1
    assert {body["code"] for status, body in answers if status != 201} <= {"at-work"}
    assert count(two) == 4


def test_a_key_is_asked_for(light: World) -> None:
    """Every call that writes something new needs a key, of a form that can be a key."""
    for path in ("/people", "/confirmations", f"/rosters/{light.rosters['a']}/undo"):
        for headers in ({}, {"Idempotency-Key": "short"}, {"Idempotency-Key": "with blanks in it"}):
            assert light.a.call("POST", path, json=PERSON, headers=headers).status_code == 422
    answer = light.a.call("POST", "/rosters?apply=true", content=b"x", headers={"Content-Type": "text/csv"})
    assert (answer.status_code, answer.json()["code"]) == (400, "key")
