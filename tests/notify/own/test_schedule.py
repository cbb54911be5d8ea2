"""Schedules: released once, at their moment, if approved by then; never after their time; and somebody hears of what was not sent."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from sqlalchemy import select

from core.database import reading, writing
from core.errors import BadInput
from core.tables import table
from notify import alerts
from notify.duty.tables import DutyPage
from notify.office import Office
from notify.own import schedule, store
from notify.own.schedule import Due, release_due
from notify.tables import AlertStatus
from registry.people import NewPosting
from tests.notify.alerts.scene import OFFICER, Scene, person
from tests.notify.own.forms import approved, released, written

HOUR = timedelta(hours=1)
ONE, TWO = "+260977000001", "+260977000002"


def planned(scene: Scene, **form: object) -> int:
    """Write a draft that is to leave in an hour, and not later than two hours after."""
    return written(scene, send_at=scene.clock.now() + HOUR, expire_hours=2, **form)


def state(scene: Scene) -> list[str]:
    """Return the states of all schedules, the newest first."""
    with reading(scene.engine) as connection:
        return [one.state for one in store.schedules(connection)]


def pages(scene: Scene) -> list[tuple[str, bool]]:
    """Return the cause of each page and whether it is open."""
    c = table(DutyPage).c
    with reading(scene.engine) as connection:
        return [
            (row.cause, row.settled_at is None)
            for row in connection.execute(select(c.cause, c.settled_at).order_by(c.id))
        ]


def test_it_leaves_at_its_moment_to_who_is_there_then(scene: Scene, office: Office) -> None:
    """Nothing before its moment; then once, to who has come since the draft and not to who has left; a second sweep does nothing."""
    [left] = scene.enrol(person(sms=(ONE,)))
    version = approved(scene, planned(scene))
    assert release_due(office, scene.clock.now()) == Due()
    [came] = scene.enrol(person(sms=(TWO,), name="猪八戒"))
    scene.move_home(left)
    scene.clock.advance(HOUR)
    assert release_due(office, scene.clock.now()) == Due(released=(1,))
    assert release_due(office, scene.clock.now()) == Due()
    assert (scene.people(version), len(scene.notices(version)), state(scene)) == ([came], 1, ["sent"])
    assert pages(scene) == []


def test_who_leaves_for_it_by_then_is_told(scene: Scene, office: Office) -> None:
    """Whereabouts are those of the day it leaves: a journey that was too far ahead when it was written counts."""
    soon = (scene.clock.now() + timedelta(days=20)).date()
    [traveller] = scene.enrol(person(NewPosting("ZM", date_from=soon, status="planned"), sms=(ONE,)))
    version = approved(scene, written(scene, send_at=scene.clock.now() + timedelta(days=10)))
    scene.clock.advance(timedelta(days=10))
    assert release_due(office, scene.clock.now()) == Due(released=(1,))
    assert scene.people(version) == [traveller]


def test_what_is_not_approved_waits_and_somebody_is_called(scene: Scene, office: Office) -> None:
    """At its moment the duty officer is called once; approved late it leaves, and the call is over."""
    scene.enrol(person(sms=(ONE,)))
    version = planned(scene)
    scene.clock.advance(HOUR)
    assert release_due(office, scene.clock.now()) == Due(unapproved=(1,))
    assert release_due(office, scene.clock.now()) == Due(unapproved=(1,))
    assert pages(scene) == [("schedule/1", True)]
    approved(scene, version)
    assert release_due(office, scene.clock.now()) == Due(released=(1,))
    assert pages(scene) == [("schedule/1", False)]


@pytest.mark.parametrize("ready", [True, False], ids=["approved", "draft"])
def test_after_its_time_it_is_not_sent(scene: Scene, office: Office, ready: bool) -> None:
    """Found too late, even an approved alert is not sent; the officer is told once, and may still send it by hand."""
    scene.enrol(person(sms=(ONE,)))
    version = planned(scene)
    if ready:
        approved(scene, version)
    scene.clock.advance(3 * HOUR)
    assert release_due(office, scene.clock.now()) == Due(missed=(1,))
    assert release_due(office, scene.clock.now()) == Due()
    assert (scene.notices(version), state(scene), pages(scene)) == ([], ["missed"], [("schedule/1/missed", True)])
    if ready:
        assert released(scene, version) == 1


def test_two_sweeps_and_an_officer_release_it_once(scene: Scene, office: Office) -> None:
    """Two sweeps and an officer at the same moment: one release, one set of notices, and nobody is called about a failure."""
    scene.enrol(person(sms=(ONE,)), person(sms=(TWO,), name="猪八戒"))
    version = approved(scene, planned(scene))
    scene.clock.advance(HOUR)
    together, done = threading.Barrier(3), []

    def sweep() -> None:
        together.wait()
        done.extend(release_due(office, scene.clock.now()).released)

    def press() -> None:
        together.wait()
        try:
            with writing(scene.engine) as connection:
                alerts.release(connection, version, scene.acting(OFFICER))
            done.append(1)
        except BadInput:
            pass

    threads = [threading.Thread(target=one) for one in (sweep, sweep, press)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    release_due(office, scene.clock.now())
    assert (done, len(scene.notices(version)), pages(scene)) == ([1], 2, [])
    assert state(scene)[0] in {"sent", "withdrawn"}


def test_it_is_moved_and_taken_back(scene: Scene, office: Office) -> None:
    """A new moment takes the place of the old one; taken back it does not leave; cancelled or sent by hand it is over."""
    scene.enrol(person(sms=(ONE,)))
    version = approved(scene, planned(scene))
    with writing(scene.engine) as connection:
        schedule.set_schedule(connection, version, scene.clock.now() + 2 * HOUR, HOUR, scene.acting(OFFICER))
    scene.clock.advance(HOUR)
    assert release_due(office, scene.clock.now()) == Due()
    with writing(scene.engine) as connection:
        assert schedule.withdraw(connection, version, scene.acting(OFFICER))
        assert not schedule.withdraw(connection, version, scene.acting(OFFICER))
    scene.clock.advance(2 * HOUR)
    assert (release_due(office, scene.clock.now()), state(scene)) == (Due(), ["withdrawn", "withdrawn"])
    other = planned(scene)
    with writing(scene.engine) as connection:
        alerts.cancel(connection, other, scene.acting(OFFICER))
    scene.clock.advance(HOUR)
    assert (release_due(office, scene.clock.now()), state(scene)[0]) == (Due(), "withdrawn")
    assert scene.status(other) is AlertStatus.CANCELED


def test_a_moment_that_makes_no_sense_is_refused(scene: Scene) -> None:
    """What is over, or far ahead, is refused in words, and no draft is left behind."""
    for ahead in (timedelta(0), timedelta(days=31)):
        with pytest.raises(BadInput, match="nothing is scheduled"):
            written(scene, send_at=scene.clock.now() + ahead)
    assert state(scene) == []


def test_what_is_out_cannot_be_scheduled(scene: Scene) -> None:
    """A released alert leaves no second time by a schedule."""
    scene.enrol(person(sms=(ONE,)))
    version = approved(scene, written(scene))
    released(scene, version)
    with writing(scene.engine) as connection, pytest.raises(BadInput, match="this step is not open"):
        schedule.set_schedule(connection, version, scene.clock.now() + HOUR, HOUR, scene.acting(OFFICER))
