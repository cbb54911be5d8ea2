"""Forms of manual alerts for the tests, and the steps an officer takes with them."""

from __future__ import annotations

from core.database import writing
from notify import alerts
from notify.manual import ManualAlert
from notify.own.write import write
from tests.notify.alerts.scene import APPROVER, OFFICER, Scene

TITLE = "近期请减少外出，注意安全"


def form(**values: object) -> ManualAlert:
    """Fill in the form of a manual alert for Zambia."""
    plain: dict[str, object] = {"countries": ["赞比亚"], "level": 3, "title_zh": TITLE, "channels": ["sms"]}
    return ManualAlert.model_validate(plain | values)


def written(scene: Scene, **values: object) -> int:
    """Write a draft of a form; return its version."""
    with writing(scene.engine) as connection:
        return write(connection, form(**values), scene.acting(OFFICER), scene.clock.now())


def approved(scene: Scene, version: int) -> int:
    """Take a draft through two pairs of hands; return its version."""
    with writing(scene.engine) as connection:
        alerts.submit(connection, version, scene.acting(OFFICER))
        alerts.approve(connection, version, scene.acting(APPROVER))
    return version


def released(scene: Scene, version: int) -> int:
    """Release an approved version; return how many notices were planned."""
    with writing(scene.engine) as connection:
        return alerts.release(connection, version, scene.acting(OFFICER))
