"""Ten thousand answers by every way, each in a transaction of its own, against a bare INSERT of the same rows; then the board."""

from __future__ import annotations

import random
import tempfile
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import MetaData, insert, select
from sqlalchemy.sql import quoted_name

from cli.benches.dispatch import COUNTRY, fill_register
from cli.benches.measure import Measure
from core.database import reading, writing
from core.settings import load
from notify import alerts
from notify.manual import ManualAlert, draft_manual
from notify.office import Office, open_office
from notify.safety.board import board
from notify.safety.model import PERSON, Answer, Means, Said
from notify.safety.reading import read
from notify.safety.take import take_answer
from notify.store import alerts as store
from notify.store.safety import SAFE_WORDS
from registry.actors import SYSTEM

WORDS = (
    "1", "2", "平安", "我很好，谢谢关心", "需要帮助", "被困在酒店", "收到", "safe", "help", "👍", "不安全", "没有危险",
    "我安全但同事受伤",
)  # fmt: skip
ASKED = 500
"""Answers a second that a city must bear (issue E)."""


def run(replies: int, seed: int) -> list[Measure]:
    """Take that many answers, one in ten repeated, from as many people; then build the board once."""
    with tempfile.TemporaryDirectory() as home:
        office = open_office(load(home=Path(home), channels=("sms",)))
        fill_register(office, replies)
        alert_id = _asking(office)
        todo = _answers(office, alert_id, replies, seed)
        begun = time.perf_counter()
        for person, words, said in todo:
            answer = replace(said, answer=read(words))
            with writing(office.engine) as connection:
                take_answer(connection, alert_id, [person], answer, office.keys)
        value = len(todo) / (time.perf_counter() - begun)
        limit = _bare(office)
        begun = time.perf_counter()
        with reading(office.engine) as connection:
            found = board(connection, alert_id, SYSTEM)
        shown = len(found.entries) / (time.perf_counter() - begun)
        read_bare = _read_bare(office)
        office.engine.dispose()
    note = f"{len(todo)} answers of {replies} people, {office.engine.dialect.name}; at least {ASKED}"
    return [
        Measure("replies", value, "answers/s", limit, value / limit, note),
        Measure(
            "board", shown, "people/s", read_bare, shown / read_bare, f"{found.total.asked} asked; bare: the rows read"
        ),
    ]


def _asking(office: Office) -> int:
    """Release one alert that asks everybody in the country; return its number."""
    manual = ManualAlert(countries=[COUNTRY], level=4, title_zh="示例：测速用的提醒，请勿理会", channels=["sms"])
    draft = replace(draft_manual(manual, office.name, office.clock.now()), ask_safe=True)
    with writing(office.engine) as connection:
        version_id = alerts.open_alert(connection, draft, office.acting(SYSTEM))
        assert version_id is not None
        alerts.release_by_rule(connection, version_id, office.acting(SYSTEM))
        return store.version(connection, version_id).alert_id


def _answers(office: Office, alert_id: int, count: int, seed: int) -> list[tuple[int, str, Said]]:
    """Make up the answers: by every way, in random order, one in ten of them sent twice."""
    chance, now = random.Random(seed), office.clock.now()
    with reading(office.engine) as connection:
        people = [one.place.registrant_id for one in board(connection, alert_id, SYSTEM).entries]
    found: list[tuple[int, str, Said]] = []
    while len(found) < count:
        found += [_one(chance, people, len(found), now)] * (2 if chance.random() < 0.1 else 1)
    chance.shuffle(found)
    return found[:count]


def _one(chance: random.Random, people: Sequence[int], number: int, now: datetime) -> tuple[int, str, Said]:
    means = chance.choice(list(Means))
    words, at = chance.choice(WORDS), now + timedelta(seconds=chance.randrange(7200))
    return chance.choice(people), words, Said(Answer.UNCLEAR, means, PERSON, words, at, ref=f"SM{number:032d}")


def _bare(office: Office) -> float:
    """Return how many of the same rows go into the same table a second, each in a transaction of its own."""
    scratch = MetaData()
    twin = SAFE_WORDS.to_metadata(scratch, name="bare_safe_word")
    for one in twin.indexes:
        one.name = quoted_name(f"bare_{one.name}", None)
    with writing(office.engine) as connection:
        rows = [dict(row) for row in connection.execute(select(SAFE_WORDS)).mappings()]
        scratch.create_all(connection)
    begun = time.perf_counter()
    for row in rows:
        with writing(office.engine) as connection:
            connection.execute(insert(twin).values(row))
    return len(rows) / (time.perf_counter() - begun)


def _read_bare(office: Office) -> float:
    """Return how many rows of answers are read a second without making anything of them."""
    begun = time.perf_counter()
    with reading(office.engine) as connection:
        rows = connection.execute(select(SAFE_WORDS)).all()
    return len(rows) / (time.perf_counter() - begun)
