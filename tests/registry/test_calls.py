"""Calls of companies' systems: counted by the minute, claimed once, and ended by whoever holds them."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from core.tables import table
from registry.accounts import calls
from registry.accounts.store import insert_user
from registry.accounts.tables import RateWindow
from registry.tables import Role
from tests.registry.people import Register

MINUTE = timedelta(minutes=1)


@pytest.fixture
def user(register: Register) -> int:
    """A user of whom calls are counted."""
    return insert_user(
        register.connection, name="hr", role=Role.OFFICER, active=True, created_at=register.clock.now(), created_by="x"
    )


def test_calls_are_counted_by_user_and_minute(register: Register, user: int) -> None:
    """Each call counts once, each minute begins anew, and minutes that are over leave nothing behind."""
    connection, now = register.connection, register.clock.now()
    other = insert_user(connection, name="hr2", role=Role.OFFICER, active=True, created_at=now, created_by="x")
    assert [calls.count_call(connection, user, now) for _ in range(3)] == [1, 2, 3]
    assert (calls.count_call(connection, other, now), calls.calls_in(connection, user, now)) == (1, 3)
    assert calls.calls_in(connection, user, now + MINUTE) == 0
    assert calls.count_call(connection, user, now + MINUTE) == 1
    windows = table(RateWindow)
    assert connection.execute(select(func.count()).select_from(windows)).scalar_one() == 2


def test_a_key_is_claimed_once(register: Register, user: int) -> None:
    """The first claim of a key holds; the line tells which request it was for."""
    now = register.clock.now()
    for expected in (True, False):
        first = calls.claim(register.connection, user_id=user, key="k", request_sha256="one", now=now)
        assert first is expected
    row = calls.call_of(register.connection, user, "k")
    assert row is not None
    assert (row.request_sha256, row.status, row.result_id, row.created_at) == ("one", calls.RUNNING, None, now)
    assert calls.call_of(register.connection, user, "other") is None


def test_who_lost_a_claim_cannot_end_it(register: Register, user: int) -> None:
    """A call that was taken over because it seemed dead neither settles nor drops what is another's now."""
    connection, now = register.connection, register.clock.now()
    calls.claim(connection, user_id=user, key="k", request_sha256="one", now=now)
    row = calls.call_of(connection, user, "k")
    assert row is not None
    later = now + timedelta(minutes=10)
    assert calls.take_over(connection, row.id, began=now, now=later)
    assert not calls.take_over(connection, row.id, began=now, now=later)
    assert not calls.settle(connection, row.id, began=now, status=200, result_id=1)
    calls.drop(connection, row.id, began=now)
    assert calls.settle(connection, row.id, began=later, status=200, result_id=2)
    assert not calls.settle(connection, row.id, began=later, status=200, result_id=3)
    settled = calls.call_of(connection, user, "k")
    assert settled is not None
    assert (settled.status, settled.result_id) == (200, 2)
    calls.forget(connection, user, later)
    assert calls.call_of(connection, user, "k") is not None
    calls.forget(connection, user, later + MINUTE)
    assert calls.call_of(connection, user, "k") is None
