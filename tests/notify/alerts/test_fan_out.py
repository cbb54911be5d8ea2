"""Who is told, over what, when: from an alert to its planned notices, on both databases."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlalchemy import select

from core.database import writing
from notify import alerts
from notify.grounds import Transfer
from notify.store import alerts as store
from notify.store import proof
from notify.store.outbox import insert_recipients
from notify.tables import AlertStatus, DeliveryState, VersionKind
from registry import scope
from registry.actors import SYSTEM
from registry.people import NewPosting
from registry.tables import PostingStatus
from tests.notify.alerts.scene import Scene, person
from tests.notify.made import NIGHT, draft

ONE, TWO, THREE = "+8613800138001", "+8613800138002", "+260977000003"
LEVEL_3 = {"level": 3, "every_channel": False, "quiet": True, "ask_safe": False}


def test_one_person_by_three_routes_gets_one_notice(scene: Scene) -> None:
    """Two postings in the countries of an alert and two addresses of the preferred channel make one notice."""
    who = person(NewPosting("ZM"), NewPosting("MW"), sms=(ONE, TWO), email=("wukong@example.com",))
    [one] = scene.enrol(who)
    version = scene.by_rule(draft(**LEVEL_3, countries=("MW", "ZM")))
    [notice] = scene.notices(version)
    assert (notice.channel, notice.people, notice.variant) == ("sms", 1, "abroad.ZM")
    assert scene.record_of(version, one) == [notice.id]


def test_what_is_in_the_way_of_a_first_fan_out_is_left_out(scene: Scene) -> None:
    """If a query gives somebody twice after all, the release does not fail for it: they are written down, and told, once."""
    scene.enrol(person(sms=(ONE,)), person(sms=(TWO,)))
    version_id = scene.open(draft())
    with writing(scene.engine) as connection:
        version = store.version(connection, version_id)
        plan = alerts.plan_of(connection, version, NIGHT, Transfer(in_use=frozenset({"sms"})))
        people = scope.people_in(SYSTEM, ["ZM"], version.day, include_doubtful=True)
        twice = select(people.union_all(people).subquery())
        assert insert_recipients(connection, plan, twice) == 2
        assert insert_recipients(connection, plan, twice) == 0


def test_thirty_workers_behind_one_number_get_one_notice_that_says_so(scene: Scene) -> None:
    """The foreman's phone rings once, the text asks to pass it on, and each worker's record points to it."""
    workers = scene.enrol(*(person(sms=(ONE,), name=f"工友{n}") for n in range(30)))
    version = scene.by_rule(draft())
    [notice] = scene.notices(version)
    assert (notice.people, notice.variant) == (30, "shared")
    assert "请转告" in notice.body
    assert all(scene.record_of(version, one) == [notice.id] for one in workers)


def test_every_channel_at_level_4(scene: Scene) -> None:
    """At level 4 a person is written to on every address of every channel in use."""
    scene.enrol(person(sms=(ONE, TWO), email=("wukong@example.com",)))
    assert [n.channel for n in scene.notices(scene.by_rule(draft()))] == ["sms", "sms", "email"]


@pytest.mark.parametrize(("channels", "told"), [(("sms", "email"), "sms"), (("email", "sms"), "email")])
def test_the_preferred_channel_alone_below_level_4(scene: Scene, channels: tuple[str, ...], told: str) -> None:
    """Below level 4 each person is told once, over the channel that the office prefers and the person has."""
    one, two = scene.enrol(person(sms=(ONE,), email=("a@example.com",)), person(email=("b@example.com",)))
    version = scene.by_rule(draft(**LEVEL_3, channels=channels))
    by_person = {one: told, two: "email"}
    channel_of = {notice.id: notice.channel for notice in scene.notices(version)}
    assert sorted(channel_of.values()) == sorted(by_person.values())
    assert {who: [channel_of[n] for n in scene.record_of(version, who)] for who in by_person} == {
        who: [channel] for who, channel in by_person.items()
    }


def test_the_first_address_of_a_channel_is_preferred(scene: Scene) -> None:
    """Of two numbers of a person below level 4 the one the roster puts first is written to."""
    scene.enrol(person(sms=(TWO, ONE)))
    [other] = scene.enrol(person(sms=(TWO,)))
    version = scene.by_rule(draft(**LEVEL_3))
    [notice] = scene.notices(version)
    assert notice.people == 2
    assert scene.record_of(version, other) == [notice.id]


def test_english_readers_get_english(scene: Scene) -> None:
    """Each person is written to in the language they read."""
    scene.enrol(person(sms=(ONE,), language="en"), person(sms=(TWO,)))
    told = {notice.language: notice.body for notice in scene.notices(scene.by_rule(draft()))}
    assert "You are registered in Zambia" in told["en"]
    assert "您登记的所在地为赞比亚" in told["zh"]


PLANNED, DOUBTFUL, RETURNED = PostingStatus.PLANNED, PostingStatus.DOUBTFUL, PostingStatus.RETURNED
STAYS: list[tuple[str, NewPosting, dict[int, str]]] = [
    ("there", NewPosting("ZM"), {2: "abroad", 3: "abroad", 4: "abroad"}),
    ("leaves in 14 days", NewPosting("ZM", PLANNED, date(2026, 12, 6)), {2: "planned", 3: "planned", 4: "planned"}),
    ("leaves in 15 days", NewPosting("ZM", PLANNED, date(2026, 12, 7)), {}),
    ("left today", NewPosting("ZM", PLANNED, date(2026, 11, 22)), {2: "abroad", 3: "abroad", 4: "abroad"}),
    ("doubtful", NewPosting("ZM", DOUBTFUL), {3: "abroad", 4: "abroad"}),
    ("overdue", NewPosting("ZM", date_to=date(2026, 11, 21)), {3: "abroad", 4: "abroad"}),
    ("returned", NewPosting("ZM", RETURNED), {}),
    ("elsewhere", NewPosting("MW"), {}),
]


@pytest.mark.parametrize(("stay", "told"), [one[1:] for one in STAYS], ids=[one[0] for one in STAYS])
def test_who_is_told(scene: Scene, stay: NewPosting, told: dict[int, str]) -> None:
    """Those there; those about to leave, worded so; the doubtful and overdue from level 3; the returned never."""
    scene.enrol(person(stay, sms=(ONE,)))
    found: dict[int, str] = {}
    for level in (2, 3, 4):
        manner = {"level": level, "include_doubtful": level >= 3, "native_id": str(level)}
        notices = scene.notices(scene.by_rule(draft(**manner)))
        found |= dict.fromkeys([level] * len(notices), "".join(notice.variant for notice in notices))
    assert found == told


def test_the_doubtful_are_marked(scene: Scene) -> None:
    """Whoever may have left is told and marked as doubtful in the record."""
    sure, unsure = scene.enrol(person(sms=(ONE,)), person(NewPosting("ZM", DOUBTFUL), sms=(TWO,)))
    found = scene.recipients(scene.by_rule(draft()))
    assert (found[sure].doubtful, found[unsure].doubtful) == (False, True)


def utc(day: int, hour: int, minute: int = 0) -> datetime:
    """Return a moment in November 2026."""
    return datetime(2026, 11, day, hour, minute, tzinfo=UTC)


@pytest.mark.parametrize(
    ("zone", "until"),
    [
        ("Asia/Shanghai", utc(21, 23)),
        ("Africa/Lusaka", None),
        ("America/New_York", None),
        ("Asia/Kolkata", utc(22, 1, 30)),
        ("Pacific/Auckland", None),
        ("Asia/Dubai", utc(22, 3)),
    ],
)
def test_quiet_hours_are_those_of_the_person(scene: Scene, zone: str, until: datetime | None) -> None:
    """At 02:30 in Beijing a notice of level 3 waits for 07:00 where it is night, and goes at once where it is day."""
    scene.enrol(person(NewPosting("ZM", zone=zone), sms=(ONE,)))
    [notice] = scene.notices(scene.by_rule(draft(**LEVEL_3)))
    state = DeliveryState.READY if until is None else DeliveryState.PLANNED
    assert (notice.not_before, notice.state, notice.reason) == (until, state, "" if until is None else "quiet")


def test_several_zones_behind_one_number(scene: Scene) -> None:
    """Nobody behind a shared number is woken: the notice waits until the night has ended for all of them."""
    zones = ("Asia/Shanghai", "Asia/Dubai", "Africa/Lusaka")
    scene.enrol(*(person(NewPosting("ZM", zone=zone), sms=(ONE,)) for zone in zones))
    [notice] = scene.notices(scene.by_rule(draft(**LEVEL_3)))
    assert (notice.not_before, notice.people) == (utc(22, 3), 3)


def test_level_4_breaks_quiet_hours(scene: Scene) -> None:
    """What says "do not go" or "leave" wakes people."""
    scene.enrol(person(NewPosting("ZM", zone="Asia/Shanghai"), sms=(ONE,)))
    [notice] = scene.notices(scene.by_rule(draft()))
    assert (notice.not_before, notice.state, notice.priority) == (None, DeliveryState.READY, 0)


def test_an_officer_releases_by_the_hour_of_the_release(scene: Scene) -> None:
    """A draft written by day and released at night waits for the morning all the same."""
    scene.enrol(person(NewPosting("ZM", zone="Africa/Lusaka"), sms=(ONE,)))
    by_day = draft(**LEVEL_3, as_of=utc(21, 9))
    scene.clock.moment = utc(21, 21)
    [notice] = scene.notices(scene.by_officers(by_day))
    assert (notice.not_before, notice.reason) == (utc(22, 5), "quiet")


def test_planning_twice_plans_once(scene: Scene) -> None:
    """A second plan of the same version adds nothing."""
    scene.enrol(person(sms=(ONE,), email=("a@example.com",)), person(sms=(ONE,)))
    version = scene.by_rule(draft())
    before = scene.notices(version)
    with writing(scene.engine) as connection:
        again = store.version(connection, version)
        assert alerts.plan(connection, again, NIGHT, scene.clock.now(), transfer=Transfer()) == 0
    assert scene.notices(version) == before


def test_the_unreachable_are_listed(scene: Scene) -> None:
    """Somebody without an address in use is a recipient, has no notice, and is named."""
    told, nowhere = scene.enrol(person(sms=(ONE,)), person())
    version = scene.by_rule(draft())
    assert scene.people(version) == [told, nowhere]
    with writing(scene.engine) as connection:
        assert proof.unreachable(connection, version) == [nowhere]


def follow(scene: Scene, first: int, **values: Any) -> Any:
    """Return a later version of an alert."""
    return draft(follows=scene.alert_of(first), **({"level": 2, "every_channel": False} | values))


def test_a_follow_up_goes_to_exactly_those_told(scene: Scene) -> None:
    """An end of a warning reaches those who got it, also if they have gone home, and nobody who came later or was missed."""
    told, gone, nowhere = scene.enrol(person(sms=(ONE,)), person(sms=(TWO,)), person())
    first = scene.by_rule(draft())
    scene.set_state(first, DeliveryState.ACCEPTED)
    scene.move_home(gone)
    scene.enrol(person(sms=(THREE,)))
    last = scene.by_rule(follow(scene, first, kind=VersionKind.ALL_CLEAR, told_only=True))
    assert nowhere in scene.people(first)
    assert scene.people(last) == [told, gone]
    assert len(scene.notices(last)) == 2


@pytest.mark.parametrize("kind", [VersionKind.UPDATE, VersionKind.CORRECTION])
def test_an_update_goes_to_those_told_and_to_newcomers(scene: Scene, kind: VersionKind) -> None:
    """A rise or a correction reaches those who were told before, and whoever came to the place since."""
    told, gone = scene.enrol(person(sms=(ONE,)), person(sms=(TWO,)))
    first = scene.by_rule(draft())
    scene.set_state(first, DeliveryState.ACCEPTED)
    scene.move_home(gone)
    [new] = scene.enrol(person(sms=(THREE,)))
    assert scene.people(scene.by_rule(follow(scene, first, kind=kind))) == [told, gone, new]


def test_of_somebody_told_before_the_present_counts(scene: Scene) -> None:
    """Who was about to leave at the first notice and is there at the second is addressed as being there."""
    leaver = NewPosting("ZM", PLANNED, date(2026, 11, 25))
    scene.enrol(person(leaver, sms=(ONE,)))
    first = scene.by_rule(draft())
    scene.set_state(first, DeliveryState.ACCEPTED)
    later = follow(scene, first, kind=VersionKind.UPDATE, as_of=utc(26, 2))
    assert [n.variant for n in scene.notices(first)] == ["planned"]
    assert [n.variant for n in scene.notices(scene.by_rule(later))] == ["abroad"]


@pytest.mark.parametrize("state", [DeliveryState.FAILED, DeliveryState.EXPIRED, DeliveryState.SUPPRESSED])
def test_whom_nothing_reached_was_not_told(scene: Scene, state: DeliveryState) -> None:
    """A refused or expired notice tells nobody, so no follow-up goes there."""
    scene.enrol(person(sms=(ONE,)))
    first = scene.by_rule(draft())
    scene.set_state(first, state)
    assert scene.people(scene.by_rule(follow(scene, first, kind=VersionKind.ALL_CLEAR, told_only=True))) == []


@pytest.mark.parametrize("state", [DeliveryState.UNKNOWN, DeliveryState.UNRESOLVED, DeliveryState.SENDING])
def test_whom_something_may_have_reached_counts_as_told(scene: Scene, state: DeliveryState) -> None:
    """In doubt a follow-up goes out: whoever may have been frightened is to hear the end of it."""
    [one] = scene.enrol(person(sms=(ONE,)))
    first = scene.by_rule(draft())
    scene.set_state(first, state)
    assert scene.people(scene.by_rule(follow(scene, first, kind=VersionKind.ALL_CLEAR, told_only=True))) == [one]


def waiting_for_morning(scene: Scene) -> tuple[int, int]:
    """Plan a notice of level 3 for somebody who sleeps; return the person and the version."""
    [one] = scene.enrol(person(NewPosting("ZM", zone="Asia/Shanghai"), sms=(ONE,)))
    return one, scene.by_rule(draft(**LEVEL_3))


def test_nobody_gets_a_warning_after_its_end(scene: Scene) -> None:
    """What waits for the morning is taken back by an all-clear of the night, and its reader hears of neither."""
    _, first = waiting_for_morning(scene)
    last = scene.by_rule(follow(scene, first, kind=VersionKind.ALL_CLEAR, told_only=True))
    [notice] = scene.notices(first)
    assert (notice.state, notice.reason) == (DeliveryState.CANCELED, "superseded")
    assert scene.people(last) == []
    assert scene.version(first).send_by == scene.clock.now()


@pytest.mark.parametrize(
    ("kind", "told_only"), [(VersionKind.UPDATE, True), (VersionKind.UPDATE, False), (VersionKind.CORRECTION, False)]
)
def test_a_later_version_takes_the_place_of_one_that_waits(scene: Scene, kind: VersionKind, told_only: bool) -> None:
    """Who has not been told yet gets the later version alone, be it a lower level: never both, never neither."""
    one, first = waiting_for_morning(scene)
    last = scene.by_rule(follow(scene, first, kind=kind, told_only=told_only))
    assert scene.people(last) == [one]
    assert [n.state for n in scene.notices(first)] == [DeliveryState.CANCELED]
    assert [n.state for n in scene.notices(last)] == [DeliveryState.READY]


def test_an_all_clear_ends_the_force_of_an_alert(scene: Scene) -> None:
    """After an all-clear the entry of the source has no alert in force any more."""
    scene.enrol(person(sms=(ONE,)))
    first = scene.by_rule(draft())
    scene.set_state(first, DeliveryState.ACCEPTED)
    with writing(scene.engine) as connection:
        assert store.told_of(connection, "cn-mfa", "2026-11-21/one") == scene.alert_of(first)
    last = scene.by_rule(follow(scene, first, kind=VersionKind.ALL_CLEAR, told_only=True))
    with writing(scene.engine) as connection:
        assert store.told_of(connection, "cn-mfa", "2026-11-21/one") is None
    assert scene.status(last) is AlertStatus.SENDING
