"""A narrower audience: who is told, who is left out, and that it stays so through edits, versions, previews and proof."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core.database import reading, writing
from core.errors import BadInput, NotFound
from notify import alerts, proof
from notify.account import of_alert
from notify.edit import Edit, as_draft, edit
from notify.own import groups
from notify.own.audience import audience_of
from notify.own.model import Audience
from notify.own.narrowing import narrowing
from notify.store import alerts as store
from notify.tables import VersionKind
from registry.people import NewPosting
from tests.notify.alerts.scene import OFFICER, SECOND, Scene, person
from tests.notify.own.forms import approved, released, written

KITWE, LUSAKA, SOMEWHERE = (NewPosting("ZM", city=city) for city in ("基特韦", "卢萨卡", ""))


def crowd(scene: Scene) -> dict[str, int]:
    """Enrol five people: in Kitwe, Lusaka and nobody knows where, of two employers and none; return ids by a name."""
    one, two = scene.employer("C1"), scene.employer("C2")
    ids = scene.enrol(
        person(KITWE, sms=("+260977000001",), employer=one, name="甲"),
        person(LUSAKA, sms=("+260977000002",), employer=one, name="乙"),
        person(SOMEWHERE, sms=("+260977000003",), employer=two, name="丙"),
        person(LUSAKA, sms=("+260977000004",), name="丁"),
        person(replace(KITWE, kind="resident"), sms=("+260977000005",), name="戊"),
    )  # fmt: skip
    return dict(zip(("kitwe-c1", "lusaka-c1", "somewhere-c2", "lusaka", "resident"), ids, strict=True))


def told(scene: Scene, who: dict[str, int], **form: object) -> set[str]:
    """Send a form; return by name who is among its people."""
    version = approved(scene, written(scene, **form))
    released(scene, version)
    names = {number: name for name, number in who.items()}
    assert len(scene.notices(version)) == len(scene.people(version))
    with reading(scene.engine) as connection:
        found = {gap.kind for gap in proof.gaps(connection, alert_id=scene.alert_of(version))}
    assert not found & {"not-planned", "unreachable"}
    return {names[number] for number in scene.people(version)}


def test_each_target_narrows(scene: Scene) -> None:
    """A place leaves out who is known to be elsewhere and nobody else; employers, people and groups add up; both hold together."""
    who = crowd(scene)
    with writing(scene.engine) as connection:
        now = scene.clock.now()
        groups.add(connection, OFFICER, groups.NewGroup("本地居民", kinds=("resident",)), now=now)
        groups.add(connection, OFFICER, groups.NewGroup("两人", people=(who["lusaka"],), employers=("C2",)), now=now)
    assert told(scene, who) == set(who)
    assert told(scene, who, places=["基特韦"]) == {"kitwe-c1", "somewhere-c2", "resident"}
    assert told(scene, who, employers=["C1"]) == {"kitwe-c1", "lusaka-c1"}
    assert told(scene, who, employers=["c1"], places=["基特韦"]) == {"kitwe-c1"}
    assert told(scene, who, people=[who["lusaka"]], employers=["C2"]) == {"lusaka", "somewhere-c2"}
    assert told(scene, who, groups=["本地居民"]) == {"resident"}
    assert told(scene, who, groups=["两人", "本地居民"]) == {"lusaka", "somewhere-c2", "resident"}


def test_what_is_unknown_stops_the_draft(scene: Scene) -> None:
    """A target that does not exist is named in the refusal, and no draft is left: a slip leaves nobody out unseen."""
    crowd(scene)
    for name, value in (("employers", "C9"), ("groups", "无此"), ("people", 999)):
        with pytest.raises(NotFound, match=str(value)):
            written(scene, **{name: [value]})
    with reading(scene.engine) as connection:
        assert store.versions(connection) == []


def test_an_edit_and_a_later_version_keep_the_audience(scene: Scene) -> None:
    """A mended title and a correction are for the same people as the first word: neither widens it to everybody."""
    who = crowd(scene)
    version = written(scene, employers=["C1"], places=["基特韦"])
    before = Audience(places=("基特韦",), employers=(1,))
    with writing(scene.engine) as connection:
        edit(connection, store.version(connection, version), Edit(title_zh="请勿外出，注意安全"), scene.acting(SECOND))
        assert audience_of(connection, version) == before
    released(scene, approved(scene, version))
    with writing(scene.engine) as connection:
        again = replace(as_draft(connection, store.version(connection, version)), kind=VersionKind.CORRECTION,
                        follows=scene.alert_of(version))  # fmt: skip
        later = alerts.open_alert(connection, again, scene.acting(OFFICER))
    assert later is not None
    released(scene, approved(scene, later))
    assert scene.people(later) == [who["kitwe-c1"]]


def test_a_group_that_is_replaced_changes_no_alert(scene: Scene) -> None:
    """What was written for a group stays with its members of then; the name leads to the new one; a taken name is not taken twice."""
    who = crowd(scene)
    now = scene.clock.now()
    with writing(scene.engine) as connection:
        groups.add(connection, OFFICER, groups.NewGroup("小组", people=(who["lusaka"],)), now=now)
    version = written(scene, groups=["小组"])
    with writing(scene.engine) as connection:
        other = groups.NewGroup("小组", people=(who["resident"],))
        with pytest.raises(BadInput, match="already"):
            groups.add(connection, OFFICER, other, now=now)
        groups.add(connection, OFFICER, other, now=now, replace=True)
    released(scene, approved(scene, version))
    assert scene.people(version) == [who["lusaka"]]
    assert told(scene, who, groups=["小组"]) == {"resident"}


def test_a_group_of_everybody_is_refused(scene: Scene) -> None:
    """A group without employer, kind or person would be everybody, and is none."""
    with writing(scene.engine) as connection, pytest.raises(BadInput, match="never everybody"):
        groups.add(connection, OFFICER, groups.NewGroup("所有人"), now=scene.clock.now())


def test_the_preview_says_what_each_target_leaves_out(scene: Scene) -> None:
    """Five are there; the place leaves out two, the employer three, and together one is told; the account agrees."""
    crowd(scene)
    version, everybody = written(scene, employers=["C1"], places=["基特韦"]), written(scene)
    with reading(scene.engine) as connection:
        seen = narrowing(connection, store.version(connection, version))
        whole = narrowing(connection, store.version(connection, everybody))
    assert (seen.there, seen.told) == (5, 1)
    assert [(str(one.target), one.kept, one.left) for one in seen.targets] == [
        ("Places: 基特韦", 3, 2),
        ("Employers: C1", 2, 3),
    ]
    assert (whole.there, whole.told, whole.targets) == (5, 5, ())
    released(scene, approved(scene, version))
    with reading(scene.engine) as connection:
        [account] = of_alert(connection, scene.alert_of(version))
    assert (account.planned, account.missed) == (1, 0)
