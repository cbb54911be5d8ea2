"""What a restored copy must do about notices before it may send: whatever may have left after the backup is in doubt.

The instance that the backup was taken from went on. A notice that waited then may have been sent by it, and this copy cannot
know. So when an administrator says that this copy is the live one now, every notice of a released version whose time has come
goes through `unknown`: the provider is asked, and only what it proves not to have is sent; what cannot be asked follows the
severity, as any other doubt. See `docs/states.md`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from core import audit
from core.database import set_mode, writing
from core.errors import WrongUse
from core.i18n import t
from core.tables import Mode
from notify import worker
from notify.office import Office
from notify.store import restoring as store
from notify.store.alerts import instance
from notify.store.deliveries import Claimed, insert_attempts


@dataclass(frozen=True)
class Switched:
    """What a change of mode came to.

    Attributes:
        in_doubt: notices that are asked about before anything is sent.
        begun: moment from which the instance of the backup may have sent them; None: this is no restored copy.
    """

    mode: Mode
    in_doubt: int = 0
    begun: datetime | None = None


def switch(office: Office, mode: Mode, *, by: str, is_the_live_one: bool = False) -> Switched:
    """Set what this instance may do, in one transaction with what follows from it.

    Args:
        is_the_live_one: somebody has made sure that the instance this copy was taken from is off, and stays off.

    Raises:
        WrongUse: this is a restored copy, and nobody has said so.
    """
    now = office.clock.now()
    with writing(office.engine) as connection:
        here = instance(connection)
        found = Switched(mode)
        if here.unclaimed and mode is not Mode.DRILL:
            if mode is Mode.LIVE and not is_the_live_one:
                raise WrongUse(
                    t("This is a copy out of a backup of {moment}. If the instance it was taken from still runs, people would be "
                      "told twice. Make sure that it is off and stays off, then say so with --i-am-the-live-one.",
                      moment=f"{here.backup_at:%Y-%m-%d %H:%M} UTC")
                )  # fmt: skip
            found = Switched(mode, put_in_doubt(connection, office, mode, now), here.backup_at)
        set_mode(connection, mode)
        if here.unclaimed and mode is Mode.LIVE:
            store.claim(connection, now)
            audit.record(connection, actor=by, action="instance.claim", subject="instance/1", now=now,
                         detail=f"{found.in_doubt}")  # fmt: skip
        audit.record(connection, actor=by, action="instance.mode", subject="instance/1", now=now, detail=mode)
    return found


def put_in_doubt(connection: Connection, office: Office, mode: Mode, now: datetime) -> int:
    """Put what the instance of the backup may have sent into doubt, with a record of each; return how many. Repeatable.

    What was in the hands of a worker is in doubt already, with the attempt it made. What only waited gets an attempt that says
    when the other instance may have begun, so that the provider is asked about all the time since.

    Args:
        mode: that of the alerts in question: those that may leave from now on.
    """
    here = instance(connection)
    assert here.backup_at is not None
    assert here.restored_at is not None
    begun, count = here.backup_at, store.doubt_of_workers(connection, mode, now)
    while waiting := store.waiting(connection, mode, now, before=here.restored_at):
        store.doubt(connection, [one.id for one in waiting], now)
        _record(connection, office, waiting, here.uid, begun)
        count += len(waiting)
    return count


def _record(connection: Connection, office: Office, waiting: Sequence[Claimed], uid: str, begun: datetime) -> None:
    base, at_home = office.settings.public_base_url, office.settings.safe_link_home
    prepared = worker.prepare(connection, waiting, office.keys, base, links_home=at_home)
    notices = [(one, worker.outgoing(one, prepared, uid, begun)) for one in waiting]
    insert_attempts(connection, [worker.attempt_row(one, notice, store.RESTORED, begun) for one, notice in notices])


def settle_in(connection: Connection, now: datetime, backup_at: datetime) -> None:
    """Mark a database that was just filled from a backup: it is a copy, it may only drill, and its numbers go on elsewhere.

    Notices of drills that had not left are called off: nobody goes on with an exercise of another machine.
    """
    store.mark(connection, now, backup_at)
    store.call_off_drills(connection, now)
    store.leave_room(connection, now)
    detail = f"{backup_at:%Y-%m-%dT%H:%M:%SZ}"
    audit.record(connection, actor="restore", action="instance.restore", subject="instance/1", now=now, detail=detail)
