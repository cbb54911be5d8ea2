"""The ladder: who is written to over the next channel, when, and who is not; on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, Row, delete, update
from sqlmodel import SQLModel

from core.clock import FixedClock
from core.database import open_engine, reading, writing
from core.errors import BadInput
from core.keys import MasterKeys
from notify import alerts
from notify.grounds import Transfer
from notify.store import alerts as alert_store
from notify.store import ladder
from notify.store.ladder import Patience
from notify.store.outbox import DELIVERIES, LINKS, RECIPIENTS
from notify.tables import AlertStatus, DeliveryState
from registry import scope
from registry.actors import SYSTEM
from registry.enrol import Sealer, add_addresses
from registry.people import NewAddress, NewPerson, NewPosting
from tests.notify.alerts.scene import Scene, person
from tests.notify.made import draft
from tests.registry.people import CONSENT

ONE, TWO, THREE = "+260977000001", "+260977000002", "+260977000003"
LEVEL_3 = {"level": 3, "every_channel": False, "quiet": False, "ask_safe": False}
LEVEL_2 = LEVEL_3 | {"level": 2}
BOTH = ("sms", "email")
TEN_MINUTES = timedelta(minutes=10)


def agreeing() -> NewPerson:
    """Return somebody with a number and a mailbox who agreed to providers abroad."""
    return replace(person(sms=(ONE,), email=("a@example.com",)), consent=replace(CONSENT, foreign=True))


def climb(
    scene: Scene,
    version_id: int,
    *,
    by_time: bool = True,
    going: tuple[str, ...] = BOTH,
    moment: datetime | None = None,
) -> int:
    """Climb as the engine does, ten minutes being the patience."""
    now = scene.clock.now()
    with writing(scene.engine) as connection:
        version = alert_store.version(connection, version_id)
        plan = alerts.plan_of(connection, version, now, Transfer())
        plan = alerts.awake(connection, version, plan, moment or now)
        patience = Patience(now - TEN_MINUTES if by_time else None, going)
        return ladder.climb(connection, plan, scope.usable_addresses(SYSTEM), patience)


def steps(scene: Scene, version_id: int) -> list[tuple[str, int]]:
    """Return channel and step of every notice in the order they were made."""
    return [(one.channel, one.step) for one in sorted(scene.notices(version_id), key=lambda one: one.id)]


def settle(scene: Scene, notice: Row[Any], state: str, status: str = "") -> None:
    """Put one notice into a state, as its worker and its provider would have."""
    taken = scene.clock.now() if state == "accepted" else None
    with writing(scene.engine) as connection:
        query = update(DELIVERIES).where(DELIVERIES.c.id == notice.id)
        connection.execute(query.values(state=state, provider_status=status, accepted_at=taken, reason=""))


DONE = [
    # state, provider's word, minutes passed, climbs at level 2, climbs at level 3
    ("failed", "", 0, True, True),
    ("expired", "", 0, True, True),
    ("unresolved", "", 0, True, True),
    ("accepted", "undelivered", 0, True, True),
    ("accepted", "failed", 0, True, True),
    ("accepted", "delivered", 60, False, False),
    ("accepted", "read", 60, False, False),
    ("accepted", "sent", 9, False, False),
    ("accepted", "sent", 10, False, True),
    ("accepted", "", 10, False, True),
    ("ready", "", 9, False, False),
    ("ready", "", 10, False, True),
    ("sending", "", 10, False, True),
    ("unknown", "", 9, False, False),
    ("unknown", "", 10, False, True),
    ("unknown", "delivered", 10, False, False),
    ("planned", "", 60, False, False),
]


def test_when_the_next_step_comes(scene: Scene) -> None:
    """A refusal or a word that it did not arrive moves on at once; silence for ten minutes only from level 3 up; what arrived, or
    waits for the morning, never does."""
    scene.enrol(agreeing())
    begun = scene.clock.moment
    versions = {2: scene.by_rule(draft(**LEVEL_2)), 3: scene.by_rule(draft(**LEVEL_3, native_id="2026-11-21/two"))}
    for state, status, minutes, *moves in DONE:
        for (level, version), expected in zip(versions.items(), moves, strict=True):
            scene.clock.moment = begun
            with writing(scene.engine) as connection:
                made = DELIVERIES.c.version_id == version, DELIVERIES.c.step > 1
                connection.execute(delete(LINKS).where(LINKS.c.delivery_id.in_(DELIVERIES.select().with_only_columns(
                    DELIVERIES.c.id).where(*made))))  # fmt: skip
                connection.execute(delete(DELIVERIES).where(*made))
            [first] = scene.notices(version)
            settle(scene, first, state, status)
            scene.clock.advance(timedelta(minutes=minutes))
            got = climb(scene, version, by_time=level == 3)
            assert got == expected, (state, status, minutes, level)
            assert climb(scene, version, by_time=level == 3) == 0, "a second run plans nothing"


def test_the_steps_are_in_order(scene: Scene) -> None:
    """First the numbers in the order of the roster, then the mail; each once; after the last nothing more comes."""
    [one] = scene.enrol(person(sms=(TWO, ONE), email=("a@example.com",)))
    version = scene.by_rule(draft(**LEVEL_3))
    told = []
    for _ in range(4):
        notices = sorted(scene.notices(version), key=lambda notice: notice.id)
        told.append(notices[-1].address_id)
        settle(scene, notices[-1], "failed")
        climb(scene, version)
    assert steps(scene, version) == [("sms", 1), ("sms", 2), ("email", 3)]
    assert told == [*sorted(set(told)), told[-1]]
    assert len(scene.record_of(version, one)) == 3


def test_a_verified_number_goes_first(scene: Scene) -> None:
    """Of two addresses of the same preference the one that was proven is tried first."""
    proven = NewAddress("sms", TWO, 1, scene.clock.now())
    who = replace(person(), addresses=(proven, NewAddress("sms", ONE, 1)))
    scene.enrol(who)
    version = scene.by_rule(draft(**LEVEL_3))
    [notice] = scene.notices(version)
    with reading(scene.engine) as connection:
        used = scope.open_addresses(connection, SYSTEM, [notice.address_id], scene.keys)
    assert list(used.values()) == [TWO]


def test_a_foreman_who_got_it_ends_the_ladder_of_his_men(scene: Scene) -> None:
    """Of thirty behind one number nobody is written to again once it arrived there; before, each goes on to their own mail."""
    scene.enrol(*(person(sms=(ONE,), email=(f"w{n}@example.com",), name=f"工友{n}") for n in range(30)))
    version = scene.by_rule(draft(**LEVEL_3))
    [shared] = scene.notices(version)
    settle(scene, shared, "accepted", "delivered")
    scene.clock.advance(timedelta(hours=1))
    assert climb(scene, version) == 0
    settle(scene, shared, "failed")
    assert climb(scene, version) == 30
    assert steps(scene, version)[1:] == [("email", 2)] * 30


def test_two_who_fall_onto_one_number_share_a_notice(scene: Scene) -> None:
    """Two people whose own numbers failed and who gave the same second number get one notice there, for both."""
    people = scene.enrol(person(sms=(ONE, THREE)), person(sms=(TWO, THREE), name="猪八戒"))
    version = scene.by_rule(draft(**LEVEL_3))
    scene.set_state(version, DeliveryState.FAILED)
    assert climb(scene, version) == 1
    last = max(scene.notices(version), key=lambda notice: notice.id)
    assert (last.people, last.variant.partition(".")[0], last.step) == (2, "shared", 2)
    assert all(last.id in scene.record_of(version, one) for one in people)


def test_what_waits_for_a_stopped_channel_is_no_hope(scene: Scene) -> None:
    """When a channel is stopped, or a country cannot be reached over it, its people go on at any level."""
    scene.enrol(agreeing())
    version = scene.by_rule(draft(**LEVEL_2))
    assert climb(scene, version, by_time=False) == 0
    assert climb(scene, version, by_time=False, going=("email",)) == 1
    other = scene.by_rule(draft(**LEVEL_2, native_id="2026-11-21/two"))
    scene.set_state(other, DeliveryState.READY, reason="country-stopped:+260")
    assert climb(scene, other, by_time=False) == 1


def test_later_steps_keep_the_quiet_hours(scene: Scene) -> None:
    """A next step in the reader's night waits for the morning, as a first one does."""
    scene.enrol(person(NewPosting("ZM", zone="Africa/Lusaka"), sms=(ONE,), email=("a@example.com",)))
    scene.clock.moment = datetime(2026, 11, 21, 12, tzinfo=UTC)
    version = scene.by_rule(draft(**LEVEL_3 | {"quiet": True}, as_of=scene.clock.moment))
    settle(scene, scene.notices(version)[0], "failed")
    scene.clock.moment = datetime(2026, 11, 21, 21, tzinfo=UTC)
    assert climb(scene, version) == 1
    last = max(scene.notices(version), key=lambda notice: notice.id)
    assert (last.state, last.reason, last.not_before) == ("planned", "quiet", datetime(2026, 11, 22, 5, tzinfo=UTC))


def test_without_a_ground_there_is_no_next_step(scene: Scene) -> None:
    """A number that may not go to a provider abroad is no step, however long nothing is confirmed."""
    scene.enrol(person(sms=(ONE,), email=("a@example.com",)))
    version = scene.by_rule(draft(**LEVEL_2, channels=("email", "sms")))
    settle(scene, scene.notices(version)[0], "failed")
    assert climb(scene, version, by_time=False) == 0


def test_a_number_told_later_is_used(scene: Scene) -> None:
    """Who had no address when the alert went out, and has one now, gets the notice after all."""
    [one] = scene.enrol(person())
    version = scene.by_rule(draft(**LEVEL_3))
    assert scene.notices(version) == []
    with writing(scene.engine) as connection:
        wrapped = scope.person_key(connection, one)
        assert wrapped is not None
        sealer = Sealer(scene.keys, scene.index_key, "test", scene.clock.now())
        add_addresses(connection, sealer, [(one, scene.keys.unwrap(wrapped), NewAddress("sms", ONE))])
    assert climb(scene, version) == 1
    assert steps(scene, version) == [("sms", 1)]


def test_only_what_is_in_force_goes_on(scene: Scene) -> None:
    """A version that is cancelled, over, superseded or paused has no next step; one that was done is being sent again."""
    scene.enrol(person(sms=(ONE,), email=("a@example.com",)))
    version = scene.by_rule(draft(**LEVEL_3))
    now = scene.clock.now()

    def there() -> bool:
        with reading(scene.engine) as connection:
            return version in {one.id for one in ladder.in_force(connection, now)}

    assert there()
    table = alert_store.VERSIONS
    for values in ({"status": "canceled"}, {"send_by": now}, {"paused_at": now}):
        before = {name: getattr(scene.version(version), name) for name in values}
        with writing(scene.engine) as connection:
            connection.execute(update(table).values(**values))
        assert not there()
        with writing(scene.engine) as connection:
            connection.execute(update(table).values(**before))
    with writing(scene.engine) as connection:
        connection.execute(update(table).values(status="done"))
    settle(scene, scene.notices(version)[0], "failed")
    assert climb(scene, version) == 1
    assert scene.status(version) is AlertStatus.SENDING


def test_a_done_version_can_be_cancelled_while_it_is_valid(scene: Scene) -> None:
    """An officer ends the ladder of an alert that is done; of one that is over there is nothing to end."""
    scene.enrol(person(sms=(ONE,), email=("a@example.com",)))
    version = scene.by_rule(draft(**LEVEL_3))
    scene.set_state(version, DeliveryState.FAILED)
    with writing(scene.engine) as connection:
        connection.execute(update(alert_store.VERSIONS).values(status="done"))
        alerts.cancel(connection, version, scene.acting(SYSTEM))
    with reading(scene.engine) as connection:
        assert ladder.in_force(connection, scene.clock.now()) == []
    with writing(scene.engine) as connection:
        connection.execute(update(alert_store.VERSIONS).values(status="done"))
    with writing(scene.engine) as connection, pytest.raises(BadInput):
        alerts.cancel(connection, version, scene.acting(SYSTEM))


@pytest.fixture(scope="module")
def crowd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Scene, int]]:
    """Five people on SQLite with shared and own addresses, and a version of level 3 for them."""
    opened: Engine = open_engine(f"sqlite:///{tmp_path_factory.mktemp('ladder') / 'test.db'}")
    SQLModel.metadata.create_all(opened)
    keys = MasterKeys({"test": bytes(range(32))}, "test")
    made = Scene(opened, keys, bytes(range(32, 64)), FixedClock(datetime(2026, 11, 22, tzinfo=UTC)))
    made.open_for_business()
    made.enrol(
        person(sms=(ONE, TWO), email=("a@example.com",)), person(sms=(TWO,), email=("a@example.com", "b@example.com")),
        person(sms=(THREE, ONE)), person(email=("b@example.com",)), person(sms=(TWO,)),
    )  # fmt: skip
    yield made, made.by_rule(draft(**LEVEL_3))
    opened.dispose()


ENDS = [
    ("failed", ""),
    ("accepted", "delivered"),
    ("accepted", "undelivered"),
    ("accepted", "sent"),
    ("unknown", ""),
    ("ready", ""),
]


class Killed(Exception):
    """The process dies before its transaction is durable."""


def _crash(scene: Scene, version: int) -> None:
    try:
        with writing(scene.engine) as connection:
            stored = alert_store.version(connection, version)
            plan = alerts.plan_of(connection, stored, scene.clock.now(), Transfer())
            ladder.climb(connection, plan, scope.usable_addresses(SYSTEM), Patience(scene.clock.now(), BOTH))
            raise Killed
    except Killed:
        return


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    played=st.lists(
        st.tuples(st.sampled_from(["climb", "crash", "end"]), st.integers(0, 9), st.sampled_from(ENDS)), max_size=12
    )
)
def test_never_twice_and_never_after_arrival(
    crowd: tuple[Scene, int], played: list[tuple[str, int, tuple[str, str]]]
) -> None:
    """Whatever the notices come to, and however often somebody climbs or dies on the way: one notice a version, channel and
    address, steps that rise by one, and no new one to anybody who has a confirmed one."""
    scene, version = crowd
    with writing(scene.engine) as connection:
        later = DELIVERIES.c.step > 1
        connection.execute(delete(LINKS).where(LINKS.c.delivery_id.in_(
            DELIVERIES.select().with_only_columns(DELIVERIES.c.id).where(later))))  # fmt: skip
        connection.execute(delete(DELIVERIES).where(later))
    scene.set_state(version, DeliveryState.READY, provider_status="", accepted_at=None)
    for act, which, (state, status) in played:
        scene.clock.advance(timedelta(minutes=3))
        before = scene.notices(version)
        reached = _reached(scene, version)
        if act == "end":
            settle(scene, before[which % len(before)], state, status)
        elif act == "crash":
            _crash(scene, version)
            assert {one.id for one in scene.notices(version)} == {one.id for one in before}
        else:
            climb(scene, version)
            new = {one.id for one in scene.notices(version)} - {one.id for one in before}
            assert not any(new & set(_owned(scene, version, one)) and _only(scene, new, one) for one in reached)
    rows = scene.notices(version)
    assert len({(one.channel, one.address_index) for one in rows}) == len(rows)


def _reached(scene: Scene, version: int) -> set[int]:
    arrived = {one.id for one in scene.notices(version) if one.provider_status == "delivered"}
    return {one for one in scene.people(version) if arrived & set(scene.record_of(version, one))}


def _owned(scene: Scene, version: int, registrant_id: int) -> list[int]:
    return scene.record_of(version, registrant_id)


def _only(scene: Scene, new: set[int], registrant_id: int) -> bool:
    """Tell whether one of the new notices is for this person alone: then it was made for somebody who has it already."""
    with reading(scene.engine) as connection:
        for one in new:
            query = RECIPIENTS.join(LINKS, LINKS.c.recipient_id == RECIPIENTS.c.id).select()
            readers = [row.registrant_id for row in connection.execute(query.where(LINKS.c.delivery_id == one))]
            if readers == [registrant_id]:
                return True
    return False
