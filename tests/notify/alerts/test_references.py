"""Which rows of the register the proof of notices names: an undone roster must leave those, and a stale stay is marked."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from core.database import reading
from core.tables import table
from notify.store.outbox import RECIPIENTS
from notify.store.references import named
from registry.people import NewPosting
from registry.roster.undo import Kept
from registry.tables import Address
from tests.notify.alerts.scene import POSTINGS, Scene, person
from tests.notify.made import draft

ONE, TWO = "+8613800138001", "+8613800138002"


def test_what_a_notice_names_is_kept(scene: Scene) -> None:
    """The stay and the address of somebody told are named; those of somebody elsewhere are not."""
    told, elsewhere = scene.enrol(person(sms=(ONE,)), person(NewPosting("AO"), sms=(TWO,)))
    scene.by_rule(draft())
    addresses = table(Address)
    with reading(scene.engine) as connection:
        stays = dict(connection.execute(select(POSTINGS.c.registrant_id, POSTINGS.c.id)).tuples().all())
        ways = dict(connection.execute(select(addresses.c.registrant_id, addresses.c.id)).tuples().all())
        found = named(connection, postings=list(stays.values()), addresses=list(ways.values()))
        assert found == Kept(frozenset({stays[told]}), frozenset({ways[told]}))
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
