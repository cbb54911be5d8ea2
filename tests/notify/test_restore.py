"""A backup in the middle of a send, restored elsewhere: nothing is lost, nothing is sent twice, and a copy never sends unasked."""

from __future__ import annotations

import asyncio
import uuid
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.engine import URL

from core.backup.sealing import RecoveryKey, new_recovery_key
from core.clock import FixedClock, SystemClock
from core.database import reading, set_mode, writing
from core.errors import WrongUse
from core.keys import MasterKeys
from core.settings import load
from core.tables import Audit, Mode, table
from notify import engine as sending
from notify import proof
from notify.backups import back_up
from notify.channels.base import Answer, Channel, NoLookup, NotSent, Outgoing, ProviderStatus, Result
from notify.channels.base import CannotTell as Cannot
from notify.dispatch import Dispatcher
from notify.ledger.check import check
from notify.office import Office, open_office
from notify.providers import open_channels
from notify.restore import restore
from notify.restoring import settle_in, switch
from notify.safety.links import Links
from notify.sandbox.running import Running, running
from notify.store import modes
from notify.store.alerts import instance
from notify.store.restoring import ROOM
from notify.tables import Attempt, Delivery
from registry.enrol import index_key
from tests.databases import tell
from tests.notify.sending.house import (
    ACCEPTED,
    READY,
    UNKNOWN,
    UNRESOLVED,
    House,
    Scripted,
    enrol_people,
    house,
    numbers,
)

PEOPLE, AT_BACKUP, AT_DEATH = 40, 9, 24
KEY = new_recovery_key()


@dataclass
class Mortal:
    """A channel of the old machine: a backup is taken in the middle of its calls, and after some more it makes none."""

    inner: Channel
    backup: Path
    office: Office
    calls: int = 0
    done: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self.name, self.provider, self.endpoint = self.inner.name, self.inner.provider, self.inner.endpoint

    async def send(self, notice: Outgoing) -> Result:
        self.calls += 1
        if self.calls > AT_DEATH:
            return NotSent("gone", retry_after=86_400.0)
        if self.calls == AT_BACKUP:
            office = self.office
            await asyncio.to_thread(back_up, office.engine, office.settings, office.clock.now(), self.backup)
        return await self.inner.send(notice)

    async def lookup(self, notice: Outgoing, since: datetime) -> Answer:
        return Cannot("the machine is on its last legs")

    async def status(self, provider_id: str) -> ProviderStatus | Cannot:
        return Cannot("the machine is on its last legs")

    async def close(self) -> None:
        await self.inner.close()


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """One sandbox for this file."""
    with running(tmp_path_factory.mktemp("sandbox"), faults="step=0") as one:
        yield one


@pytest.fixture(params=["sqlite-to-postgres", "postgres-to-sqlite"])
def places(request: pytest.FixtureRequest, postgres_server: URL) -> Iterator[tuple[str, str]]:
    """Give the addresses of the database before and after: of different kinds. Empty: SQLite in the home directory."""
    name = f"test_{uuid.uuid4().hex}"
    tell(postgres_server, f"CREATE DATABASE {name}")
    server = postgres_server.set(database=name).render_as_string(hide_password=False)
    yield ("", server) if request.param == "sqlite-to-postgres" else (server, "")
    tell(postgres_server, f"DROP DATABASE {name} WITH (FORCE)")


def opened(home: Path, database: str, sandbox: Running, key: RecoveryKey = KEY) -> Office:
    """Open an office whose providers are in the sandbox."""
    return open_office(
        load(
            home=home, database_url=database, twilio_base_url=sandbox.url, smtp_host="127.0.0.1", smtp_port=sandbox.mail_port,
            channels=("sms",), grace=0.2, lease=30.0, dispatch_concurrency=4, backup_recipient=key.public, poll_after=86_400.0,
        ),
        SystemClock(),
    )  # fmt: skip


def send(office: Office, within: float = 20.0) -> sending.Sent:
    """Run the engine until nothing is left for a machine."""
    return asyncio.run(sending.run(office.tools(), moment=office.clock.now(), within=timedelta(seconds=within)))


async def until_it_dies(old: House, channel: Mortal) -> None:
    """Send on the old machine until it makes no more calls."""
    await Dispatcher(old.office.tools()).drain(old.office.clock.now())
    await channel.close()


def test_a_backup_during_a_send_restored_elsewhere(tmp_path: Path, places: tuple[str, str], sandbox: Running) -> None:
    """The old machine goes on after the backup and dies; the copy, on another kind of database, sends only what was not sent."""
    sandbox.reset()
    before, after = places
    old = House(opened(tmp_path / "old", before, sandbox))
    with writing(old.office.engine) as connection:
        set_mode(connection, Mode.LIVE)
    enrol_people(old, numbers(PEOPLE))
    old.release()
    backup = tmp_path / "safe" / "one.age"
    sms = Mortal(open_channels(old.office.settings, Mode.LIVE)["sms"], backup, old.office)
    asyncio.run(until_it_dies(old.with_channels(sms), sms))
    sent_by_old = Counter(one.to for one in sandbox.messages())
    assert len(sent_by_old) == AT_DEATH
    assert set(sent_by_old.values()) == {1}
    old.office.engine.dispose()

    settings = load(home=tmp_path / "new", database_url=after)
    report = restore(settings, backup, KEY.secret, old.office.clock.now())
    assert report.holds, report
    new = House(opened(tmp_path / "new", after, sandbox))
    office = new.office
    known = Counter(new.states())
    assert known[ACCEPTED] < AT_DEATH
    assert known[READY] > PEOPLE - AT_DEATH

    send(office, within=1.0)  # in drill: nothing leaves, and nothing is given up
    assert Counter(one.to for one in sandbox.messages()) == sent_by_old
    assert {row.reason for row in new.rows() if row.state == READY} == {"mode:live"}
    with pytest.raises(WrongUse, match="copy out of a backup"):
        switch(office, Mode.LIVE, by="chief")
    with reading(office.engine) as connection:
        assert instance(connection).mode == Mode.DRILL

    done = switch(office, Mode.LIVE, by="chief", is_the_live_one=True)
    assert done.in_doubt == sum(row.state == UNKNOWN for row in new.rows()) > PEOPLE - AT_DEATH
    send(office)
    everybody = Counter(one.to for one in sandbox.messages())
    assert everybody == Counter(dict.fromkeys(numbers(PEOPLE), 1))
    assert Counter(new.states()) - Counter({"canceled": 1}) == Counter({ACCEPTED: PEOPLE})
    with writing(office.engine) as connection:
        proof.seal(connection, office.clock.now())
    with reading(office.engine) as connection:
        books = check(connection, office.archive, links=Links.under(index_key(connection, office.keys)))
        actions = connection.execute(select(table(Audit).c.action).order_by(table(Audit).c.id)).scalars().all()
        here = instance(connection)
    assert books.holds
    assert books.texts > 0
    assert {"instance.restore", "instance.claim", "instance.mode"} <= set(actions)
    assert (here.unclaimed, here.mode) == (False, Mode.LIVE)
    office.engine.dispose()


@pytest.fixture
def empty(engine: Engine, tmp_path: Path, clock: FixedClock, keys: MasterKeys) -> House:
    """An office with nobody in it."""
    return house(engine, tmp_path, clock, keys, dispatch_concurrency=8)


def as_copy(home: House, *, level: int) -> House:
    """Release an alert to two people in mode live, and turn the office into a restored copy."""
    office = home.office
    with writing(office.engine) as connection:
        set_mode(connection, Mode.LIVE)
    enrol_people(home, numbers(2))
    home.release(level)
    home.put(state="ready", reason="", not_before=None)  # awake, whatever the hour
    now = office.clock.now()
    assert isinstance(office.clock, FixedClock)
    office.clock.advance(timedelta(hours=1))
    with writing(office.engine) as connection:
        settle_in(connection, office.clock.now(), now)
    return home


@pytest.mark.parametrize(("level", "calls", "states"), [(3, 0, {UNRESOLVED}), (4, 2, {ACCEPTED})])
def test_what_cannot_be_asked_follows_the_severity(empty: House, level: int, calls: int, states: set[str]) -> None:
    """Of a channel that cannot be asked, a restored notice is sent again and marked at level 4, and else left to an officer."""
    home = as_copy(empty, level=level)
    sms = Scripted(found=lambda notice: NoLookup())
    home = home.with_channels(sms)
    home.run()
    assert sms.calls == []
    switch(home.office, Mode.LIVE, by="chief", is_the_live_one=True)
    assert isinstance(home.office.clock, FixedClock)
    home.office.clock.advance(timedelta(minutes=2))
    home.run()
    home.drain()
    rows = [row for row in home.rows() if row.version_id]
    assert ({row.state for row in rows}, len(sms.calls)) == (states, calls)
    assert {row.doubtful for row in rows} == {level == 4}


def test_the_provider_is_asked_about_all_the_time_since_the_backup(empty: House) -> None:
    """The attempt that the other instance may have made is on record, from the moment of the backup, and names no worker."""
    home = as_copy(empty, level=4)
    backup_at = home.office.clock.now() - timedelta(hours=1)
    switch(home.office, Mode.LIVE, by="chief", is_the_live_one=True)
    with reading(home.office.engine) as connection:
        rows = connection.execute(select(table(Attempt))).all()
    assert {(row.worker, row.started_at, row.no) for row in rows} == {("restored", backup_at, 1)}


def test_what_waits_for_the_morning_still_does(empty: House) -> None:
    """A notice whose hour has not come was sent by nobody: it is no doubt. One whose hour came since the backup is."""
    home = as_copy(empty, level=3)
    now = home.office.clock.now()
    rows = home.rows()
    moments = {rows[0].id: now - timedelta(minutes=5), rows[1].id: now + timedelta(hours=5)}
    with writing(home.office.engine) as connection:
        for number, moment in moments.items():
            one = table(Delivery)
            connection.execute(
                one.update().where(one.c.id == number).values(state="planned", reason="quiet", not_before=moment)
            )
    switch(home.office, Mode.LIVE, by="chief", is_the_live_one=True)
    assert home.states()[:2] == [UNKNOWN, "planned"]


def test_new_notices_are_numbered_far_from_the_old_ones(empty: House) -> None:
    """The other instance may have given the next numbers to other people: reference codes and links must not mean two."""
    home = as_copy(empty, level=4)
    highest = max(row.id or 0 for row in home.rows() if row.version_id)
    home.release(4)
    new = [row.id or 0 for row in home.rows() if row.version_id][2:]
    assert len(new) == 2
    assert min(new) > highest + ROOM - 1


def test_a_drill_of_the_other_machine_is_called_off(empty: House) -> None:
    """Nobody goes on with an exercise of another machine."""
    with writing(empty.office.engine) as connection:
        set_mode(connection, Mode.DRILL)
    enrol_people(empty, numbers(1))
    empty.release()
    with writing(empty.office.engine) as connection:
        settle_in(connection, empty.office.clock.now(), empty.office.clock.now())
    assert [(row.state, row.reason) for row in empty.rows() if row.version_id] == [("canceled", "restored")]


def test_live_notices_wait_in_a_drill_and_go_on(empty: House) -> None:
    """An office that is put into drill in the middle of a send loses nothing: it waits, past its validity too, and goes on."""
    with writing(empty.office.engine) as connection:
        set_mode(connection, Mode.LIVE)
    enrol_people(empty, numbers(2))
    version = empty.release(4, valid_hours=24)
    with writing(empty.office.engine) as connection:
        set_mode(connection, Mode.DRILL)
    sms = Scripted()
    home = empty.with_channels(sms)
    home.run(within=5.0)
    assert [(row.state, row.reason) for row in home.rows()] == [(READY, "mode:live")] * 2
    with reading(home.office.engine) as connection:
        assert modes.held_now(connection) == {version}
        assert [gap.kind for gap in proof.gaps(connection)] == ["mode-held"]
    switch(home.office, Mode.LIVE, by="chief")
    home.run()
    assert (home.states(), len(sms.calls)) == ([ACCEPTED] * 2, 2)
