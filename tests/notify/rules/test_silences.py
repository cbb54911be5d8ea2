"""Silences: what they keep quiet, what they never do, who may agree, and that the brief tells of each."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from core.database import reading, writing
from core.errors import BadInput, NotAllowed, NotFound
from notify import night, rundown
from notify.brief import brief
from notify.decide import decide
from notify.office import Office
from notify.policy import load_policy
from notify.rules import silences
from notify.rules.silences import NewSilence, silencing
from notify.rules.tables import Silence
from notify.store import silences as store
from notify.summary import RunFacts
from registry.actors import Actor
from registry.tables import Role
from sources import store as source_store
from sources.change import Comparison, Entry
from sources.model import AdvisoryChange, Authority, ChangeKind, Hazard
from tests.notify.alerts.scene import APPROVER, OFFICER, Scene, person
from tests.notify.made import NIGHT, advisory, change

DAY = timedelta(days=1)
PLAIN = NewSilence("领保处 林黛玉", "每日例行提醒", NIGHT - DAY, NIGHT + DAY, countries=("ZM",))
LEVEL_3 = {"level_national": 3, "level_words": "谨慎前往", "summary": "请谨慎。"}


def silence(**values: Any) -> Silence:
    """Make a silence of Zambia that holds in the night of fiction."""
    plain: dict[str, Any] = {
        "id": 1, "owner": "o", "reason": "r", "begins_at": NIGHT - DAY, "ends_at": NIGHT + DAY, "countries": ["ZM"],
        "hazards": [], "sources": [], "routes": [], "even_4": False, "created_at": NIGHT, "created_by": "li",
    }  # fmt: skip
    return Silence(**(plain | values))


def quiet(one: AdvisoryChange, by: Silence, authority: Authority = Authority.HOME, at: datetime = NIGHT) -> bool:
    """Tell whether a silence keeps a change quiet."""
    decision = decide(one, authority, load_policy(None), as_of=at)
    return silencing([by], one, decision, authority, at) is not None


@pytest.mark.parametrize(
    ("values", "by", "expected"),
    [
        ({}, {}, True),
        ({"countries": ("KE",)}, {}, False),
        ({"countries": ("KE", "ZM")}, {}, False),
        ({"countries": ("KE", "ZM")}, {"countries": ["KE", "MW", "ZM"]}, True),
        ({"countries": ()}, {}, False),
        ({"worldwide": True}, {}, False),
        ({"hazards": (Hazard.CRIME,)}, {"hazards": ["crime"]}, True),
        ({"hazards": (Hazard.CRIME, Hazard.CONFLICT)}, {"hazards": ["crime"]}, False),
        ({"hazards": ()}, {"hazards": ["crime"]}, False),
        ({}, {"countries": [], "sources": ["cn-mfa"]}, True),
        ({}, {"sources": ["us-state"]}, False),
        ({}, {"countries": [], "routes": ["home-3"]}, True),
        ({}, {"routes": ["home-4"]}, False),
    ],
)
def test_a_silence_is_read_narrowly(values: dict[str, Any], by: dict[str, Any], expected: bool) -> None:
    """Every condition must hold, and every country and hazard of a notice must be named: nothing else is kept quiet."""
    one = change(ChangeKind.NEW, advisory(**(LEVEL_3 | values)))
    assert quiet(one, silence(**by)) is expected


@pytest.mark.parametrize(
    ("by", "expected"),
    [
        ({}, False),
        ({"even_4": True}, False),
        ({"even_4": True, "agreed_at": NIGHT, "agreed_by": "wang"}, True),
        ({"agreed_at": NIGHT, "agreed_by": "wang"}, False),
    ],
)
def test_the_gravest_speaks_until_two_people_silenced_it(by: dict[str, Any], expected: bool) -> None:
    """Level 4 of a home authority and a hazard of tier 3 are silenced only if that was asked for and a second person agreed."""
    assert quiet(change(ChangeKind.NEW, advisory()), silence(**by)) is expected
    red = advisory(level_national=2, tier=3)
    assert quiet(change(ChangeKind.NEW, red), silence(**by), Authority.HAZARD) is expected


@pytest.mark.parametrize("kind", [ChangeKind.LOWERED, ChangeKind.WITHDRAWN, ChangeKind.EXPIRED])
def test_an_end_is_never_silenced(kind: ChangeKind) -> None:
    """Who was told hears that it is over, whatever is silenced."""
    one = advisory(**LEVEL_3)
    after = None if kind is not ChangeKind.LOWERED else replace(one, level_national=2)
    assert not quiet(change(kind, after, one), silence())


@pytest.mark.parametrize(
    ("at", "by", "expected"),
    [
        (NIGHT - DAY, {}, True),
        (NIGHT - DAY - timedelta(seconds=1), {}, False),
        (NIGHT + DAY, {}, False),
        (NIGHT, {"ended_at": NIGHT}, False),
        (NIGHT, {"ended_at": NIGHT + DAY}, True),
    ],
)
def test_a_silence_has_a_beginning_and_an_end(at: datetime, by: dict[str, Any], expected: bool) -> None:
    """It holds from its first moment to before its last, or until an officer ended it."""
    assert quiet(change(ChangeKind.NEW, advisory(**LEVEL_3)), silence(**by), at=at) is expected


def keep(scene: Scene, *changes: AdvisoryChange) -> None:
    """Write down changes, as a reading of the source does."""
    result = Comparison(list(changes), {one.native_id: Entry(one.advisory, NIGHT) for one in changes})
    with writing(scene.engine) as connection:
        known = source_store.entries(connection, "cn-mfa")
        source_store.save_comparison(connection, known, result, None, NIGHT)


def add(scene: Scene, wanted: NewSilence = PLAIN, actor: Actor = OFFICER) -> int:
    """Write a silence; return its number."""
    with writing(scene.engine) as connection:
        return silences.add(connection, wanted, actor, scene.clock.now() - DAY)


def test_a_silenced_send_is_a_line_in_the_brief(scene: Scene, office: Office) -> None:
    """A notice of level 3 that is silenced opens nothing and tells nobody; the brief says by which silence, whose, and why."""
    scene.enrol(person(sms=("+8613800138001",)))
    number = add(scene)
    keep(scene, change(ChangeKind.NEW, advisory(**LEVEL_3)))
    run_id = rundown.begin(office, NIGHT)
    [done] = night.act_on_changes(office)
    assert (done.version_id, done.notices) == (None, 0)
    summary = rundown.close(office, run_id, RunFacts(NIGHT, (), (), (), night.NightStatus.COMPLETED))
    assert [(one["silence"], one["owner"], one["countries"]) for one in summary["silenced"]] == [
        (number, PLAIN.owner, ["ZM"])
    ]
    assert summary["joined"] == []
    told = brief(summary, "花果山市外办", "Asia/Shanghai", "zh")
    assert "静默（未通知任何人）" in told
    assert f"按静默 #{number} 未发（领保处 林黛玉：每日例行提醒）" in told.replace("\\", "")


def test_after_its_end_a_silence_keeps_nothing_quiet(scene: Scene, office: Office) -> None:
    """Ended early, it stays in the list, and the next notice goes out."""
    scene.enrol(person(sms=("+8613800138001",)))
    number = add(scene)
    with writing(scene.engine) as connection:
        silences.end(connection, number, OFFICER, NIGHT)
    keep(scene, change(ChangeKind.NEW, advisory(**LEVEL_3)))
    [done] = night.act_on_changes(office)
    assert done.notices == 1
    with reading(scene.engine) as connection:
        assert [one.ended_by for one in store.every(connection)] == [OFFICER.name]
    with writing(scene.engine) as connection, pytest.raises(BadInput, match="ended already"):
        silences.end(connection, number, OFFICER, NIGHT)


def test_a_second_person_agrees(scene: Scene) -> None:
    """An approver who did not write it agrees once; an officer, the writer, and whoever comes second are told."""
    number = add(scene, replace(PLAIN, even_4=True), APPROVER)
    other, now = Actor("jia.mu", Role.APPROVER, 4), NIGHT
    with writing(scene.engine) as connection:
        with pytest.raises(NotAllowed, match="role approver"):
            silences.agree(connection, number, OFFICER, now)
        with pytest.raises(NotAllowed, match="another person"):
            silences.agree(connection, number, APPROVER, now)
        silences.agree(connection, number, other, now)
        with pytest.raises(BadInput, match="waits for nobody"):
            silences.agree(connection, number, other, now)
        with pytest.raises(NotFound):
            silences.agree(connection, number + 1, other, now)


@pytest.mark.parametrize(
    ("values", "fault"),
    [
        ({"owner": " "}, "owner"),
        ({"reason": ""}, "reason"),
        ({"countries": ()}, "at least one"),
        ({"ends_at": NIGHT - DAY}, "ends after"),
        ({"ends_at": NIGHT + 90 * DAY}, "at most 90 days"),
    ],
)
def test_a_silence_that_makes_no_sense_is_refused(scene: Scene, values: dict[str, Any], fault: str) -> None:
    """No owner, no reason, no condition, no end or one too far: the sentence says which, and nothing is written."""
    with pytest.raises(BadInput, match=fault):
        add(scene, replace(PLAIN, **values))
    with pytest.raises(NotAllowed):
        add(scene, actor=Actor("company", Role.COMPANY, 9, 1))
