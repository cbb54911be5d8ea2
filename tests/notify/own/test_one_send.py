"""One alert, one send: two officers press together, a session ends, a process dies between approval and fan-out."""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path

import pytest

from core.database import reading, writing
from core.errors import BadInput, NotAllowed
from notify import alerts
from notify.tables import AlertStatus
from registry import users
from registry.actors import Actor
from registry.tables import Role
from tests.notify.alerts.scene import APPROVER, OFFICER, SECOND, Scene, person
from tests.notify.own.forms import approved, released, written

ROOT = Path(__file__).resolve().parents[3]
CROWD = 5


@pytest.fixture
def version(scene: Scene) -> int:
    """Give a submitted version for five people."""
    scene.enrol(*(person(sms=(f"+26097700000{n}",), name=f"工友{n}") for n in range(CROWD)))
    drafted = written(scene, level=4)
    with writing(scene.engine) as connection:
        alerts.submit(connection, drafted, scene.acting(OFFICER))
    return drafted


@pytest.mark.parametrize("step", ["approved", "moved", "planned"])
def test_killed_between_approval_and_fan_out(scene: Scene, version: int, step: str) -> None:
    """Killed after the approval, half-way or at the very end of the fan-out: the approval stands, nobody has a notice yet, and the
    next press sends once to everybody; one more is refused."""
    url = scene.engine.url.render_as_string(hide_password=False)
    ended = subprocess.run(
        [sys.executable, "-m", "tests.notify.own.victim", url, str(version), step],
        cwd=ROOT,
        capture_output=True,
        check=False,
    )
    assert ended.returncode == -9, ended.stderr.decode()
    assert (scene.status(version), scene.notices(version), scene.people(version)) == (AlertStatus.APPROVED, [], [])
    assert released(scene, version) == CROWD
    with pytest.raises(BadInput, match="being sent"):
        released(scene, version)
    assert len(scene.notices(version)) == CROWD


def test_two_screens_press_together(scene: Scene, version: int) -> None:
    """Two officers, two screens, one moment: one is told how many, the other that it is being sent; five notices in all."""
    with writing(scene.engine) as connection:
        alerts.approve(connection, version, scene.acting(APPROVER))
    together, said = threading.Barrier(2), []

    def press(actor: Actor) -> None:
        acting = scene.acting(actor)
        together.wait()
        try:
            with writing(scene.engine) as connection:
                said.append(str(alerts.release(connection, version, acting)))
        except BadInput as error:
            said.append(str(error))

    threads = [threading.Thread(target=press, args=[who]) for who in (OFFICER, SECOND)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(said) == ["5", "Alert 1 is being sent now: this step is not open."]
    assert len(scene.notices(version)) == CROWD


def test_two_approvers_approve_once(scene: Scene, version: int) -> None:
    """Of two approvals at once one counts, and the other is told so; the drafter's never does."""
    other = Actor("xue.baochai", Role.APPROVER, 9)
    with pytest.raises(NotAllowed), writing(scene.engine) as connection:
        alerts.approve(connection, version, scene.acting(OFFICER))
    with writing(scene.engine) as connection:
        alerts.approve(connection, version, scene.acting(APPROVER))
    with pytest.raises(BadInput, match="approved, not sent"), writing(scene.engine) as connection:
        alerts.approve(connection, version, scene.acting(other))
    assert scene.version(version).approved_by == APPROVER.name


def test_the_approvers_token_ends_between(scene: Scene) -> None:
    """An approval stands when the approver's token is taken away afterwards; with it nothing more can be done; one send."""
    scene.enrol(person(sms=("+260977000001",)))
    chief = Actor("console", Role.ADMINISTRATOR)
    with writing(scene.engine) as connection:
        now = scene.clock.now()
        users.add_user(connection, chief, name="jia.mu", role=Role.ADMINISTRATOR, now=now)
        users.add_user(connection, chief, name="wang.xifeng", role=Role.APPROVER, now=now)
        token = users.issue_token(connection, chief, "wang.xifeng", now)
    one = written(scene, level=4)
    with writing(scene.engine) as connection:
        alerts.submit(connection, one, scene.acting(OFFICER))
        approver = users.authenticate(connection, name="wang.xifeng", token=token, now=scene.clock.now())
        alerts.approve(connection, one, scene.acting(approver))
        users.revoke_tokens(connection, chief, "wang.xifeng", scene.clock.now())
    with pytest.raises(NotAllowed), writing(scene.engine) as connection:
        users.authenticate(connection, name="wang.xifeng", token=token, now=scene.clock.now())
    assert released(scene, one) == 1
    with reading(scene.engine) as connection:
        assert alerts.find(connection, 1).approved_by == "wang.xifeng"


def test_a_draft_is_not_released(scene: Scene) -> None:
    """What nobody approved does not leave, whoever presses."""
    scene.enrol(person(sms=("+260977000001",)))
    with pytest.raises(BadInput):
        released(scene, written(scene, level=4))
    assert released(scene, approved(scene, written(scene, level=4))) == 1
