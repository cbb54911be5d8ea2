"""The retention flow: a thin coat over the operation; Prefect hears counts only."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from sqlalchemy import update

from core.clock import SystemClock
from core.database import reading, writing
from core.settings import load
from core.tables import table
from flows.retention import erase_due
from notify.office import open_office
from registry import scope
from registry.actors import SYSTEM
from registry.enrol import enrol, index_key
from registry.tables import Posting, PostingStatus
from tests.registry.people import person


def test_whoever_has_been_back_long_enough_is_erased(tmp_path: Path) -> None:
    """The task erases by the office's time of keeping, and returns how many, without a name or a number."""
    office = open_office(load(home=tmp_path, keep_returned_days=10), SystemClock())
    now = office.clock.now()
    with writing(office.engine) as connection:
        secret = index_key(connection, office.keys)
        people = [person("孙悟空"), person("猪八戒")]
        back, there = enrol(connection, SYSTEM, people, keys=office.keys, index_key=secret, now=now)
        postings = table(Posting)
        over = update(postings).where(postings.c.registrant_id == back)
        connection.execute(over.values(status=PostingStatus.RETURNED, updated_at=now - timedelta(days=11)))
    assert erase_due.fn(office) == {"erased": 1, "waiting": 0}
    assert erase_due.fn(office) == {"erased": 0, "waiting": 0}
    with reading(office.engine) as connection:
        assert set(scope.person_keys(connection, [back, there])) == {there}
    office.engine.dispose()
