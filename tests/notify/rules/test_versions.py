"""Versions of the policy: who may switch one on, which one holds, and that of two at once one is told."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from core.database import reading, writing
from core.errors import BadInput, NotAllowed, WrongSetting
from core.settings import Settings
from notify import night, proof
from notify.office import Office
from notify.policy import POLICIES, Action, load_policy, parse_policy
from notify.rules.preview import Seen, compare
from notify.rules.versions import activate, of_version
from notify.store import policies as store
from sources.model import AdvisoryChange, Authority, ChangeKind
from sources.store import StoredChange
from tests.notify.alerts.scene import APPROVER, OFFICER, Scene, person
from tests.notify.made import NIGHT, advisory, change
from tests.notify.rules.test_silences import keep

SHIPPED = (POLICIES / "policy.toml").read_text(encoding="utf-8")
DRAFTS = SHIPPED.replace('name = "home-3"', 'name = "home-3-drafts"').replace(
    'level = [3]\naction = "send"', 'level = [3]\naction = "draft"'
)


def switch(scene: Scene, text: str, instead_of: int, note: str = "试行") -> int:
    """Switch a policy on; return its number."""
    with writing(scene.engine) as connection:
        return activate(connection, APPROVER, text, note, instead_of=instead_of, now=scene.clock.now()).no


def test_the_version_that_was_switched_on_holds(scene: Scene, tmp_path: Path) -> None:
    """Without a version the office's file holds; with one it does, from the next decision on, in an office that is open already."""
    own = tmp_path / "own.toml"
    own.write_text(SHIPPED + "\n# ours\n", encoding="utf-8")
    office = Office(Settings(home=tmp_path, policy_file=own), scene.engine, scene.clock, scene.keys)
    assert office.policy.digest == load_policy(own).digest
    assert switch(scene, DRAFTS, 0) == 1
    assert [one.name for one in office.policy.route if "home-3" in one.name] == ["home-3-drafts"]
    scene.enrol(person(sms=("+8613800138001",)))
    keep(scene, change(ChangeKind.NEW, advisory(level_national=3, level_words="谨慎前往")))
    [done] = night.act_on_changes(office)
    assert (done.decision.action, done.notices) == (Action.DRAFT, 0)
    assert done.version_id is not None
    assert scene.version(done.version_id).policy == office.policy.digest


def test_of_two_who_switch_on_at_once_one_is_told(scene: Scene) -> None:
    """Both looked at the same version: the second is refused, nothing is changed, and both texts are kept in order."""
    switch(scene, SHIPPED, 0)
    switch(scene, DRAFTS, 1)
    with pytest.raises(BadInput, match="Somebody else"):
        switch(scene, SHIPPED + "\n# another\n", 1)
    with reading(scene.engine) as connection:
        assert [(one.no, one.created_by) for one in store.history(connection)] == [
            (2, APPROVER.name),
            (1, APPROVER.name),
        ]
        assert of_version(store.history(connection)[0]).digest == parse_policy(DRAFTS, "own").digest


def test_a_number_is_taken_once(scene: Scene) -> None:
    """The database itself refuses the second row of one number, should two pass the look at the same moment."""
    switch(scene, SHIPPED, 0)
    values = {"no": 1, "text": "x", "digest": "d", "note": "n", "active_from": NIGHT, "created_by": "li"}
    with writing(scene.engine) as connection:
        assert not store.add(connection, values)


def test_the_history_is_sealed(scene: Scene) -> None:
    """A version that is changed afterwards is found by the chain."""
    switch(scene, SHIPPED, 0)
    with writing(scene.engine) as connection:
        proof.seal(connection, scene.clock.now())
        assert proof.verify(connection) == []
        connection.execute(store.POLICY_VERSIONS.update().values(note="别的"))
        assert [one.table for one in proof.verify(connection)] == ["policy_version"]


def test_what_may_not_be_switched_on(scene: Scene) -> None:
    """An officer, a text without a reason, a wrong policy, and the one that holds already are refused."""
    now = scene.clock.now()
    with writing(scene.engine) as connection:
        with pytest.raises(NotAllowed, match="role approver"):
            activate(connection, OFFICER, SHIPPED, "x", instead_of=0, now=now)
        with pytest.raises(BadInput, match="why"):
            activate(connection, APPROVER, SHIPPED, "  ", instead_of=0, now=now)
        with pytest.raises(WrongSetting, match="last route"):
            activate(connection, APPROVER, SHIPPED.rpartition("[[route]]")[0], "x", instead_of=0, now=now)
        activate(connection, APPROVER, SHIPPED, "x", instead_of=0, now=now)
        with pytest.raises(BadInput, match="holds already"):
            activate(connection, APPROVER, SHIPPED, "x", instead_of=1, now=now)


def seen(*changes: AdvisoryChange) -> Sequence[Seen]:
    """Return changes as they are stored."""
    return [Seen(StoredChange(place, one, NIGHT, None, None), Authority.HOME) for place, one in enumerate(changes, 1)]


def test_the_preview_names_what_differs() -> None:
    """Of three changes of the past the one of level 3 would be a draft, another would break the night; the rules differ in two."""
    old = load_policy(None)
    text = DRAFTS.replace("per_day = 0", "per_day = 3").replace("interval = 0", "interval = 6")
    by_night = 'acute = true\naction = "send"\nquiet = '
    new = parse_policy(text.replace(f"{by_night}true", f"{by_night}false"), "own")
    past = seen(
        change(ChangeKind.NEW, advisory()),
        change(ChangeKind.NEW, advisory(level_national=3)),
        change(ChangeKind.NEW, advisory(level_national=2, acute=True)),
    )
    found = compare(past, old, new)
    assert (found.changes, dict(found.before), dict(found.after)) == (3, {"send": 3}, {"send": 2, "draft": 1})
    assert [(one.stored.id, one.before.action, one.after.action, one.how) for one in found.different] == [
        (2, Action.SEND, Action.DRAFT, ()),
        (3, Action.SEND, Action.SEND, (("quiet", True, False),)),
    ]
    assert found.rules == (("repeat.interval", 0, 6), ("caps.per_day", 0, 3))
    same = compare(past, old, old)
    assert (same.different, same.rules) == ((), ())
