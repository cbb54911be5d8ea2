"""The rounds as one act: answers that waited are taken, what is due is written down, what was written down is sent."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import structlog

from core.database import reading, writing
from core.tables import Mode
from notify.grounds import transfer_of
from notify.office import Office
from notify.safety import inbox
from notify.safety.rounds.plan import Pace, Planned, take_due
from notify.safety.rounds.send import Told, send_open
from notify.store import alerts as alert_store
from notify.store import safe_rounds as store

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Rounds:
    """What one run did.

    Attributes:
        spooled: answers that had waited for the database.
        planned: for how many people each step was taken. `told`: messages to people, companies and contacts at home.
    """

    alerts: int
    spooled: int
    planned: Planned
    told: Told


def run(office: Office, alert_id: int | None = None) -> Rounds:
    """Take the steps that are due for every open roll call, or for one alert, and send their messages. Repeatable.

    Notices over people's other channels are left to the outbox, which sends them next.
    """
    now, spooled = office.clock.now(), inbox.catch_up(office)
    with reading(office.engine) as connection:
        mode = Mode(alert_store.instance(connection).mode)
        calls = store.roll_calls(connection, mode, now, alert_id)
    pace = Pace(now, timedelta(minutes=office.settings.safe_silence), transfer_of(office.settings))
    planned, told = Planned(), Told()
    for call in calls:
        with writing(office.engine) as connection:
            step = take_due(connection, call, pace)
        sent = send_open(office, call)
        if step != Planned() or sent != Told():
            log.info(
                "rounds", alert=call.alert_id, again=step.again, company=step.company, home=step.home, phone=step.phone
            )
        planned = planned.plus(step)
        told = Told(told.sent + sent.sent, told.failed + sent.failed, told.without + sent.without)
    return Rounds(len(calls), spooled, planned, told)
