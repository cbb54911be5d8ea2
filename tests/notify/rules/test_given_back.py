"""Muting, looked at later: who hears nothing of the higher alert after all, and what becomes of those who were left out."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from core.database import writing
from notify import alerts, pausing
from notify.rules import muting
from notify.rules.model import Approval, Rules
from notify.store.outbox import DELIVERIES
from notify.tables import DeliveryState, VersionKind
from registry.people import NewPosting
from tests.notify.alerts.scene import OFFICER, Scene, person
from tests.notify.made import draft
from tests.notify.rules.test_muting import HOUR, ONE, PLAIN, TWO, by_rule, stand

NOON = datetime(2026, 11, 22, 4, tzinfo=UTC)
"""12:00 in Beijing."""


def give_back(scene: Scene, moment: datetime = NOON) -> int:
    """Look again at what was muted, as the engine does."""
    with writing(scene.engine) as connection:
        return muting.give_back(connection, Rules().quiet.night, moment, scene.clock.now())


def two(scene: Scene, **low: Any) -> tuple[int, int]:
    """Tell one person level 4 and leave them out of level 3; return both versions."""
    scene.enrol(person(NewPosting("ZM", zone="Asia/Shanghai"), sms=(ONE,)))
    high = by_rule(scene, level=4, quiet=False)
    return high, by_rule(scene, **{"level": 3, "quiet": False, **low})


@pytest.mark.parametrize(
    ("state", "status"),
    [
        (DeliveryState.FAILED, ""),
        (DeliveryState.EXPIRED, ""),
        (DeliveryState.UNRESOLVED, ""),
        (DeliveryState.SUPPRESSED, ""),
        (DeliveryState.ACCEPTED, "undelivered"),
    ],
)
def test_who_was_not_reached_by_the_higher_is_told_the_lower(scene: Scene, state: DeliveryState, status: str) -> None:
    """The level 4 that muted a level 3 was refused, ran out or did not arrive: the level 3 goes out after all, once."""
    high, low = two(scene)
    assert stand(scene, low) == [("suppressed", f"inhibited:{scene.alert_of(high)}")]
    scene.set_state(high, state, provider_status=status)
    assert (give_back(scene), give_back(scene)) == (1, 0)
    assert stand(scene, low) == [("ready", "")]


@pytest.mark.parametrize(
    ("state", "status"),
    [(DeliveryState.READY, ""), (DeliveryState.UNKNOWN, ""), (DeliveryState.ACCEPTED, "delivered")],
)
def test_who_was_told_or_may_be_is_not_told_less(scene: Scene, state: DeliveryState, status: str) -> None:
    """While the level 4 is on its way, in doubt or read, the level 3 stays muted."""
    high, low = two(scene)
    scene.set_state(high, state, provider_status=status)
    assert give_back(scene) == 0
    assert stand(scene, low) == [("suppressed", f"inhibited:{scene.alert_of(high)}")]


def test_what_is_paused_mutes_nothing(scene: Scene) -> None:
    """The level 4 is paused before it left: the level 3 goes out after all, and so does a new one; whom it had reached stays muted."""
    first, second = "+8613800138008", "+8613800138009"
    scene.enrol(*(person(NewPosting("ZM", zone="Asia/Shanghai"), sms=(one,)) for one in (first, second)))
    high = by_rule(scene, level=4, quiet=False)
    low = by_rule(scene, level=3, quiet=False)
    muted = ("suppressed", f"inhibited:{scene.alert_of(high)}")
    assert stand(scene, low) == [muted, muted]
    with writing(scene.engine) as connection:
        told = min(one.id or 0 for one in scene.notices(high))
        reached = {"state": DeliveryState.ACCEPTED.value, "provider_status": "delivered"}
        connection.execute(DELIVERIES.update().where(DELIVERIES.c.id == told).values(reached))
        pausing.pause(connection, scene.alert_of(high), scene.acting(OFFICER))
    assert give_back(scene) == 1
    assert sorted(stand(scene, low)) == [("ready", ""), muted]
    assert sorted(stand(scene, by_rule(scene, level=3, quiet=False))) == [("ready", ""), muted]


def test_the_end_of_the_higher_gives_the_lower_back_at_its_hour(scene: Scene) -> None:
    """The level 4 is over while the level 3 stands: it is told, not in the middle of the night but at 07:00."""
    high, low = two(scene, quiet=True, as_of=NOON)
    scene.set_state(high, DeliveryState.ACCEPTED, provider_status="delivered")
    by_rule(scene, level=4, kind=VersionKind.ALL_CLEAR, follows=scene.alert_of(high))
    assert give_back(scene, NOON + 14 * HOUR) == 1
    assert stand(scene, low) == [("planned", "quiet")]
    assert scene.notices(low)[0].not_before == NOON + 19 * HOUR


def test_what_is_over_is_not_given_back(scene: Scene) -> None:
    """A level 3 whose own validity is over is not told days later because the level 4 failed."""
    high, low = two(scene)
    scene.set_state(high, DeliveryState.FAILED)
    scene.clock.moment += timedelta(hours=25)
    assert give_back(scene) == 0
    assert [state for state, _ in stand(scene, low)] == ["suppressed"]


def test_who_was_left_out_of_the_first_word_gets_no_correction_of_it(scene: Scene) -> None:
    """Of two people one was told level 4 before: the officer's correction of the level 3 goes to the other alone."""
    [told] = scene.enrol(person(sms=(ONE,)))
    high = by_rule(scene, level=4, quiet=False)
    [other] = scene.enrol(person(sms=(TWO,)))
    low = by_rule(scene, level=3, quiet=False)
    [free] = scene.record_of(low, other)
    with writing(scene.engine) as connection:
        gone = DELIVERIES.update().where(DELIVERIES.c.id == free)
        connection.execute(gone.values(state=DeliveryState.ACCEPTED, provider_status="delivered"))
    correction = scene.by_officers(
        draft(**(PLAIN | {"level": 3, "quiet": False, "kind": VersionKind.CORRECTION, "follows": scene.alert_of(low)}))
    )
    notices = {one.id: (one.state, one.reason) for one in scene.notices(correction)}
    got = [notices[scene.record_of(correction, one)[0]] for one in (told, other)]
    assert got == [("suppressed", f"inhibited:{scene.alert_of(high)}"), ("ready", "")]


def test_an_update_by_rule_tells_nobody_less_than_they_know(scene: Scene) -> None:
    """A level 2 that rises to 3 beside a level 4 is told to those who heard the level 2, not to who heard only the level 4."""
    [first] = scene.enrol(person(sms=(ONE,)))
    low = by_rule(scene, level=2, quiet=False)
    scene.set_state(low, DeliveryState.ACCEPTED, provider_status="delivered")
    [second] = scene.enrol(person(sms=(TWO,)))
    by_rule(scene, level=4, quiet=False)
    update = by_rule(scene, level=3, quiet=False, kind=VersionKind.UPDATE, follows=scene.alert_of(low))
    states = {one.id: one.state for one in scene.notices(update)}
    assert [states[scene.record_of(update, one)[0]] for one in (first, second)] == ["ready", "suppressed"]


def test_what_one_officer_may_release_alone_is_not_muted_by_rule(scene: Scene) -> None:
    """Where the policy asks for no second person, an officer's level 3 that waits for the morning is still an officer's."""
    scene.enrol(person(NewPosting("ZM", zone="Asia/Shanghai"), sms=(ONE,)))
    alone = replace(scene.acting(OFFICER), rules=Rules(approval=Approval(people=100)))
    scene.clock.moment = NOON + 14 * HOUR
    alone = replace(alone, now=scene.clock.now())
    own = scene.open(draft(**(PLAIN | {"level": 3, "quiet": True, "as_of": alone.now})))
    with writing(scene.engine) as connection:
        alerts.release(connection, own, alone)
    assert stand(scene, own) == [("planned", "quiet")]
    by_rule(scene, level=4, quiet=False, as_of=alone.now)
    assert stand(scene, own) == [("planned", "quiet")]
