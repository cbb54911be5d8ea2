"""One notice printed by several, one event told by several feeds: one alert, and nothing that says more is lost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from core.database import reading, writing
from core.settings import Settings
from notify import alerts, night
from notify.office import Office
from notify.store import alerts as store
from notify.tables import AlertStatus, AlertVersion, DeliveryState, VersionKind
from sources import store as source_store
from sources.change import Comparison, Entry
from sources.events import Event, EventKind
from sources.model import Advisory, ChangeKind, Grade, Hazard
from tests.notify.alerts.scene import APPROVER, OFFICER, Scene, person
from tests.notify.made import NIGHT, advisory, change

ONE = "+8613800138001"
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
ISSUED = datetime.fromisoformat("2026-11-21T13:30:00+00:00")
QUAKE = Event(EventKind.QUAKE, ISSUED, -13.0, 28.0, ids=("usgs:us1",), magnitude=6.0)


@pytest.fixture
def office(scene: Scene, tmp_path: Path) -> Office:
    """Give the office with its default policy, and one person in Zambia."""
    scene.enrol(person(sms=(ONE,)))
    return Office(Settings(home=tmp_path), scene.engine, scene.clock, scene.keys)


def work(
    office: Office, new: Advisory, at: datetime = NIGHT, kind: ChangeKind = ChangeKind.NEW
) -> tuple[str, int | None, int]:
    """Let a source say something new, act on it; return the outcome, the version and how many notices left."""
    before = None if kind is ChangeKind.NEW else new
    after = None if kind is ChangeKind.EXPIRED else new
    result = Comparison([change(kind, after, before)], {new.native_id: Entry(new, at)})
    with writing(office.engine) as connection:
        known = source_store.entries(connection, new.source)
        source_store.save_comparison(connection, known, result, None, at)
    [done] = night.act_on_changes(office)
    changes = source_store.CHANGES
    with reading(office.engine) as connection:
        said = connection.execute(select(changes.c.outcome).where(changes.c.id == done.change.id)).scalar_one()
    return said, done.version_id, done.notices


def release(scene: Scene, version_id: int) -> None:
    """Take a draft through two pairs of hands."""
    with writing(scene.engine) as connection:
        alerts.submit(connection, version_id, scene.acting(OFFICER))
        alerts.approve(connection, version_id, scene.acting(APPROVER))
        alerts.release(connection, version_id, scene.acting(OFFICER))


def all_versions(scene: Scene) -> Sequence[AlertVersion]:
    """Return every version, oldest first."""
    with reading(scene.engine) as connection:
        return store.versions(connection)[::-1]


def printed(source: str, **values: object) -> Advisory:
    """Make the ministry's notice as another site prints it."""
    title = {"cn-embassy": "中国驻赞比亚使馆提醒中国公民暂勿前往赞比亚"}.get(source, "外交部提醒中国公民暂勿前往赞比亚")
    return advisory(**({"source": source, "native_id": f"{source}/1", "title": title} | values))


def hazard(source: str, tier: int, event: Event, **values: object) -> Advisory:
    """Make a record of an event in Zambia."""
    plain = Advisory(
        source, event.ids[0], "M 7.1 - Zambia", "https://one.example/q", "en", countries=("ZM",), tier=tier,
        level_national=Grade.UNSTATED, hazards=(Hazard.NATURAL_DISASTER,), published_at=event.at, event=event,
    )  # fmt: skip
    return replace(plain, **values)  # type: ignore[arg-type]


GDACS = replace(QUAKE, at=ISSUED + timedelta(seconds=40), lat=-13.2, ids=("gdacs:EQ1",))


def test_the_ministry_first_then_a_mirror(scene: Scene, office: Office) -> None:
    """The mirror's copy opens nothing and sends nothing, and its change names the alert it joined."""
    _, first, notices = work(office, advisory())
    assert first is not None
    copy = f"copy/{scene.alert_of(first)}"
    assert notices == 1
    assert work(office, printed("cn-mofcom"), NIGHT + HOUR) == (copy, None, 0)
    assert work(office, printed("cn-embassy"), NIGHT + 2 * HOUR) == (copy, None, 0)
    assert len(all_versions(scene)) == 1


def test_the_embassy_first_then_the_ministry(scene: Scene, office: Office) -> None:
    """The embassy's notice, once released, is not told again when the ministry prints it."""
    _, first, _ = work(office, printed("cn-embassy"))
    assert first is not None
    release(scene, first)
    assert work(office, advisory(), NIGHT + HOUR) == (f"copy/{scene.alert_of(first)}", None, 0)


def test_what_goes_out_by_rule_does_not_wait_behind_a_draft(scene: Scene, office: Office) -> None:
    """While the embassy's copy is still a draft, the ministry's takes its place in the same alert, as a first word."""
    _, first, notices = work(office, printed("cn-embassy"))
    assert first is not None
    assert notices == 0
    said, second, notices = work(office, advisory(), NIGHT + HOUR)
    assert (said, notices) == ("send", 1)
    assert [(v.id, v.alert_id, v.kind, v.status) for v in all_versions(scene)] == [
        (first, scene.alert_of(first), VersionKind.FIRST, AlertStatus.CANCELED),
        (second, scene.alert_of(first), VersionKind.FIRST, AlertStatus.SENDING),
    ]


def test_a_copy_of_a_cancelled_or_closed_alert_goes_out(scene: Scene, office: Office) -> None:
    """An officer's "no" to one copy, or an all-clear, does not silence the next."""
    _, first, _ = work(office, printed("cn-embassy"))
    assert first is not None
    with writing(scene.engine) as connection:
        alerts.cancel(connection, first, scene.acting(OFFICER))
    _, second, notices = work(office, advisory(), NIGHT + HOUR)
    assert second is not None
    assert (notices, scene.alert_of(second) == scene.alert_of(first)) == (1, False)


def test_the_same_title_on_a_new_date_is_no_copy(scene: Scene, office: Office) -> None:
    """The same source that uses the same words again means another event, even the next day."""
    japan = {"title": "提醒中国公民避免前往日本", "level_words": "避免前往"}
    assert work(office, advisory(**japan))[0] == "send"
    assert work(office, printed("cn-embassy", **japan), NIGHT + HOUR)[0].startswith("copy/")
    again = {"native_id": "2026-11-22/one", "published_at": ISSUED + DAY}
    said, version, _ = work(office, advisory(**japan, **again), NIGHT + DAY)
    assert (said, version is None) == ("send", False)
    assert len({one.alert_id for one in all_versions(scene)}) == 2


def test_a_source_joins_an_alert_once(scene: Scene, office: Office) -> None:
    """The ministry's second notice within two days is no copy of the embassy's first, which its first one joined."""
    _, first, _ = work(office, printed("cn-embassy"))
    assert first is not None
    release(scene, first)
    assert work(office, advisory(), NIGHT + HOUR)[0].startswith("copy/")
    again = advisory(native_id="2026-11-22/one", published_at=ISSUED + DAY)
    assert work(office, again, NIGHT + DAY)[0] == "send"


@pytest.mark.parametrize(
    ("values", "later"),
    [({"countries": ("ZW",)}, HOUR), ({"published_at": ISSUED + 3 * DAY}, 3 * DAY), ({}, 8 * DAY)],
    ids=["another country", "issued three days later", "an alert of last week"],
)
def test_what_only_looks_alike_opens_its_own_alert(
    scene: Scene, office: Office, values: dict[str, object], later: timedelta
) -> None:
    """Another country is never a copy, nor are the same words days later."""
    work(office, advisory())
    _, version, _ = work(office, printed("cn-embassy", **values), NIGHT + later)
    assert version is not None
    assert len({one.alert_id for one in all_versions(scene)}) == 2


def test_a_higher_level_elsewhere_is_an_update(scene: Scene, office: Office) -> None:
    """The embassy said 谨慎, the ministry says 暂勿 in the same words: the next version of one alert, sent at once."""
    title, words = "中国驻赞比亚使馆提醒中国公民谨慎前往赞比亚", "谨慎前往"
    lower = printed("cn-embassy", title=title, level_words=words, level_national=3)
    _, first, _ = work(office, lower)
    assert first is not None
    release(scene, first)
    said, second, notices = work(office, advisory(), NIGHT + HOUR)
    assert second is not None
    assert (said, notices, scene.version(second).kind) == ("send", 1, VersionKind.UPDATE)
    assert scene.alert_of(second) == scene.alert_of(first)
    scene.set_state(second, DeliveryState.ACCEPTED)
    # The end of the embassy's milder word does not clear the ministry's.
    assert work(office, lower, NIGHT + DAY, ChangeKind.EXPIRED)[1:] == (None, 0)
    _, over, notices = work(office, advisory(), NIGHT + DAY, ChangeKind.EXPIRED)
    assert over is not None
    assert (notices, scene.version(over).kind) == (1, VersionKind.ALL_CLEAR)


def test_two_feeds_tell_of_one_quake(scene: Scene, office: Office) -> None:
    """GDACS and USGS put one quake 40 seconds and 22 km apart: one draft, and the other names it."""
    said, first, _ = work(office, hazard("gdacs", 3, GDACS))
    assert first is not None
    assert said == "draft"
    assert work(office, hazard("usgs", 3, QUAKE), NIGHT + HOUR) == (f"same-event/{scene.alert_of(first)}", None, 0)
    assert len(all_versions(scene)) == 1


def test_two_quakes_are_two_alerts(scene: Scene, office: Office) -> None:
    """Nine hours later and 90 km away it is another quake, as in Turkey in February 2023."""
    work(office, hazard("usgs", 3, QUAKE))
    later = replace(QUAKE, at=ISSUED + 9 * HOUR, lat=-12.2, ids=("usgs:us2",))
    assert work(office, hazard("usgs", 3, later), NIGHT + 9 * HOUR)[0] == "draft"
    assert len({one.alert_id for one in all_versions(scene)}) == 2


@pytest.mark.parametrize("more", [{"tier": 3}, {"countries": ("MW", "ZM")}], ids=["higher tier", "further country"])
@pytest.mark.parametrize("told", [False, True], ids=["waiting", "told"])
def test_a_record_that_says_more_is_never_silent(
    scene: Scene, office: Office, more: dict[str, object], told: bool
) -> None:
    """A higher tier or a further country is a new draft of the same alert: in place of one that waits, else an update."""
    _, first, _ = work(office, hazard("gdacs", 2, GDACS))
    assert first is not None
    if told:
        release(scene, first)
    said, second, _ = work(office, replace(hazard("usgs", 2, QUAKE), **more), NIGHT + HOUR)  # type: ignore[arg-type]
    assert second is not None
    assert (said, scene.alert_of(second)) == ("draft", scene.alert_of(first))
    assert scene.version(second).kind == (VersionKind.UPDATE if told else VersionKind.FIRST)
    assert (scene.status(first) is AlertStatus.CANCELED) is not told


def test_a_tsunami_has_its_own_alert_in_the_situation_of_the_quake(scene: Scene, office: Office) -> None:
    """The wave of a quake is a danger of its own: it is linked through the situation, never silent."""
    work(office, hazard("usgs", 3, QUAKE))
    wave = replace(QUAKE, kind=EventKind.TSUNAMI, at=ISSUED + HOUR, ids=("gdacs:TS1",))
    assert work(office, hazard("gdacs", 3, wave), NIGHT + HOUR)[0] == "draft"
    with reading(scene.engine) as connection:
        found = {store.places(connection, one.id or 0)[0].situation_id for one in all_versions(scene)}
    assert (len({one.alert_id for one in all_versions(scene)}), len(found)) == (2, 1)


def further(name: str, after: timedelta, tier: int = 2, **values: object) -> Advisory:
    """Make a further quake 20 km from the first, so long after it."""
    event = replace(QUAKE, at=ISSUED + after, lat=-12.8, ids=(f"usgs:{name}",))
    return hazard("usgs", tier, event, **values)


def test_an_aftershock_is_silent_and_names_its_alert(scene: Scene, office: Office) -> None:
    """A milder quake of a running situation opens nothing, waits for nobody, and its change names the alert, told or not."""
    _, first, _ = work(office, hazard("usgs", 3, QUAKE))
    assert first is not None
    situation = f"situation/{scene.alert_of(first)}"
    assert work(office, further("us2", HOUR), NIGHT + HOUR) == (situation, None, 0)
    release(scene, first)
    assert work(office, further("us3", 3 * HOUR), NIGHT + 3 * HOUR) == (situation, None, 0)
    assert len(all_versions(scene)) == 1


def test_an_aftershock_that_grows_graver_speaks(scene: Scene, office: Office) -> None:
    """Silent at tier 2 beside an alert of tier 2, it has an alert of its own once it is raised to 3."""
    work(office, hazard("usgs", 2, QUAKE))
    assert work(office, further("us2", HOUR), NIGHT + HOUR)[0].startswith("situation/")
    said, version, _ = work(office, further("us2", HOUR, tier=3), NIGHT + 2 * HOUR, ChangeKind.RAISED)
    assert (said, version is None) == ("draft", False)
    assert len({one.alert_id for one in all_versions(scene)}) == 2


@pytest.mark.parametrize("countries", [("MW",), ("MW", "ZM"), ()], ids=["another", "one more", "none"])
def test_an_aftershock_elsewhere_speaks(scene: Scene, office: Office, countries: tuple[str, ...]) -> None:
    """Nobody in a further country was told, and what has no country is placed by an officer."""
    work(office, hazard("usgs", 3, QUAKE))
    assert work(office, further("us2", HOUR, countries=countries), NIGHT + HOUR)[0] == "draft"


def test_an_officers_no_silences_nothing(scene: Scene, office: Office) -> None:
    """After the draft of a quake was cancelled, the next quake is drafted."""
    _, first, _ = work(office, hazard("usgs", 3, QUAKE))
    assert first is not None
    with writing(scene.engine) as connection:
        alerts.cancel(connection, first, scene.acting(OFFICER))
    assert work(office, further("us2", HOUR), NIGHT + HOUR)[0] == "draft"


@pytest.mark.parametrize("confirmed", [True, False], ids=["confirmed", "waiting for a second look"])
def test_nothing_hides_behind_a_quake_that_was_withdrawn(scene: Scene, office: Office, confirmed: bool) -> None:
    """Where the agency took the first quake back, or may be about to, the next one is drafted, as grave as it is."""
    old = hazard("usgs", 3, QUAKE)
    work(office, old)
    pending = None if confirmed else ChangeKind.LOWERED
    gone = Entry(replace(old, tier=0) if confirmed else old, NIGHT, pending, None if confirmed else NIGHT, None)
    with writing(scene.engine) as connection:
        known = source_store.entries(connection, "usgs")
        source_store.save_comparison(connection, known, Comparison([], {old.native_id: gone}), None, NIGHT)
    assert work(office, further("us2", HOUR, tier=3), NIGHT + HOUR)[0] == "draft"


def test_an_end_waits_while_a_silent_record_stands(scene: Scene, office: Office) -> None:
    """A quake taken back by one agency still stands with another, which joined it: the all-clear is an officer's to send."""
    _, first, _ = work(office, hazard("usgs", 3, QUAKE))
    assert first is not None
    release(scene, first)
    assert work(office, hazard("gdacs", 3, GDACS), NIGHT + HOUR)[0].startswith("same-event/")
    _, over, notices = work(office, hazard("usgs", 3, QUAKE), NIGHT + DAY, ChangeKind.EXPIRED)
    assert over is not None
    assert (notices, scene.status(over), scene.alert_of(over)) == (0, AlertStatus.DRAFT, scene.alert_of(first))


def test_a_second_report_of_an_outbreak_is_silent(scene: Scene, office: Office) -> None:
    """Two health agencies on one disease in one country within three days: one draft; another disease is another."""

    def told_by(source: str, disease: str, at: datetime) -> Advisory:
        event = Event(EventKind.EPIDEMIC, at, name=disease)
        return hazard(source, 2, replace(event, ids=(f"{source}:{disease}",)), hazards=(Hazard.EPIDEMIC,))

    _, first, _ = work(office, told_by("who-don", "cholera", ISSUED))
    assert first is not None
    second = told_by("cdc-thn", "cholera", ISSUED + DAY)
    assert work(office, second, NIGHT + DAY)[0] == f"situation/{scene.alert_of(first)}"
    assert work(office, told_by("cdc-thn", "measles", ISSUED + DAY), NIGHT + DAY)[0] == "draft"
