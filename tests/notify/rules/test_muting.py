"""Muting: who was told more is not told less, what is muted stays in the ledger, and nobody is left out because of a neighbour."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from core.database import reading, writing
from core.tables import Mode
from notify import alerts, proof
from notify.account import accounts
from notify.leaves_out import capped_lately
from notify.quiet import NIGHT as _NIGHT_HOURS
from notify.rules import muting
from notify.rules.model import Approval, Caps, Inhibit, Repeat, Rules
from notify.rules.muting import Said, cause
from notify.store.account import Reached
from notify.store.alerts import ALERTS
from notify.tables import DeliveryState, VersionKind
from registry.actors import SYSTEM
from registry.people import NewPosting
from tests.notify.alerts.scene import OFFICER, Scene, person
from tests.notify.made import NIGHT, draft

ONE, TWO, THREE = "+8613800138001", "+8613800138002", "+8613800138003"
HOUR = timedelta(hours=1)
PLAIN: dict[str, Any] = {
    "channels": ("sms",), "every_channel": False, "ask_safe": False, "source_id": None, "native_id": None,
}  # fmt: skip


def by_rule(scene: Scene, rules: Rules | None = None, **values: Any) -> int:
    """Open an alert for Zambia and release it as the policy does; return the version."""
    version_id = scene.open(draft(**(PLAIN | values)), SYSTEM)
    with writing(scene.engine) as connection:
        acting = replace(scene.acting(SYSTEM), rules=rules or Rules())
        alerts.release_by_rule(connection, version_id, acting)
    return version_id


def stand(scene: Scene, version_id: int) -> list[tuple[str, str]]:
    """Return state and reason of the notices of a version."""
    return [(one.state, one.reason) for one in scene.notices(version_id)]


@pytest.mark.parametrize(
    ("new", "other", "hours", "rules", "expected"),
    [
        (2, 4, 1, Rules(), "inhibited"),
        (3, 4, 1, Rules(), "inhibited"),
        (4, 3, 1, Rules(), ""),
        (3, 3, 1, Rules(), ""),
        (None, 4, 1, Rules(), ""),
        (2, None, 1, Rules(), ""),
        (3, 4, 1, Rules(inhibit=Inhibit(steps=2)), ""),
        (2, 4, 1, Rules(inhibit=Inhibit(on=False)), ""),
        (3, 3, 11, Rules(repeat=Repeat(interval=12)), "repeat"),
        (3, 3, 12, Rules(repeat=Repeat(interval=12)), ""),
        (None, None, 1, Rules(repeat=Repeat(interval=12)), ""),
        (4, 4, 1, Rules(repeat=Repeat(interval=12)), ""),
        (4, 4, 1, Rules(repeat=Repeat(interval=12, even_4=True)), "repeat"),
        (4, 3, 1, Rules(repeat=Repeat(interval=12)), ""),
    ],
)
def test_what_mutes_what(new: int | None, other: int | None, hours: int, rules: Rules, expected: str) -> None:
    """Higher mutes lower, the same level within the interval mutes, level 4 is told again, and what is not stated speaks."""
    assert cause(Said(new, NIGHT), Said(other, NIGHT - hours * HOUR), rules) == expected


def test_higher_mutes_lower_of_the_same_situation(scene: Scene) -> None:
    """Who was told level 4 is not told level 3 of the same situation; who came since is; another hazard is another situation."""
    [told] = scene.enrol(person(sms=(ONE,)))
    high = by_rule(scene, level=4, quiet=False)
    [late] = scene.enrol(person(sms=(TWO,)))
    low = by_rule(scene, level=3, quiet=False)
    assert stand(scene, low) == [("suppressed", f"inhibited:{scene.alert_of(high)}"), ("ready", "")]
    assert [scene.record_of(low, one) for one in (told, late)] == [[n.id] for n in scene.notices(low)]
    other = by_rule(scene, level=3, quiet=False, hazard="epidemic")
    assert {state for state, _ in stand(scene, other)} == {"ready"}


def test_what_is_muted_is_accounted_for(scene: Scene) -> None:
    """A muted notice is a group of its own in the account, neither a gap nor somebody not reached; planning again adds nothing."""
    scene.enrol(person(sms=(ONE,)))
    by_rule(scene, level=4, quiet=False)
    low = by_rule(scene, level=3, quiet=False)
    with writing(scene.engine) as connection:
        [account] = accounts(connection, [low])
        assert (account.people, account.open, account.holds) == ({Reached.MUTED: 1}, 0, True)
        assert [gap.kind for gap in proof.gaps(connection, alert_id=scene.alert_of(low))] == []
        version = scene.version(low)
        transfer = scene.acting(SYSTEM).transfer
        assert alerts.plan(connection, version, NIGHT, scene.clock.now(), transfer=transfer, night=_NIGHT_HOURS) == 0
        assert muting.apply(connection, version, Rules(), by_rule=True, now=scene.clock.now()) == 0
    assert len(stand(scene, low)) == 1


@pytest.mark.parametrize("state", [DeliveryState.FAILED, DeliveryState.UNKNOWN, DeliveryState.CANCELED])
def test_only_what_was_said_mutes(scene: Scene, state: DeliveryState) -> None:
    """A level 4 that was refused, called off, or of which nobody knows whether it arrived, mutes nothing."""
    scene.enrol(person(sms=(ONE,)))
    high = by_rule(scene, level=4, quiet=False)
    scene.set_state(high, state)
    assert stand(scene, by_rule(scene, level=3, quiet=False)) == [("ready", "")]


def test_what_its_provider_could_not_deliver_mutes_nothing(scene: Scene) -> None:
    """A level 4 that was accepted and then not delivered has told nobody."""
    scene.enrol(person(sms=(ONE,)))
    high = by_rule(scene, level=4, quiet=False)
    scene.set_state(high, DeliveryState.ACCEPTED, provider_status="undelivered")
    assert stand(scene, by_rule(scene, level=3, quiet=False)) == [("ready", "")]


def test_nobody_is_left_out_because_of_a_neighbour(scene: Scene) -> None:
    """Two people behind one number, of whom one was told level 4: the notice of level 3 goes out for the other."""
    scene.enrol(person(sms=(ONE,)))
    by_rule(scene, level=4, quiet=False)
    scene.enrol(person(sms=(ONE,)))
    assert stand(scene, by_rule(scene, level=3, quiet=False)) == [("ready", "")]


def test_a_higher_one_mutes_what_waits_for_the_morning(scene: Scene) -> None:
    """A notice of level 3 that waits for 07:00 is not told any more when level 4 goes out at night; for others it still is."""
    scene.enrol(person(NewPosting("ZM", zone="Asia/Shanghai"), sms=(ONE,)))
    low = by_rule(scene, level=3, quiet=True)
    assert stand(scene, low) == [("planned", "quiet")]
    scene.enrol(person(NewPosting("ZM", zone="Asia/Shanghai"), sms=(TWO,)))
    high = by_rule(scene, level=4, quiet=False)
    assert stand(scene, low) == [("suppressed", f"inhibited:{scene.alert_of(high)}")]


def test_a_cancelled_alert_gives_back_what_it_muted(scene: Scene) -> None:
    """When the level 4 turns out to be a mistake and is cancelled, the notice that it muted goes out, at its time."""
    scene.enrol(person(NewPosting("ZM", zone="Asia/Shanghai"), sms=(ONE,)))
    low = by_rule(scene, level=3, quiet=True)
    high = by_rule(scene, level=4, quiet=False)
    with writing(scene.engine) as connection:
        alerts.cancel(connection, high, scene.acting(OFFICER))
    assert stand(scene, low) == [("planned", "quiet")]
    assert scene.status(low) == "sending"


def test_what_an_officer_releases_is_never_muted(scene: Scene) -> None:
    """An officer who presses send has decided: no rule takes their notice back, and no later word of an alert is muted."""
    scene.enrol(person(sms=(ONE,)))
    by_rule(scene, level=4, quiet=False)
    assert stand(scene, scene.by_officers(draft(**(PLAIN | {"level": 3, "quiet": False})))) == [("ready", "")]
    low = by_rule(scene, level=3, quiet=False, hazard="crime")
    scene.set_state(low, DeliveryState.ACCEPTED)
    by_rule(scene, level=4, quiet=False, hazard="crime")
    update = by_rule(scene, level=3, quiet=False, hazard="crime", kind=VersionKind.UPDATE, follows=scene.alert_of(low))
    assert stand(scene, update) == [("ready", "")]


def test_an_alert_that_was_lowered_mutes_by_its_newest_word(scene: Scene) -> None:
    """Once the level 4 is lowered to 2, a new level 3 of the same situation is told."""
    scene.enrol(person(sms=(ONE,)))
    high = by_rule(scene, level=4, quiet=False)
    scene.set_state(high, DeliveryState.ACCEPTED)
    by_rule(scene, level=2, quiet=False, kind=VersionKind.UPDATE, follows=scene.alert_of(high))
    assert stand(scene, by_rule(scene, level=3, quiet=False)) == [("ready", "")]


def test_a_drill_mutes_nothing_real(scene: Scene) -> None:
    """A level 4 of a drill does not keep anybody from a real notice."""
    scene.enrol(person(sms=(ONE,)))
    high = by_rule(scene, level=4, quiet=False)
    with writing(scene.engine) as connection:
        connection.execute(ALERTS.update().where(ALERTS.c.id == scene.alert_of(high)).values(mode=Mode.DRILL))
    assert stand(scene, by_rule(scene, level=3, quiet=False)) == [("ready", "")]


def test_the_same_is_not_said_twice_within_the_interval(scene: Scene) -> None:
    """With an interval of 12 hours a second level 3 of the same situation is muted after 6 hours and told after 13."""
    rules = Rules(repeat=Repeat(interval=12))
    scene.enrol(person(sms=(ONE,)))
    first = by_rule(scene, rules, level=3, quiet=False)
    soon = by_rule(scene, rules, level=3, quiet=False, as_of=NIGHT + 6 * HOUR)
    assert stand(scene, soon) == [("suppressed", f"repeat:{scene.alert_of(first)}")]
    later = by_rule(scene, rules, level=3, quiet=False, as_of=NIGHT + 13 * HOUR)
    assert stand(scene, later) == [("ready", "")]


def test_a_day_has_a_cap_that_level_4_breaks(scene: Scene) -> None:
    """With two notices a day the third of level 3 is capped, for the one who had two; level 4 always goes; the next day is new."""
    rules = Rules(caps=Caps(per_day=2), inhibit=Inhibit(on=False))
    scene.enrol(person(sms=(ONE,)))
    for hazard in ("crime", "traffic"):
        by_rule(scene, rules, level=3, quiet=False, hazard=hazard)
    scene.enrol(person(sms=(TWO,)))
    third = by_rule(scene, rules, level=3, quiet=False, hazard="epidemic")
    assert stand(scene, third) == [("suppressed", "capped"), ("ready", "")]
    assert {state for state, _ in stand(scene, by_rule(scene, rules, level=4, quiet=False))} == {"ready"}
    with reading(scene.engine) as connection:
        [line] = capped_lately(connection, scene.clock.now() - HOUR, "zh")
        assert f"预警 {scene.alert_of(third)}：1 条通知未发" in line
        assert capped_lately(connection, scene.clock.now() + HOUR, "zh") == []
    with writing(scene.engine) as connection:  # a day later nothing of it is given back
        assert muting.give_back(connection, Rules().quiet.night, NIGHT + 24 * HOUR, scene.clock.now()) == 0
    assert stand(scene, third) == [("suppressed", "capped"), ("ready", "")]
    tomorrow = by_rule(scene, rules, level=3, quiet=False, hazard="legal", as_of=NIGHT + 24 * HOUR)
    assert {state for state, _ in stand(scene, tomorrow)} == {"ready"}


def test_rules_have_no_part_in_who_releases() -> None:
    """The default rules mute only lower by higher: no interval, no cap, and two people for every release."""
    assert Rules() == Rules(
        approval=Approval(people=0), repeat=Repeat(interval=0), caps=Caps(per_day=0), inhibit=Inhibit(on=True)
    )
