"""What our office said of one country, and the levels of what is in force."""

from __future__ import annotations

from datetime import timedelta

from core.database import reading, writing
from notify.model import BASELINE
from notify.store.alerts import ALERTS, close_alert
from notify.store.in_country import Said, said_about
from notify.store.levels_board import levels_in_force
from sources.model import Grade, Level
from tests.notify.alerts.scene import Scene
from tests.notify.made import draft


def seen(scene: Scene, country: str, days: int = 0) -> list[Said]:
    """Look at our alerts about a country, so many days later."""
    with reading(scene.engine) as connection:
        return said_about(connection, country, scene.clock.now() + timedelta(days=days))


def levels(scene: Scene, days: int = 0) -> dict[str, Level]:
    """Look at the levels in force, so many days later."""
    with reading(scene.engine) as connection:
        return levels_in_force(connection, scene.clock.now() + timedelta(days=days))


def test_in_force_first_then_over(scene: Scene) -> None:
    """What was closed or has run out is over, and stands below what is in force; another country's alert is not there."""
    first = scene.by_rule(draft(countries=("ZM",), native_id="1", origin_key="1", level=3))
    second = scene.by_rule(draft(countries=("AO", "ZM"), native_id="2", origin_key="2", level=None))
    scene.by_rule(draft(countries=("AO",), native_id="3", origin_key="3", level=4))
    with writing(scene.engine) as connection:
        close_alert(connection, scene.alert_of(second), scene.clock.now())
    assert [(one.alert_id, one.in_force) for one in seen(scene, "ZM")] == [
        (scene.alert_of(first), True), (scene.alert_of(second), False),
    ]  # fmt: skip
    assert levels(scene) == {"ZM": 3, "AO": 4}
    assert not any(one.in_force for one in seen(scene, "ZM", days=91))
    assert levels(scene, days=91) == {}


def test_drafts_and_drills_are_not_what_we_said(scene: Scene) -> None:
    """What nobody released was told to nobody; an exercise in a live office is no warning."""
    scene.open(draft(countries=("ZM",), origin_key="1"))
    drill = scene.by_rule(draft(countries=("ZM",), origin_key="2", native_id="2"))
    with writing(scene.engine) as connection:
        connection.execute(ALERTS.update().where(ALERTS.c.id == scene.alert_of(drill)).values(mode="drill"))
    assert seen(scene, "ZM") == []
    assert levels(scene) == {}


def test_without_a_number_it_is_unstated(scene: Scene) -> None:
    """An alert of ours whose source states no level is in force as one without a level, and not as level 1."""
    scene.by_rule(draft(countries=("ZM",), level=None, rule=BASELINE))
    assert levels(scene) == {"ZM": Grade.UNSTATED}
    assert [one.told for one in seen(scene, "ZM")] == [False]
