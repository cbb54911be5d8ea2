"""Two sweeps at once, and a sweep beside a roster that is taken back, each with a connection pool of its own; on both databases."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import Engine

from core.database import open_engine, writing
from notify.later.catching import catch_up
from notify.office import Office
from notify.store.references import NOTICES
from registry.actors import SYSTEM, Actor
from registry.employers import find_employer
from registry.roster.apply import import_roster
from registry.roster.undo import undo_import
from registry.tables import Role
from tests.notify.alerts.scene import person
from tests.notify.chain.newcomers import Later
from tests.notify.made import draft
from tests.registry.files import WUKONG, changed, check

NOW = datetime(2026, 11, 22, tzinfo=UTC)
PLAIN = {"as_of": NOW, "channels": ("sms",), "quiet": False, "ask_safe": False}
OFFICER = Actor("lin.daiyu", Role.OFFICER, 901)
TOLD = "+260977000001"


@pytest.fixture
def second(later: Later) -> Iterator[Office]:
    """The same office in another process, as far as the database is concerned."""
    other = open_engine(later.scene.engine.url.render_as_string(hide_password=False))
    yield replace(later.office, engine=other)
    other.dispose()


def at_once(*works: Callable[[], Any]) -> list[Any]:
    """Let several works begin at the same moment; return what each returned, once all are done."""
    gate = Barrier(len(works))

    def one(work: Callable[[], Any]) -> Any:
        gate.wait(10)
        return work()

    with ThreadPoolExecutor(max_workers=len(works)) as pool:
        return [done.result(60) for done in [pool.submit(one, work) for work in works]]


def test_two_sweeps_tell_a_newcomer_once(later: Later, second: Office) -> None:
    """Whoever came is planned for by one of two sweeps at the same moment, and is sent one notice."""
    later.join(person(sms=(TOLD,)))
    later.by_rule(draft(**PLAIN))
    later.send()
    for turn in range(2):
        later.join(*(person(sms=(f"+26097711{turn}{number:02}",)) for number in range(4)))
        later.scene.clock.moment += timedelta(minutes=1)
        now = later.scene.clock.now()
        made = at_once(partial(catch_up, later.office, now), partial(catch_up, second, now))
        assert sum(made) == 4
    later.send()
    numbers = [number for number, _ in later.sent()]
    assert len(numbers) == len(set(numbers)) == 9


def bring(later: Later, numbers: Sequence[str]) -> int:
    """Apply a roster of people in Zambia; return the number of the import."""
    scene = later.scene
    rows = [changed(WUKONG, name=f"示例{number[-2:]}", abroad=number, home="", mail="") for number in numbers]
    with writing(scene.engine) as connection:
        employer = find_employer(connection, SYSTEM, "C-1")
        return import_roster(
            connection, OFFICER, employer, check(*rows), keys=scene.keys, index_key=scene.index_key, now=scene.clock.now()
        ).import_id  # fmt: skip


def take_back(engine: Engine, number: int, now: datetime) -> int:
    """Take a roster back, whatever warnings concern its people; return how many were erased."""
    with writing(engine) as connection:
        return undo_import(connection, OFFICER, number, notices=NOTICES, now=now, confirm="C-1").erased


def test_a_roster_taken_back_beside_a_sweep_leaves_no_notice(later: Later, second: Office) -> None:
    """Whether the sweep or the undo is first: nobody who was erased is sent anything, and whoever stays is told once."""
    later.scene.employer("C-1")
    later.join(person(sms=(TOLD,)))
    later.by_rule(draft(**PLAIN))
    later.send()
    for turn in range(2):
        number = bring(later, [f"+26097722{turn}{one:02}" for one in range(3)])
        later.join(person(sms=(f"+26097733000{turn}",)))
        later.scene.clock.moment += timedelta(minutes=1)
        now = later.scene.clock.now()
        _, erased = at_once(partial(catch_up, later.office, now), partial(take_back, second.engine, number, now))
        assert erased == 3
        later.catch_up()
        later.send()
    assert sorted(one for one, _ in later.sent()) == [TOLD, *(f"+26097733000{turn}" for turn in range(2))]
