"""Who comes into the place of an alert in force gets its newest standing text, once; on both databases."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import update

from core.database import writing
from core.tables import Mode
from notify import pausing
from notify.chain import Next
from notify.erasure import erase_people
from notify.store.alerts import ALERTS
from notify.tables import VersionKind
from registry.actors import SYSTEM
from registry.people import NewPosting
from registry.rights.model import RequestKind
from registry.tables import PostingStatus
from tests.notify.alerts.scene import person
from tests.notify.chain.newcomers import Later
from tests.notify.made import draft

ONE, TWO, THREE = "+260977000001", "+260977000002", "+260977000003"
NOW = datetime(2026, 11, 22, tzinfo=UTC)
TODAY = {"as_of": NOW, "issued_at": NOW - timedelta(days=2), "channels": ("sms", "email")}


def test_who_is_registered_later_gets_the_standing_text_once(later: Later) -> None:
    """The newcomer reads since when it stands, those told before hear nothing, and looking again plans nothing."""
    later.join(person(sms=(ONE,)))
    version = later.by_rule(draft(**TODAY))
    assert later.catch_up() == 0
    later.send()
    [new] = later.join(person(sms=(TWO,)))
    assert "not-planned" in later.gaps()
    assert later.catch_up() == 1
    assert "not-planned" not in later.gaps()
    later.send()
    (first, _), (number, body) = later.sent()
    assert (first, number) == (ONE, TWO)
    assert "（2026-11-20发布，现仍有效）" in body
    assert later.scene.recipients(version)[new].rule == "later-joiner"
    assert [later.catch_up() for _ in range(3)] == [0, 0, 0]
    assert later.catch_up(timedelta(days=1)) == 0


def test_who_moves_there_later_is_told_and_who_is_elsewhere_is_not(later: Later) -> None:
    """A stay that is moved into the country counts like a new one."""
    [mover, _] = later.join(person(NewPosting("MW"), sms=(ONE,)), person(NewPosting("MW"), sms=(TWO,)))
    later.by_rule(draft(**TODAY))
    assert later.catch_up() == 0
    later.change(mover, 1, {"country": "MW"}, {"country": "ZM"})
    assert later.catch_up() == 1
    later.send()
    assert [number for number, _ in later.sent()] == [ONE]


def test_time_alone_brings_in_who_is_about_to_leave(later: Later) -> None:
    """Whoever leaves in 16 days is told when it is 14, worded so, by the look at everybody of that day."""
    leaving = NewPosting("ZM", status=PostingStatus.PLANNED, date_from=(NOW + timedelta(days=16)).date())
    later.join(person(leaving, sms=(ONE,)))
    later.by_rule(draft(**TODAY))
    assert later.catch_up() == 0
    assert later.catch_up(timedelta(days=3)) == 1
    later.send()
    [(_, body)] = later.sent()
    assert "近期前往" in body


def test_a_newcomer_gets_the_newest_word_and_no_word_of_an_update(later: Later) -> None:
    """After a correction the corrected text alone is told to newcomers, and not as a correction of what they never read."""
    later.join(person(sms=(ONE,)))
    version = later.by_rule(draft(**TODAY))
    later.send()
    later.next(later.alert_of(version), Next(VersionKind.CORRECTION, title_zh="无需撤离，请留在室内"))
    later.send()
    later.join(person(sms=(TWO,)))
    assert later.catch_up() == 1
    later.send()
    number, body = later.sent()[-1]
    assert (number, len(later.sent())) == (TWO, 3)
    assert "无需撤离，请留在室内" in body
    assert "更正" not in body
    assert "现仍有效" in body


def test_nobody_is_told_of_what_is_over(later: Later) -> None:
    """After the all-clear, after 90 days, and of a drill nobody who comes later hears anything."""
    later.join(person(sms=(ONE,)))
    version = later.by_rule(draft(**TODAY))
    later.send()
    later.next(later.alert_of(version), Next(VersionKind.ALL_CLEAR))
    old = later.by_rule(draft(**TODAY, native_id="two"))
    drill = later.by_rule(draft(**TODAY, native_id="three"))
    _set_alert(later, old, in_force_until=NOW)
    _set_alert(later, drill, mode=Mode.DRILL)
    later.join(person(sms=(TWO,)))
    assert later.catch_up() == 0
    assert later.catch_up(timedelta(days=1)) == 0


def test_a_number_that_was_told_already_is_not_told_again(later: Later) -> None:
    """The newcomer behind the foreman's phone is on the record of the notice that went there, and nothing is sent."""
    later.join(person(sms=(ONE,)))
    version = later.by_rule(draft(**TODAY))
    later.send()
    [new] = later.join(person(sms=(ONE,), name="猪八戒"))
    assert later.catch_up() == 0
    later.send()
    assert len(later.sent()) == 1
    assert later.scene.record_of(version, new) == [notice.id for notice in later.scene.notices(version)]


def test_two_newcomers_behind_one_number_get_one_notice(later: Later) -> None:
    """It says that it is for several, and since when it stands."""
    later.by_rule(draft(**TODAY))
    assert later.catch_up() == 0
    later.join(person(sms=(ONE,)), person(sms=(ONE,), name="猪八戒"))
    assert later.catch_up() == 1
    later.send()
    [(_, body)] = later.sent()
    assert "请转告" in body
    assert "现仍有效" in body


def test_the_erased_and_the_doubtful_below_level_3_are_left_out(later: Later) -> None:
    """Whoever was erased between joining and the look is not looked for; the doubtful are told as at the first release."""
    later.by_rule(draft(**TODAY, level=2, include_doubtful=False))
    later.by_rule(draft(**TODAY, native_id="two"))
    doubtful = NewPosting("ZM", status=PostingStatus.DOUBTFUL)
    assert later.catch_up() == 0
    [gone, unsure] = later.join(person(sms=(ONE,)), person(doubtful, sms=(TWO,)))
    with writing(later.scene.engine) as connection:
        erase_people(connection, SYSTEM, [gone], kind=RequestKind.ERASURE, now=later.scene.clock.now())
    assert later.catch_up() == 1
    later.send()
    assert [number for number, _ in later.sent()] == [TWO]
    assert set(later.scene.recipients(2)) == {unsure}


def test_who_had_no_address_gets_the_notice_when_there_is_one(later: Later) -> None:
    """Somebody written down at the release, whom nothing could reach, is told as soon as an address is registered."""
    [one] = later.join(person())
    version = later.by_rule(draft(**TODAY))
    assert later.catch_up() == 0
    later.give_number(one, THREE)
    assert later.catch_up() == 1
    later.send()
    assert [number for number, _ in later.sent()] == [THREE]
    assert set(later.scene.recipients(version)) == {one}


def test_a_cancelled_or_paused_version_is_told_to_nobody(later: Later) -> None:
    """While an alert is paused newcomers wait; when it goes on they are told."""
    version = later.by_rule(draft(**TODAY))
    alert = later.alert_of(version)
    with writing(later.scene.engine) as connection:
        pausing.pause(connection, alert, later.office.acting(SYSTEM))
    later.join(person(sms=(ONE,)))
    assert later.catch_up() == 0
    with writing(later.scene.engine) as connection:
        pausing.resume(connection, alert, later.office.acting(SYSTEM))
    assert later.catch_up() == 1


def _set_alert(later: Later, version: int, **values: object) -> None:
    with writing(later.scene.engine) as connection:
        connection.execute(update(ALERTS).where(ALERTS.c.id == later.alert_of(version)).values(**values))
