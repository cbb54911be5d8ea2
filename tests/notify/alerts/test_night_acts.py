"""The night acts on changes: once, in one transaction each, with nothing lost if it dies between."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from core.clock import FixedClock
from core.database import reading, writing
from core.settings import Settings
from notify import night
from notify.office import Office
from notify.policy import Action
from notify.store import alerts as store
from notify.tables import DeliveryState, VersionKind
from sources import store as source_store
from sources.change import Comparison, Entry
from sources.model import Advisory, AdvisoryChange, ChangeKind
from tests.notify.alerts.scene import Scene, person
from tests.notify.made import NIGHT, advisory, change

ONE, TWO = "+8613800138001", "+8613800138002"


class MortalClock(FixedClock):
    """A clock that kills the process that asks it for the time once too often."""

    left = 1

    def now(self) -> datetime:
        """Return the time, or die."""
        self.left -= 1
        if self.left < 0:
            raise KeyboardInterrupt
        return self.moment


@pytest.fixture
def office(scene: Scene, tmp_path: Path) -> Office:
    """Give the office with its default policy."""
    return Office(Settings(home=tmp_path), scene.engine, scene.clock, scene.keys)


def keep(scene: Scene, changes: Sequence[AdvisoryChange]) -> None:
    """Write down changes, as a reading of the source does."""
    result = Comparison(list(changes), {one.native_id: Entry(one.advisory, NIGHT) for one in changes})
    with writing(scene.engine) as connection:
        known = source_store.entries(connection, "cn-mfa")
        source_store.save_comparison(connection, known, result, None, NIGHT)


def waiting(scene: Scene) -> int:
    """Count the changes nobody has decided."""
    with reading(scene.engine) as connection:
        return len(source_store.undecided(connection))


def versions(scene: Scene) -> list[int]:
    """Return every version there is, oldest first."""
    with reading(scene.engine) as connection:
        return [int(one.id or 0) for one in reversed(store.versions(connection))]


def test_a_night_worked_twice_opens_nothing_twice(scene: Scene, office: Office) -> None:
    """A new notice of level 4 is sent by rule, once, however often the night is worked."""
    scene.enrol(person(sms=(ONE,)))
    keep(scene, [change(ChangeKind.NEW, advisory())])
    [done] = night.act_on_changes(office)
    assert (done.decision.action, done.notices) == (Action.SEND, 1)
    assert night.act_on_changes(office) == []
    [version] = versions(scene)
    assert scene.version(version).approved_by == "policy/home-4"
    assert len(scene.notices(version)) == 1


def test_the_same_origin_opens_nothing_again(scene: Scene, office: Office) -> None:
    """A change whose decision was lost, but not its alert, opens no second one: the origin is unique in the database."""
    keep(scene, [change(ChangeKind.NEW, advisory())])
    night.act_on_changes(office)
    with writing(scene.engine) as connection:
        connection.execute(source_store.CHANGES.update().values(decided_at=None))
    [again] = night.act_on_changes(office)
    assert (again.version_id, again.notices) == (None, 0)
    assert len(versions(scene)) == 1


@pytest.mark.parametrize("breaths", [0, 1], ids=["before deciding", "between decided and opened"])
def test_a_death_between_decided_and_opened_loses_nothing(scene: Scene, office: Office, breaths: int) -> None:
    """The decision and its alert are one transaction: after a death neither is there, and the next night makes both."""
    scene.enrol(person(sms=(ONE,)))
    keep(scene, [change(ChangeKind.NEW, advisory())])
    mortal = MortalClock(scene.clock.now())
    mortal.left = breaths
    with pytest.raises(KeyboardInterrupt):
        night.act_on_changes(replace(office, clock=mortal))
    assert (waiting(scene), versions(scene)) == (1, [])
    assert [one.notices for one in night.act_on_changes(office)] == [1]
    assert waiting(scene) == 0


def test_held_changes_wait_for_an_officer(scene: Scene, office: Office) -> None:
    """A held change is not acted on; once released, the policy decides it."""
    keep(scene, [change(ChangeKind.NEW, advisory(), held=True)])
    assert night.act_on_changes(office) == []
    with writing(scene.engine) as connection:
        source_store.release_held(connection, "cn-mfa")
    assert [one.decision.action for one in night.act_on_changes(office)] == [Action.SEND]


def test_a_draft_of_the_night_goes_out_as_its_level_asks(scene: Scene, office: Office) -> None:
    """An unplaced notice of level 4 waits as a draft that, once placed, will wake people over every channel."""
    keep(scene, [change(ChangeKind.NEW, advisory(countries=()))])
    [done] = night.act_on_changes(office)
    assert done.version_id is not None
    version = scene.version(done.version_id)
    assert (version.status, version.rule, done.notices) == ("draft", "home-unplaced", 0)
    assert (version.every_channel, version.quiet, version.include_doubtful) == (True, False, True)


def told(scene: Scene, office: Office, one: Advisory) -> int:
    """Let a notice go out and arrive; return its version."""
    keep(scene, [change(ChangeKind.NEW, one)])
    [done] = night.act_on_changes(office)
    assert done.version_id is not None
    scene.set_state(done.version_id, DeliveryState.ACCEPTED)
    return done.version_id


@pytest.mark.parametrize("kind", [ChangeKind.LOWERED, ChangeKind.WITHDRAWN, ChangeKind.EXPIRED])
def test_a_fall_is_told_to_those_who_were_told(scene: Scene, office: Office, kind: ChangeKind) -> None:
    """A confirmed fall goes by rule to exactly those who got the warning; what is over does not say "leave" again."""
    [one] = scene.enrol(person(sms=(ONE,)))
    first = told(scene, office, advisory())
    scene.enrol(person(sms=(TWO,)))
    after = advisory(title="提醒中国公民谨慎前往赞比亚", level_national=3, level_words="谨慎前往", summary="请谨慎。")
    keep(scene, [change(kind, after if kind is ChangeKind.LOWERED else None, advisory())])
    [done] = night.act_on_changes(office)
    assert done.version_id is not None
    version = scene.version(done.version_id)
    over = kind is not ChangeKind.LOWERED
    assert (version.alert_id, version.no, version.told_only) == (scene.alert_of(first), 2, True)
    assert version.kind == (VersionKind.ALL_CLEAR if over else VersionKind.UPDATE)
    assert scene.people(done.version_id) == [one]
    [notice] = scene.notices(done.version_id)
    assert "撤离" not in notice.body
    assert version.body_zh == ("" if over else "请谨慎。")


def test_an_unconfirmed_fall_tells_nobody(scene: Scene, office: Office) -> None:
    """A disappearance seen once is a line in the brief."""
    scene.enrol(person(sms=(ONE,)))
    told(scene, office, advisory())
    keep(scene, [change(ChangeKind.WITHDRAWN, None, advisory(), confirmed=False)])
    assert [(one.decision.action, one.version_id) for one in night.act_on_changes(office)] == [(Action.BRIEF, None)]


def test_nobody_told_nobody_to_follow_up_with(scene: Scene, office: Office) -> None:
    """The end of a notice that never went out opens nothing."""
    keep(scene, [change(ChangeKind.EXPIRED, None, advisory())])
    assert [(one.decision.action, one.version_id) for one in night.act_on_changes(office)] == [(Action.FOLLOW_UP, None)]


def test_a_rise_is_an_update_of_the_alert_in_force(scene: Scene, office: Office) -> None:
    """A notice raised from 3 to 4 goes as the next version, to those told and to newcomers, and wakes them."""
    [one] = scene.enrol(person(sms=(ONE,)))
    lower = advisory(title="提醒中国公民谨慎前往赞比亚", level_national=3, level_words="谨慎前往")
    first = told(scene, office, lower)
    [two] = scene.enrol(person(sms=(TWO,)))
    keep(scene, [change(ChangeKind.RAISED, advisory(), lower)])
    [done] = night.act_on_changes(office)
    assert done.version_id is not None
    version = scene.version(done.version_id)
    assert (version.alert_id, version.kind, version.quiet) == (scene.alert_of(first), VersionKind.UPDATE, False)
    assert scene.people(done.version_id) == [one, two]


def test_messages_of_one_event_thread_on_one_situation(scene: Scene, office: Office) -> None:
    """Two notices about one country and hazard within 72 hours share a situation; a later one opens another."""
    for number, days in enumerate((0, 2, 6)):
        moment = NIGHT + timedelta(days=days)
        one = advisory(native_id=str(number))
        result = Comparison([change(ChangeKind.NEW, one)], {one.native_id: Entry(one, moment)})
        with writing(scene.engine) as connection:
            source_store.save_comparison(connection, {}, result, None, moment)
        night.act_on_changes(office)
    with reading(scene.engine) as connection:
        found = [store.places(connection, version)[0].situation_id for version in versions(scene)]
    assert found[0] == found[1] != found[2]
