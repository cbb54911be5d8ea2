"""Made-up people as a register holds them: with companies, names and numbers that open, doubt and age. For `lingbao bench` alone.

It lies here and not with the benches because it writes of people, and whatever does is behind this door.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, bindparam, case, insert, update

from core.keys import MasterKeys, seal
from core.tables import table
from registry.matching import address_index, name_index
from registry.people import STALE_AFTER, Channel
from registry.scope.door import ADDRESS_CONTEXT, ADDRESSES, KEYS, NAME_CONTEXT, PEOPLE, POSTINGS
from registry.tables import Employer, PostingStatus

EMPLOYERS = table(Employer)
FAMILY, GIVEN = "王李张刘陈杨黄赵周吴徐孙马朱胡郭何林高罗", "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平"
BATCH = 20_000
BIG = 1
"""The number of the company that has one in fifty of all people; one in ten are residents of none."""


def settle(connection: Connection, companies: int, now: datetime) -> None:
    """Give people of `fill` their companies; make one stay in seven stale, and one in a thousand doubtful."""
    rows = [
        {"id": one, "code": f"BENCH-{one:05}", "name": f"示例公司{one}", "district": "", "sector": "", "created_at": now,
         "created_by": "bench"}
        for one in range(1, companies + 1)
    ]  # fmt: skip
    connection.execute(insert(EMPLOYERS), rows)
    person = PEOPLE.c.id
    others = 2 + (person // 10) % (companies - 1) if companies > 1 else BIG
    connection.execute(
        update(PEOPLE).values(employer_id=case((person % 10 == 0, None), (person % 50 == 1, BIG), else_=others))
    )
    stale, doubtful = POSTINGS.c.registrant_id % 7 == 0, POSTINGS.c.registrant_id % 1000 == 3
    old = now - STALE_AFTER - timedelta(days=10)
    connection.execute(update(POSTINGS).where(stale).values(confirmed_at=old))
    connection.execute(update(POSTINGS).where(doubtful).values(status=PostingStatus.DOUBTFUL))


def open_up(connection: Connection, people: int, keys: MasterKeys, index_key: bytes) -> None:
    """Give people of `fill` and `fill_numbers` a key, a name and a number that open, under their blind indexes."""
    writes = (
        update(PEOPLE).where(PEOPLE.c.id == bindparam("b_id")).values(name_sealed=bindparam("b_1"), name_index=bindparam("b_2")),
        update(KEYS).where(KEYS.c.registrant_id == bindparam("b_id")).values(wrapped=bindparam("b_1")),
        update(ADDRESSES).where(ADDRESSES.c.id == bindparam("b_id"))
        .values(value_sealed=bindparam("b_1"), value_index=bindparam("b_2")),
    )  # fmt: skip
    for first in range(1, people + 1, BATCH):
        batch = list(_opened(range(first, min(first + BATCH, people + 1)), keys, index_key))
        for statement, rows in zip(writes, zip(*batch, strict=True), strict=True):
            connection.execute(statement, rows)
    connection.exec_driver_sql("ANALYZE")


def name_of(number: int) -> str:
    """Return the name of a made-up person: one of eight thousand, so that some are shared, as names are."""
    return FAMILY[number % 20] + GIVEN[number // 20 % 20] + GIVEN[number // 400 % 20]


def phone_of(number: int) -> str:
    """Return the number of a made-up person; nobody shares it."""
    return f"+99290{number:07}"


def _opened(numbers: Sequence[int], keys: MasterKeys, index_key: bytes) -> Iterator[tuple[dict[str, Any], ...]]:
    for one in numbers:
        key, wrapped = keys.new_key()
        name, phone = name_of(one), phone_of(one)
        yield (
            {"b_id": one, "b_1": seal(key, name, NAME_CONTEXT.format(id=one)), "b_2": name_index(index_key, name)},
            {"b_id": one, "b_1": wrapped},
            {"b_id": one, "b_1": seal(key, phone, ADDRESS_CONTEXT.format(id=one)),
             "b_2": address_index(index_key, Channel.SMS, phone)},
        )  # fmt: skip
