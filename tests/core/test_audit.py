"""Who did what."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine, select

from core import audit
from core.clock import FixedClock
from core.database import reading, writing
from core.tables import Audit, table


def _fail_to_cancel(engine: Engine, clock: FixedClock) -> None:
    with writing(engine) as connection:
        audit.record(connection, actor="li", action="cancel", subject="alert/7", now=clock.now())
        raise ZeroDivisionError


def test_an_act_is_written_in_the_transaction_of_the_act(engine: Engine, clock: FixedClock) -> None:
    """Who, what, to what and when are kept; if the act is rolled back, so is its line."""
    with writing(engine) as connection:
        audit.record(connection, actor="li", action="approve", subject="alert/7", now=clock.now(), detail="v1")
    with pytest.raises(ZeroDivisionError):
        _fail_to_cancel(engine, clock)
    with reading(engine) as connection:
        (row,) = connection.execute(select(table(Audit))).mappings()
    assert {k: row[k] for k in ("actor", "action", "object", "detail", "at")} == {
        "actor": "li",
        "action": "approve",
        "object": "alert/7",
        "detail": "v1",
        "at": clock.now(),
    }
