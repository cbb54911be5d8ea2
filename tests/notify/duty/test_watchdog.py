"""The watchdog on an office at work: what it finds, that it pages once, and that it closes what is over."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, insert, update

from core.clock import FixedClock
from core.database import ensure_instance, reading, writing
from core.i18n import t
from core.settings import load
from core.tables import table
from notify import alerts, watchdog
from notify.channels.base import Accepted, InDoubt
from notify.channels.recorder import Recorder
from notify.duty import calling, drafts, store
from notify.office import Office
from notify.own.schedule import set_schedule, withdraw
from notify.safety import spool
from notify.store import alerts as alert_store
from notify.store.proof import begin_run, end_run
from notify.tables import AlertStatus, Delivery
from registry.actors import SYSTEM
from registry.people import Channel, NewAddress, NewPerson, NewPosting
from sources.catalog import is_on
from sources.model import Authority
from sources.tables import SourceState
from tests.notify.duty.desk import LAST
from tests.notify.made import draft
from tests.notify.proof.world import World, copy_of, open_world
from tests.registry.people import CONSENT

PLENTY = 50_000


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """An office without anybody; nobody may change it."""
    home = tmp_path_factory.mktemp("fresh") / "home"
    home.mkdir()
    made = open_world(home)
    yield made
    made.office.engine.dispose()


@pytest.fixture
def world(fresh: World, tmp_path: Path) -> Iterator[World]:
    """An office that is quiet and well: everything ran, and somebody can be called."""
    made = copy_of(fresh, tmp_path / "home")
    settings = load(home=made.home, channels="sms", lang="en", duty_phone=LAST)
    made.office = replace(made.office, settings=settings)
    made.clock.advance(timedelta(hours=12))
    keep_well(made)
    yield made
    made.office.engine.dispose()


def keep_well(world: World) -> None:
    """Let the night have ended, the sweep have run, and every home source have been read, now."""
    now = world.clock.now()
    with writing(world.office.engine) as connection:
        run = begin_run(connection, kind="night", as_of=now, now=now, actor="system")
        end_run(connection, run, status="Completed", summary={}, now=now)
        store.beat(connection, "sweep", now)
        connection.execute(table(SourceState).delete())
        connection.execute(
            insert(table(SourceState)), [{"source_id": one, "last_good_at": now} for one in homes(world.office)]
        )


def homes(office: Office) -> list[str]:
    """Return the home sources that are switched on."""
    cards = [one.CARD for one in office.sources.values()]
    return [card.id for card in cards if card.authority is Authority.HOME and is_on(card, office.settings)]


def watch(world: World, free: int = PLENTY) -> list[str]:
    """Let the watchdog make a round; return the causes of what needs a person."""
    found = watchdog.watch(world.office, free=lambda office: free).findings
    return [one.cause for one in found if one.wanted]


def open_causes(world: World) -> list[str]:
    """Return what somebody is wanted for."""
    with reading(world.office.engine) as connection:
        return [one.cause for one in store.open_pages(connection)]


def released(world: World, answer: Any) -> int:
    """Tell twenty people over a channel that answers so; return the alert."""
    world.enrol([
        NewPerson(f"n{number}", CONSENT, None, "zh", (NewPosting("ZM"),), (NewAddress(Channel.SMS, f"+26097000{number:04}", 1),))
        for number in range(20)
    ])  # fmt: skip
    world.office = world.office.with_channels({"sms": Recorder(answer=answer)})
    world.version_id = world.release(draft(quiet=False))
    world.send()
    return world.alert_id


def test_all_is_well(world: World) -> None:
    """Nothing is found where everything ran."""
    assert watchdog.look(world.office, world.clock.now(), free=lambda office: PLENTY) == []


def test_each_silence_is_paged_once_and_closed_by_itself(world: World) -> None:
    """Scheduler, home sources and disk: three pages, no more of them at the next round, and none when all is well again."""
    world.clock.advance(timedelta(minutes=91))
    assert watch(world, free=5) == ["watch/home", "watch/scheduler", "watch/disk"]
    first = watchdog.watch(world.office, free=lambda office: 5)
    assert (first.opened, first.settled) == (0, 0)
    keep_well(world)
    done = watchdog.watch(world.office, free=lambda office: PLENTY)
    assert (done.findings, done.opened, done.settled) == ((), 0, 3)
    with reading(world.office.engine) as connection:
        assert len(store.settled_since(connection, world.clock.now())) == 3, "the brief tells of them"


def test_only_its_own_pages_are_closed(world: World) -> None:
    """Somebody who needs help is never closed by the watchdog."""
    with writing(world.office.engine) as connection:
        store.open_page(connection, "help/1/2", t("{source} was never read.", source="x"), world.clock.now())
    watch(world)
    assert open_causes(world) == ["help/1/2"]


def test_a_page_nobody_answers_is_found(world: World) -> None:
    """Called twice over the time to answer and nobody knows: a finding, and no further page about the page."""
    world.clock.advance(timedelta(minutes=6))
    watch(world)
    world.clock.advance(timedelta(minutes=11))
    found = watchdog.look(world.office, world.clock.now(), free=lambda office: PLENTY)
    [one] = [one for one in found if "unanswered" in one.cause]
    assert (one.cause, one.wanted) == ("watch/unanswered/1", False)
    assert "Nobody could be called" in str(one.words), "no call has been made: nobody can have failed to answer"
    calling.call_due(world.office.with_channels({"sms": Recorder()}))
    found = watchdog.look(world.office, world.clock.now(), free=lambda office: PLENTY)
    assert "Nobody has answered" in str(next(one.words for one in found if "unanswered" in one.cause))


def test_an_alert_that_does_not_land(world: World) -> None:
    """Taken by the provider and never heard of: after its time a page; delivered at last, the page is closed."""
    alert = released(world, lambda notice: Accepted(f"SM{notice.delivery_id}", "queued"))
    assert watch(world) == []
    world.clock.advance(timedelta(minutes=16))
    keep_well(world)
    assert watch(world) == [f"watch/share/{alert}/{world.version_id}"]
    for row in world.deliveries():
        world.hear(row.id, "delivered")
    assert watch(world) == []
    assert open_causes(world) == []


@pytest.mark.parametrize("turn", ["not_before", "created_at"])
def test_whose_turn_has_just_come_is_not_late(world: World, turn: str) -> None:
    """Who slept until seven, or came after the release, has the same time as the others had: nobody is called at seven sharp."""
    alert = released(world, lambda notice: Accepted(f"SM{notice.delivery_id}", "queued"))
    world.clock.advance(timedelta(hours=4))
    now, row = world.clock.now(), table(Delivery)
    with writing(world.office.engine) as connection:
        connection.execute(update(row).values({"state": "planned", turn: now}))
    keep_well(world)
    assert watch(world) == []
    world.clock.advance(timedelta(minutes=16))
    keep_well(world)
    assert watch(world) == [f"watch/share/{alert}/{world.version_id}"]


def test_what_is_listed_counts_as_done(world: World) -> None:
    """Notices that failed, or wait for a budget, are listed elsewhere: the share is reached."""
    released(world, lambda notice: Accepted(f"SM{notice.delivery_id}", "delivered"))
    rows, row = world.deliveries(), table(Delivery)
    with writing(world.office.engine) as connection:
        connection.execute(update(row).where(row.c.id == rows[0].id).values(state="failed"))
        connection.execute(
            update(row).where(row.c.id == rows[1].id).values(state="ready", reason="country-stopped:sms:ZM")
        )
        connection.execute(
            update(row).where(row.c.id == rows[2].id).values(state="ready", reason="country-stopped:sms:ZM")
        )
    world.clock.advance(timedelta(minutes=16))
    keep_well(world)
    assert watch(world) == []


def test_doubt_that_lasts(world: World) -> None:
    """In doubt for longer than half an hour: the alert is named with how many."""
    alert = released(world, lambda notice: InDoubt("timeout"))
    world.clock.advance(timedelta(minutes=31))
    keep_well(world)
    assert f"watch/doubt/{alert}" in watch(world)


def test_drafts_that_may_not_wait(world: World) -> None:
    """Level 4 after ten minutes, one whose route says so at once, and neither once it is gone; level 2 never."""
    with writing(world.office.engine) as connection:
        acting = world.office.acting(SYSTEM)
        danger, urgent, calm = (
            alerts.open_alert(connection, replace(draft(level=level), rule=rule, origin_key=f"t{level}{rule}"), acting)
            for level, rule in ((4, "home-4"), (3, "home-unknown"), (2, "home-advice"))
        )
    assert danger
    assert urgent
    assert calm
    world.version_id = urgent
    assert watch(world) == [f"draft/{world.alert_id}"]
    world.clock.advance(timedelta(minutes=10))
    keep_well(world)
    assert len(watch(world)) == 2
    with writing(world.office.engine) as connection:
        assert not drafts.page_draft(connection, world.alert_id, "home-unknown", world.clock.now()), "open already"
        alerts.cancel(connection, urgent, world.office.acting(SYSTEM))
    assert len(watch(world)) == 1
    assert len(open_causes(world)) == 1


def test_what_leaves_by_its_schedule_calls_nobody(world: World) -> None:
    """Approved, of level 4, and to leave tomorrow: no person is needed, until its schedule is taken back."""
    acting = world.office.acting(SYSTEM)
    with writing(world.office.engine) as connection:
        number = alerts.open_alert(connection, draft(level=4), acting)
        assert number
        alert_store.move(connection, number, [AlertStatus.DRAFT], AlertStatus.APPROVED)
        set_schedule(connection, number, acting.now + timedelta(hours=20), timedelta(hours=2), acting)
    world.clock.advance(timedelta(minutes=30))
    keep_well(world)
    assert watch(world) == []
    with writing(world.office.engine) as connection:
        withdraw(connection, number, world.office.acting(SYSTEM))
    assert [one.partition("/")[0] for one in watch(world)] == ["draft"]


def test_the_duty_table(world: World) -> None:
    """No table and a number in the settings: well. Neither: nobody can be called, which stands in the brief."""
    bare = replace(world.office, settings=load(home=world.home, channels="sms", lang="en"))
    [one] = watchdog.look(bare, world.clock.now(), free=lambda office: PLENTY)
    assert (one.cause, one.wanted) == ("watch/duty", False)
    assert "Nobody can be called" in str(one.todo)


def test_a_clock_that_is_behind(world: World) -> None:
    """The ledger knows a later time than this machine: somebody must set it."""
    released(world, lambda notice: Accepted(f"SM{notice.delivery_id}", "delivered"))
    early = FixedClock(world.clock.now() - timedelta(minutes=5))
    found = watchdog.look(replace(world.office, clock=early), early.now(), free=lambda office: PLENTY)
    assert "watch/clock" in [one.cause for one in found]


def test_a_new_office_is_well(world: World, engine: Engine) -> None:
    """An office founded just now has nothing overdue, on either database."""
    empty = replace(world.office, engine=engine)
    ensure_instance(engine, empty.keys, world.clock.now())
    causes = [one.cause for one in watchdog.look(empty, world.clock.now(), free=lambda office: PLENTY)]
    assert causes == []


def test_an_answer_that_cannot_be_read_calls_somebody(world: World) -> None:
    """A file of the spool that did not open is found by name, with what to do, and is over when it is gone or can be read again."""
    assert watch(world) == []
    folder = world.office.settings.home / spool.FOLDER
    folder.mkdir(parents=True)
    (folder / "0a1b.json").write_text("{}")
    assert spool.drain(world.office.settings.home, lambda fields: None, world.office.keys) == 0
    assert watch(world) == ["watch/spool"]
    [one] = watchdog.look(world.office, world.clock.now(), free=lambda office: PLENTY)
    assert "0a1b.bad" in one.words.render("zh")
    assert "主密钥" in one.todo.render("zh")
    assert watch(world) == ["watch/spool"]
    assert open_causes(world) == ["watch/spool"]
    (folder / "0a1b.bad").unlink()
    assert watch(world) == []
    assert open_causes(world) == []
