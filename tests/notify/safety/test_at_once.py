"""Callbacks that come several times at the same moment, on both databases: each key counts once, and wakes nobody twice."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from sqlalchemy import select

from core.database import reading, writing
from core.tables import table
from notify.safety.tally import State
from notify.safety.ways import press
from notify.store.safety import SAFE_WORDS
from notify.tables import Delivery
from tests.notify.safety.call import Call


def test_the_same_callbacks_at_once(call: Call) -> None:
    """Four callers bring the same keys side by side: one row a person and key, one page a telephone."""
    with reading(call.scene.engine) as connection:
        notices = sorted(connection.execute(select(table(Delivery).c.id)).scalars())
    assert len(notices) == 10, "nine of their own, and one for the crew"

    def bring(turn: int) -> None:
        """Bring every key, each caller from another one on."""
        for one in (*notices[turn:], *notices[:turn]):
            with writing(call.scene.engine) as connection:
                press(connection, one, "2", f"CA{one}", call.now, call.scene.keys)

    with ThreadPoolExecutor(4) as callers:
        list(callers.map(bring, (0, 3, 5, 7)))
    with reading(call.scene.engine) as connection:
        people = list(connection.execute(select(SAFE_WORDS.c.registrant_id)).scalars())
    assert sorted(people) == sorted(call.people)
    assert call.states(call.people) == [State.HELP] * 12
    assert len(call.pages()) == 10
