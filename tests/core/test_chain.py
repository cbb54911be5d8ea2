"""The proof chain: what was changed, put in or taken out is found and located."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from sqlalchemy import Connection, Engine, delete, insert, select, update

from core import audit
from core.chain import SEALS, Fault, canonical, seal_batch, verify
from core.clock import FixedClock
from core.database import reading, writing
from core.keys import MasterKeys, seal
from core.tables import Audit, Instance, table

AUDIT, INSTANCE = table(Audit), table(Instance)


def note(connection: Connection, clock: FixedClock, count: int) -> None:
    """Write down some acts."""
    for i in range(count):
        audit.record(connection, actor="li", action="look", subject=f"alert/{i}", now=clock.now())


def faults(engine: Engine) -> list[tuple[int, str]]:
    """Verify; return the number of each seal that does not hold, and why."""
    with reading(engine) as connection:
        return [(fault.seal, fault.kind) for fault in verify(connection, [AUDIT, INSTANCE])]


@pytest.fixture
def sealed(engine: Engine, clock: FixedClock) -> Engine:
    """Give a database with acts 1 to 9, sealed three by three."""
    for _ in range(3):
        with writing(engine) as connection:
            note(connection, clock, 3)
            assert seal_batch(connection, [AUDIT], clock.now()) == 3
    return engine


def test_an_untouched_chain_holds(sealed: Engine) -> None:
    """Nothing changed, nothing found; rows not yet sealed are no fault."""
    assert faults(sealed) == []
    with writing(sealed) as connection:
        note(connection, FixedClock(connection.execute(select(AUDIT.c.at)).scalars().first()), 2)  # type: ignore[arg-type]
    assert faults(sealed) == []


def test_sealing_again_seals_only_what_is_new(sealed: Engine, clock: FixedClock) -> None:
    """Without new rows there is no new seal."""
    with writing(sealed) as connection:
        assert seal_batch(connection, [AUDIT], clock.now()) == 0
        assert len(connection.execute(select(SEALS)).all()) == 3


BROKEN: list[tuple[Callable[[Connection], object], list[tuple[int, str]]]] = [
    (lambda c: c.execute(update(AUDIT).where(AUDIT.c.id == 5).values(actor="lj")), [(2, "digest")]),
    (lambda c: c.execute(update(AUDIT).where(AUDIT.c.id == 9).values(detail=" ")), [(3, "digest")]),
    (lambda c: c.execute(delete(AUDIT).where(AUDIT.c.id == 2)), [(1, "rows")]),
    (lambda c: c.execute(delete(SEALS).where(SEALS.c.id == 2)), [(3, "link")]),
    (lambda c: c.execute(delete(SEALS).where(SEALS.c.id == 1)), [(2, "link")]),
    (lambda c: c.execute(update(SEALS).where(SEALS.c.id == 2).values(digest="0" * 64)), [(2, "link"), (2, "digest")]),
    (lambda c: c.execute(update(SEALS).where(SEALS.c.id == 2).values(link="0" * 64)), [(2, "link"), (3, "link")]),
    (lambda c: c.execute(update(SEALS).where(SEALS.c.id == 1).values(last_id=2)), [(1, "link"), (1, "rows")]),
    (lambda c: c.execute(update(SEALS).where(SEALS.c.id == 3).values(table_name="x")), [(3, "link"), (3, "table")]),
]


@pytest.mark.parametrize(("act", "found"), BROKEN)
def test_whatever_is_tampered_with_is_located(
    sealed: Engine, act: Callable[[Connection], object], found: list[tuple[int, str]]
) -> None:
    """A changed byte, a row or a seal taken out, a changed digest, link, range or table: the seal is named."""
    with writing(sealed) as connection:
        act(connection)
    assert faults(sealed) == found


def test_a_row_put_in_afterwards_is_located(engine: Engine, clock: FixedClock) -> None:
    """A gap in the numbers is sealed as a gap: nothing can be put into it later."""
    with writing(engine) as connection:
        note(connection, clock, 3)
        connection.execute(delete(AUDIT).where(AUDIT.c.id == 2))
        seal_batch(connection, [AUDIT], clock.now())
    assert faults(engine) == []
    with writing(engine) as connection:
        connection.execute(insert(AUDIT).values(id=2, at=clock.now(), actor="x", action="y", object="z", detail=""))
    with reading(engine) as connection:
        assert list(verify(connection, [AUDIT])) == [Fault(1, "audit", 1, 3, "rows")]


def test_erasing_a_person_leaves_the_chain_whole(engine: Engine, clock: FixedClock, keys: MasterKeys) -> None:
    """The chain runs over ciphertext: destroying the key that opens it changes no sealed row."""
    key, wrapped = keys.new_key()
    values = {"id": 1, "uid": "u", "mode": "drill", "index_key": wrapped, "created_at": clock.now()}
    with writing(engine) as connection:
        connection.execute(insert(INSTANCE).values(values))
        words = seal(key, "王伟在卢萨卡", "audit.detail/1").hex()
        audit.record(connection, actor="li", action="send", subject="notice/1", now=clock.now(), detail=words)
        seal_batch(connection, [AUDIT], clock.now())
        connection.execute(update(INSTANCE).values(index_key=b""))
    assert faults(engine) == []


def test_several_tables_share_one_chain(engine: Engine, clock: FixedClock, keys: MasterKeys) -> None:
    """Bytes and times of every table are covered, and each seal hangs on the one before, of whichever table."""
    values = {"id": 1, "uid": "u", "mode": "drill", "index_key": bytes(range(256)), "created_at": clock.now()}
    with writing(engine) as connection:
        connection.execute(insert(INSTANCE).values(values))
        note(connection, clock, 2)
        assert seal_batch(connection, [AUDIT, INSTANCE], clock.now()) == 3
    assert faults(engine) == []
    with writing(engine) as connection:
        connection.execute(update(INSTANCE).values(index_key=bytes(256)))
    assert faults(engine) == [(2, "digest")]


def test_two_who_seal_at_once_do_not_fork_the_chain(engine: Engine, clock: FixedClock) -> None:
    """The second waits for the first, and finds nothing left to seal."""
    with writing(engine) as connection:
        note(connection, clock, 3)
    counts: list[int] = []

    def second() -> None:
        with writing(engine) as connection:
            counts.append(seal_batch(connection, [AUDIT], clock.now()))

    other = threading.Thread(target=second)
    with writing(engine) as connection:
        assert seal_batch(connection, [AUDIT], clock.now()) == 3
        other.start()
        other.join(0.3)
        assert other.is_alive()
    other.join(10)
    assert (counts, faults(engine)) == ([0], [])


def test_a_row_is_written_the_same_on_every_database(clock: FixedClock) -> None:
    """Times in UTC, bytes in hex, keys of JSON in order: one row, one text."""
    row = (1, clock.now(), b"\x00\xff", memoryview(b"ab"), {"b": 1, "a": "中"}, None, True)
    assert (
        canonical(row) == '[1,"2026-11-22T00:00:00.000000+00:00","00ff","6162",{"a":"中","b":1},null,true]\n'.encode()
    )
