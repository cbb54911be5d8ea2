"""Which rows of the register the proof of notices names: an undone roster must leave those, and a stale stay is marked."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select, update

from core.database import reading, writing
from core.tables import table
from notify.store.alerts import ALERTS
from notify.store.deliveries import DELIVERIES
from notify.store.outbox import RECIPIENTS
from notify.store.references import named, told
from notify.tables import DeliveryState
from registry.people import NewPosting
from registry.roster.notices import Kept, TakenBack, Warned
from registry.tables import Address
from tests.notify.alerts.scene import POSTINGS, Scene, person
from tests.notify.made import draft

ONE, TWO = "+8613800138001", "+8613800138002"


def test_what_a_notice_names_is_kept(scene: Scene) -> None:
    """The stay and the address of somebody told are named; those of somebody elsewhere are not."""
    here, elsewhere = scene.enrol(person(sms=(ONE,)), person(NewPosting("AO"), sms=(TWO,)))
    scene.by_rule(draft())
    addresses = table(Address)
    with reading(scene.engine) as connection:
        stays = dict(connection.execute(select(POSTINGS.c.registrant_id, POSTINGS.c.id)).tuples().all())
        ways = dict(connection.execute(select(addresses.c.registrant_id, addresses.c.id)).tuples().all())
        found = named(connection, postings=list(stays.values()), addresses=list(ways.values()))
        assert found == Kept(frozenset({stays[here]}), frozenset({ways[here]}))
        assert named(connection, postings=[stays[elsewhere]], addresses=[]) == Kept()


def test_a_stale_stay_is_told_from_level_3_up_and_marked(scene: Scene) -> None:
    """Whom nobody confirmed for 90 days is no recipient of a draft of level 2, and a doubtful one of level 4."""
    (one,) = scene.enrol(person(sms=(ONE,)))
    scene.clock.advance(timedelta(days=100))
    low = scene.by_rule(draft(level=2, include_doubtful=False, as_of=scene.clock.now()))
    high = scene.by_rule(draft(level=4, include_doubtful=True, as_of=scene.clock.now()))
    with reading(scene.engine) as connection:
        query = select(RECIPIENTS.c.version_id, RECIPIENTS.c.registrant_id, RECIPIENTS.c.doubtful)
        assert connection.execute(query).tuples().all() == [(high, one, True)]
    assert low != high


def test_whom_warnings_concern(scene: Scene) -> None:
    """An alert in force concerns those it told; out of force, with no notice under way, it was told and concerns nobody."""
    here, elsewhere = scene.enrol(person(sms=(ONE,)), person(NewPosting("AO"), sms=(TWO,)))
    scene.by_rule(draft())
    with writing(scene.engine) as connection:
        alert = connection.execute(select(ALERTS.c.id)).scalar_one()
        now = scene.clock.now()
        assert told(connection, TakenBack([here, elsewhere], []), now) == Warned(frozenset({here}), (alert,), 1)
        assert told(connection, TakenBack([elsewhere], []), now) == Warned()
        connection.execute(update(ALERTS).values(closed_at=now))
        connection.execute(update(DELIVERIES).values(state=DeliveryState.ACCEPTED))
        assert told(connection, TakenBack([here], []), now) == Warned(frozenset({here}))
        connection.execute(update(DELIVERIES).values(state=DeliveryState.UNKNOWN))
        assert told(connection, TakenBack([here], []), now) == Warned(frozenset({here}), (alert,), 0, 1)
