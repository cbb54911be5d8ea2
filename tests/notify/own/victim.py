"""A process that releases an alert and is killed in the middle: after the fan-out, before anything of it is durable.

python -m tests.notify.own.victim URL VERSION STEP
"""

from __future__ import annotations

import os
import signal
import sys
from datetime import UTC, datetime

from core.database import open_engine, writing
from core.tables import table
from notify import alerts
from notify.alerts import Acting
from notify.tables import AlertStatus, AlertVersion
from tests.notify.alerts.scene import APPROVER, OFFICER
from tests.notify.made import OFFICE


def die() -> None:
    """End this process as a power cut would."""
    os.kill(os.getpid(), signal.SIGKILL)


def main(url: str, version: int, step: str) -> None:
    """Approve and release `version` in the database at `url`, and die at `step`: `approved`, `moved` or `planned`."""
    engine = open_engine(url)
    now = datetime.now(UTC)
    with writing(engine) as connection:
        alerts.approve(connection, version, Acting(APPROVER, now, OFFICE))
    if step == "approved":
        die()
    with writing(engine) as connection:
        if step == "moved":  # the state, and not yet its people
            rows = table(AlertVersion)
            connection.execute(rows.update().where(rows.c.id == version).values(status=AlertStatus.SENDING))
            die()
        alerts.release(connection, version, Acting(OFFICER, now, OFFICE))
        die()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), sys.argv[3])
