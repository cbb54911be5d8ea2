"""Which steps are due, written down before anything is sent: each once per person and alert, for those who are silent, and those
whose answers leave open how they are.

1 the person's other channels, or a reminder where all were used; 2 their company; 3 their contact at home; 4 the officers' list.
Each comes when nobody knew whether they are safe for so many minutes after the one before. An update that asks again begins them anew.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import Connection

from core.i18n import t
from core.tables import Mode
from notify import alerts
from notify.duty.paging import page, settle
from notify.grounds import Transfer
from notify.store import alerts as alert_store
from notify.store import safe_rounds as store
from notify.store.ladder import ROUNDS_FROM
from notify.store.safe_rounds import RollCall, Silent


class Step(StrEnum):
    """A step of the rounds, in their order."""

    AGAIN = "again"
    COMPANY = "company"
    HOME = "home"
    PHONE = "phone"


BEFORE = {Step.AGAIN: "", Step.COMPANY: Step.AGAIN, Step.HOME: Step.COMPANY, Step.PHONE: Step.HOME}
CAUSE = "silent/{alert}"


@dataclass(frozen=True)
class Pace:
    """When the rounds are worked out, how long silence is waited for, and what may go abroad."""

    now: datetime
    silence: timedelta
    transfer: Transfer


@dataclass(frozen=True)
class Planned:
    """For how many people each step was written down."""

    again: int = 0
    company: int = 0
    home: int = 0
    phone: int = 0

    def plus(self, other: Planned) -> Planned:
        """Add two."""
        return Planned(
            self.again + other.again, self.company + other.company, self.home + other.home, self.phone + other.phone
        )


def take_due(connection: Connection, call: RollCall, pace: Pace) -> Planned:
    """Write down every step that is due for an alert, with its messages. In the caller's transaction; repeatable.

    The last step first: nobody goes through two steps in one run.
    """
    if not store.goes_on(connection, call.version_id, pace.now):
        return Planned()
    found = {step: store.due(connection, call, (BEFORE[step], step), pace.now - pace.silence) for step in Step}
    phone = _phone(connection, call, found[Step.PHONE], pace.now)
    home = _home(connection, call, found[Step.HOME], pace)
    company = _company(connection, call, found[Step.COMPANY], pace)
    return Planned(_again(connection, call, found[Step.AGAIN], pace), company, home, phone)


def _again(connection: Connection, call: RollCall, people: Sequence[Silent], pace: Pace) -> int:
    new = _new(connection, call, people, Step.AGAIN, pace.now)
    if not new:
        return 0
    version = alert_store.version(connection, call.version_id)
    more: set[int] = set()
    if version.send_by is not None and version.send_by > pace.now:
        plan = alerts.plan_of(connection, version, pace.now, pace.transfer)
        more = store.more_notices(connection, plan, sorted(new), ROUNDS_FROM)
    # Every way was used: the question is put once more over the best of them; to several behind one number it is one message.
    at = store.first_ways(connection, sorted(new - more))
    behind: defaultdict[object, list[int]] = defaultdict(list)
    for one in sorted(new - more):
        behind[at.get(one, one)].append(one)
    for theirs in behind.values():
        number = _message(connection, call, Step.AGAIN, pace.now, registrant_id=theirs[0])
        for one in theirs:
            store.name_call(connection, call.alert_id, one, call.step(Step.AGAIN), number)
    return len(new)


def _company(connection: Connection, call: RollCall, people: Sequence[Silent], pace: Pace) -> int:
    by_employer: defaultdict[int, list[Silent]] = defaultdict(list)
    alone = [one for one in people if one.employer_id is None]
    due = {one.employer_id for one in people}
    # Whoever was asked again a little later goes into the same mail: a company must not get one every minute.
    for one in store.due(connection, call, (BEFORE[Step.COMPANY], Step.COMPANY), pace.now) if due else ():
        if one.employer_id is not None and one.employer_id in due:
            by_employer[one.employer_id].append(one)
    # Nobody to ask: the next step need not wait for an answer.
    _new(connection, call, alone, Step.COMPANY, pace.now - pace.silence)
    count = 0
    for employer, theirs in sorted(by_employer.items()):
        number = _message(connection, call, Step.COMPANY, pace.now, employer_id=employer)
        count += len(_new(connection, call, theirs, Step.COMPANY, pace.now, number))
    return count


def _home(connection: Connection, call: RollCall, people: Sequence[Silent], pace: Pace) -> int:
    """Tell the contacts at home of those of whom nothing was heard: it would be wrong of whoever answered unclearly."""
    silent = store.wholly_silent(connection, call.alert_id, [one.registrant_id for one in people])
    heard = [one for one in people if one.registrant_id not in silent]
    _new(connection, call, heard, Step.HOME, pace.now - pace.silence)
    count = 0
    for one in people:
        if one.registrant_id in silent:
            number = _message(connection, call, Step.HOME, pace.now, registrant_id=one.registrant_id)
            count += len(_new(connection, call, [one], Step.HOME, pace.now, number))
    return count


def _phone(connection: Connection, call: RollCall, people: Sequence[Silent], now: datetime) -> int:
    new = _new(connection, call, people, Step.PHONE, now)
    if new:
        words = t(
            "Alert {alert}: after all rounds we do not know of everybody whether they are safe. Call them: `lingbao safe phone {alert}`.",
            alert=call.alert_id,
        )
        if call.mode == Mode.DRILL:
            words = t("Drill: {words}", words=words)
        page(connection, CAUSE.format(alert=call.alert_id), words, now)
    elif not store.anybody_unknown(connection, call.alert_id):
        settle(connection, CAUSE.format(alert=call.alert_id), now)
    return len(new)


def _new(
    connection: Connection,
    call: RollCall,
    people: Sequence[Silent],
    step: Step,
    at: datetime,
    call_id: int | None = None,
) -> set[int]:
    rows = [
        {
            "alert_id": call.alert_id,
            "registrant_id": one.registrant_id,
            "step": call.step(step),
            "call_id": call_id,
            "at": at,
        }
        for one in people
    ]
    return store.take_steps(connection, rows)


def _message(
    connection: Connection, call: RollCall, step: Step, now: datetime, *, employer_id: int | None = None,
    registrant_id: int | None = None,
) -> int:  # fmt: skip
    return store.new_call(connection, {
        "alert_id": call.alert_id, "step": step, "employer_id": employer_id, "registrant_id": registrant_id, "outcome": "",
        "code": "", "tries": 0, "made_at": now,
    })  # fmt: skip
