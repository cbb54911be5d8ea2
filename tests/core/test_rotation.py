"""Rotation of the master key: everything opens afterwards, nothing with the old key, whatever happens in between."""

from __future__ import annotations

import base64
import stat
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from sqlalchemy import Column, Engine, Integer, LargeBinary, MetaData, Table, insert, select, update

from core import rotation
from core.database import reading, writing
from core.errors import StoreBusy, WrongUse
from core.keys import KeyGone, MasterKeys, fresh_key, replace_key_file
from core.rotation import await_older, next_name, rotate_file, rotate_given

ROOT = Path(__file__).resolve().parents[2]
BOXES = Table("box", MetaData(), Column("id", Integer, primary_key=True), Column("wrapped", LargeBinary))
COLUMNS = (BOXES.c.wrapped,)


def put(engine: Engine, keys: MasterKeys, count: int) -> dict[int, bytes]:
    """Write so many wrapped keys; return the keys in clear by number."""
    with writing(engine) as connection:
        BOXES.create(connection, checkfirst=True)
        first = len(connection.execute(select(BOXES.c.id)).all()) + 1
        made = {number: keys.new_key() for number in range(first, first + count)}
        connection.execute(insert(BOXES), [{"id": n, "wrapped": wrapped} for n, (_, wrapped) in made.items()])
    return {number: key for number, (key, _) in made.items()}


def opened(engine: Engine, keys: MasterKeys) -> dict[int, bytes]:
    """Return what opens with these master keys."""
    found = {}
    with reading(engine) as connection:
        for row in connection.execute(select(BOXES)):
            try:
                found[row.id] = keys.unwrap(row.wrapped)
            except KeyGone:
                continue
    return found


@pytest.fixture
def key_file(tmp_path: Path) -> Path:
    """Give a key file with one master key."""
    path = tmp_path / "keys" / "master.keys"
    path.parent.mkdir()
    replace_key_file(path, [fresh_key("k1")])
    return path


def test_after_a_rotation_the_old_key_opens_nothing(engine: Engine, key_file: Path) -> None:
    """Every key opens with the new master key alone, and the old one is neither in the file nor good for anything."""
    old = MasterKeys.from_file(key_file)
    kept = MasterKeys(dict(old.keys), old.current)
    clear = put(engine, old, 25)
    done = rotate_file(engine, key_file, COLUMNS, batch=10)
    assert (done.current, done.rewrapped, done.retired, done.damaged) == ("k2", 25, ("k1",), ())
    new = MasterKeys.from_file(key_file)
    assert (list(new.keys), opened(engine, new), opened(engine, kept)) == (["k2"], clear, {})
    assert stat.S_IMODE(key_file.stat().st_mode) == 0o600
    assert [path.name for path in key_file.parent.iterdir()] == ["master.keys"]


def test_each_rotation_makes_a_key_of_a_new_name(engine: Engine, key_file: Path) -> None:
    """A second rotation goes on to the next name: a wrapped key knows its master by name."""
    clear = put(engine, MasterKeys.from_file(key_file), 3)
    assert [rotate_file(engine, key_file, COLUMNS).current for _ in range(3)] == ["k2", "k3", "k4"]
    assert opened(engine, MasterKeys.from_file(key_file)) == clear
    assert [next_name(name) for name in ("k9", "office", "2026")] == ["k10", "office2", "2027"]


def test_a_running_process_goes_on_with_the_new_key(engine: Engine, key_file: Path) -> None:
    """Who has the old keys in memory reads what was wrapped anew, and wraps with the new key from then on."""
    running = MasterKeys.from_file(key_file)
    clear = put(engine, running, 5)
    rotate_file(engine, key_file, COLUMNS)
    assert opened(engine, running) == clear
    _, wrapped = running.new_key()
    assert wrapped.startswith(b"k2:")
    assert list(running.keys) == ["k2"]


def test_a_run_that_was_interrupted_is_gone_on_with(engine: Engine, key_file: Path) -> None:
    """With two keys in the file no third is made: the run goes on where the other one was killed."""
    keys = MasterKeys.from_file(key_file)
    clear = put(engine, keys, 4)
    replace_key_file(key_file, [fresh_key("k2"), *key_file.read_text().split()])
    clear |= put(engine, MasterKeys.from_file(key_file), 3)
    done = rotate_file(engine, key_file, COLUMNS)
    assert (done.current, done.rewrapped, done.retired) == ("k2", 4, ("k1",))
    assert opened(engine, MasterKeys.from_file(key_file)) == clear


def test_a_destroyed_key_does_not_come_back(engine: Engine, key_file: Path) -> None:
    """Erasure between reading and writing of a batch wins: what is null stays null."""
    keys = MasterKeys.from_file(key_file)
    put(engine, keys, 6)
    with writing(engine) as connection:
        connection.execute(update(BOXES).where(BOXES.c.id == 2).values(wrapped=None))
    rotate_file(engine, key_file, COLUMNS, batch=2)
    assert set(opened(engine, MasterKeys.from_file(key_file))) == {1, 3, 4, 5, 6}


def test_a_damaged_key_keeps_the_old_master_key(engine: Engine, key_file: Path) -> None:
    """What opens with no key is named; all others are wrapped anew, and the old master key stays until that is settled."""
    keys = MasterKeys.from_file(key_file)
    clear = put(engine, keys, 5)
    with writing(engine) as connection:
        connection.execute(update(BOXES).where(BOXES.c.id == 3).values(wrapped=b"k1:" + bytes(60)))
    done = rotate_file(engine, key_file, COLUMNS)
    assert (done.damaged, done.retired, done.rewrapped) == ((("box", 3),), (), 4)
    both = MasterKeys.from_file(key_file)
    assert list(both.keys) == ["k2", "k1"]
    del clear[3]
    assert opened(engine, both) == clear


def test_people_who_join_meanwhile_are_not_lost(engine: Engine, key_file: Path) -> None:
    """While another thread writes new keys all the time, a rotation ends, and every one of them opens."""
    running = MasterKeys.from_file(key_file)
    clear = put(engine, running, 40)
    stop = threading.Event()

    def join() -> None:
        while not stop.is_set():
            clear.update(put(engine, running, 2))
            time.sleep(0.002)

    other = threading.Thread(target=join)
    other.start()
    try:
        rotate_file(engine, key_file, COLUMNS, batch=5)
    finally:
        stop.set()
        other.join()
    assert opened(engine, MasterKeys.from_file(key_file)) == clear
    assert len(clear) > 40


def test_an_open_transaction_is_waited_for(engine: Engine, key_file: Path) -> None:
    """On PostgreSQL a transaction that began before may hold a key under the old master key: the rotation waits, then gives up."""
    if engine.dialect.name == "sqlite":
        return await_older(engine, patience=0)  # there is one writer at a time, so there is nothing to wait for
    with writing(engine) as connection:
        connection.execute(select(1))
        with pytest.raises(StoreBusy, match="still open"):
            await_older(engine, patience=0.3)
    return await_older(engine, patience=0.3)


def test_two_rotations_at_once_are_one(engine: Engine, key_file: Path) -> None:
    """The second one is told that another is running."""
    put(engine, MasterKeys.from_file(key_file), 1)
    with rotation._alone(key_file), pytest.raises(StoreBusy, match="Another rotation"):
        rotate_file(engine, key_file, COLUMNS)


def test_keys_given_in_the_settings(engine: Engine) -> None:
    """With keys from the environment the first one takes over, and the others are named as not needed; one key is not enough."""
    one, two = (base64.b64decode(fresh_key("x").partition(":")[2]) for _ in range(2))
    clear = put(engine, MasterKeys({"a": one}, "a"), 7)
    with pytest.raises(WrongUse):
        rotate_given(engine, MasterKeys({"a": one}, "a"), COLUMNS)
    done = rotate_given(engine, MasterKeys({"b": two, "a": one}, "b"), COLUMNS, batch=3)
    assert (done.current, done.rewrapped, done.retired) == ("b", 7, ("a",))
    assert opened(engine, MasterKeys({"b": two}, "b")) == clear
    assert opened(engine, MasterKeys({"a": one}, "a")) == {}


KILLED = """
import sys
from pathlib import Path
from core.database import open_engine
from core.rotation import rotate_file
from tests.core.test_rotation import COLUMNS
rotate_file(open_engine(sys.argv[1]), Path(sys.argv[2]), COLUMNS, batch=1)
"""


def wrapped_anew(engine: Engine) -> int:
    """Count what is wrapped by the second master key."""
    with reading(engine) as connection:
        return sum(row.wrapped.startswith(b"k2:") for row in connection.execute(select(BOXES)))


def test_killed_at_any_moment(engine: Engine, key_file: Path) -> None:
    """Killed three times in the middle, every key opens with what is in the file each time, and the next run ends it."""
    clear = put(engine, MasterKeys.from_file(key_file), 900)
    url = engine.url.render_as_string(hide_password=False)
    for part in (1, 100, 250):
        command = [sys.executable, "-W", "ignore", "-c", KILLED, url, str(key_file)]
        with subprocess.Popen(command, cwd=ROOT) as process:
            until = time.monotonic() + 60
            while wrapped_anew(engine) < part and process.poll() is None and time.monotonic() < until:
                time.sleep(0.01)
            process.kill()
        keys = MasterKeys.from_file(key_file)
        assert (list(keys.keys), opened(engine, keys)) == (["k2", "k1"], clear)
        assert part <= wrapped_anew(engine) < len(clear)
    rotate_file(engine, key_file, COLUMNS)
    last = MasterKeys.from_file(key_file)
    assert (list(last.keys), opened(engine, last)) == (["k2"], clear)
