"""A restored copy and what it reads: the instance before it may have read the same, and told people of it."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import insert, select

from core.database import reading, set_mode, writing
from core.tables import Mode, table
from notify import night
from notify.duty.tables import DutyPage
from notify.office import Office
from notify.own.schedule import Due, release_due
from notify.restoring import settle_in, switch
from notify.store.alerts import version
from registry.people import NewPosting
from sources import store as source_store
from sources.change import Comparison, Entry
from sources.model import AdvisoryChange, ChangeKind
from sources.tables import CaptureRow
from tests.notify.alerts.scene import Scene, person
from tests.notify.made import advisory, change
from tests.notify.own.forms import approved, written

HOUR = timedelta(hours=1)


def keep(scene: Scene, as_of: datetime, *changes: AdvisoryChange) -> None:
    """Write down changes, as a reading of the source in that night does, with the page they stood on."""
    result = Comparison(list(changes), {one.native_id: Entry(one.advisory, as_of) for one in changes})
    page = {
        "source_id": "cn-mfa",
        "url": "https://a.example/",
        "fetched_at": as_of,
        "as_of": as_of,
        "sha256": "0" * 64,
        "size": 1,
    }
    with writing(scene.engine) as connection:
        connection.execute(insert(table(CaptureRow)).values(content_type="", etag="", last_modified="", **page))
        known = source_store.entries(connection, "cn-mfa")
        source_store.save_comparison(connection, known, result, None, as_of)


def restored(scene: Scene) -> None:
    """Turn the office into a copy out of a backup of an hour ago, which nobody has claimed."""
    scene.clock.advance(HOUR)
    with writing(scene.engine) as connection:
        settle_in(connection, scene.clock.now(), scene.clock.now() - HOUR)


def pages(scene: Scene) -> list[str]:
    """Return what the duty officer is called for."""
    with reading(scene.engine) as connection:
        return list(connection.execute(select(table(DutyPage).c.cause)).scalars())


def test_what_a_copy_reads_first_waits_for_an_officer(scene: Scene, office: Office) -> None:
    """A rise that the instance before may have sent is a draft that calls the duty officer, once claimed; the next one goes by rule."""
    scene.enrol(person(sms=("+8613800138001",)))
    restored(scene)
    keep(scene, scene.clock.now(), change(ChangeKind.NEW, advisory()))
    assert night.act_on_changes(office) == []  # nobody has said yet that this is the live one: nothing is decided
    switch(office, Mode.LIVE, by="chief", is_the_live_one=True)
    [done] = night.act_on_changes(office)
    assert done.notices == 0
    assert done.version_id is not None
    with reading(scene.engine) as connection:
        found = version(connection, done.version_id)
    assert (found.status, pages(scene)) == ("draft", [f"draft/{found.alert_id}"])
    scene.clock.advance(HOUR)
    keep(
        scene,
        scene.clock.now(),
        change(ChangeKind.NEW, advisory(native_id="next", countries=("KE",), title="肯尼亚：暂勿前往")),
    )
    scene.enrol(person(NewPosting("KE"), sms=("+8613800138002",)))
    [sent] = night.act_on_changes(office)
    assert sent.notices == 1


def test_a_source_that_the_copy_has_not_read_since_it_was_claimed_waits_too(scene: Scene, office: Office) -> None:
    """Claimed before anything was read, the first reading of a source still waits."""
    scene.enrol(person(sms=("+8613800138001",)))
    restored(scene)
    switch(office, Mode.LIVE, by="chief", is_the_live_one=True)
    scene.clock.advance(HOUR)
    keep(scene, scene.clock.now(), change(ChangeKind.NEW, advisory()))
    [first] = night.act_on_changes(office)
    assert (first.notices, len(pages(scene))) == (0, 1)


def test_a_day_after_the_claim_a_source_sends_by_rule_again(scene: Scene, office: Office) -> None:
    """A source whose page did not change for a day is not held back for ever: what is new then goes by rule."""
    scene.enrol(person(sms=("+8613800138001",)))
    restored(scene)
    switch(office, Mode.LIVE, by="chief", is_the_live_one=True)
    scene.clock.advance(27 * HOUR)
    keep(scene, scene.clock.now(), change(ChangeKind.NEW, advisory()))
    [sent] = night.act_on_changes(office)
    assert (sent.notices, pages(scene)) == (1, [])


def test_an_office_that_was_never_restored_sends_by_rule(scene: Scene, office: Office) -> None:
    """The same rise goes out at once where there is no copy."""
    scene.enrol(person(sms=("+8613800138001",)))
    with writing(scene.engine) as connection:
        set_mode(connection, Mode.LIVE)
    keep(scene, scene.clock.now(), change(ChangeKind.NEW, advisory()))
    [sent] = night.act_on_changes(office)
    assert sent.notices == 1


def test_a_schedule_from_before_the_copy_was_claimed_is_not_kept_by_itself(scene: Scene, office: Office) -> None:
    """An approved alert whose moment the instance before may have seen calls the duty officer; it is not sent by the sweep."""
    scene.enrol(person(sms=("+8613800138001",)))
    approved(scene, written(scene, send_at=scene.clock.now() + HOUR / 2, expire_hours=5))
    restored(scene)
    switch(office, Mode.LIVE, by="chief", is_the_live_one=True)
    assert release_due(office, scene.clock.now()) == Due(unapproved=(1,))
    assert pages(scene) == ["schedule/1"]
