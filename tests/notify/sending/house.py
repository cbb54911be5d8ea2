"""A small office for tests of sending: people enrolled, an alert released, and channels that do as they are told."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, select, update

from core.clock import Clock
from core.database import ensure_instance, reading, writing
from core.keys import MasterKeys
from core.settings import load
from core.tables import table
from notify import alerts, engine
from notify.channels.base import Absent, Answer, CannotTell, Channel, Outgoing, ProviderStatus, Result
from notify.channels.recorder import Recorder
from notify.dispatch import Dispatcher, Tally
from notify.engine import Sent
from notify.manual import ManualAlert, draft_manual
from notify.office import Office
from notify.reconcile import Findings, reconcile
from notify.store import deliveries as store
from notify.tables import AttemptOutcome, Delivery, DeliveryState
from registry.actors import SYSTEM
from registry.enrol import enrol, index_key
from registry.people import GivenConsent, NewAddress, NewPerson, NewPosting
from registry.tables import Ground

COUNTRY = "TJ"
DELIVERIES, OUTCOMES = table(Delivery), table(AttemptOutcome)


def nothing_there(notice: Outgoing) -> Answer:
    """Prove that a provider has nothing."""
    return Absent()


@dataclass
class Scripted(Recorder):
    """A recorder whose look-up and status are scripted too; it counts what it is asked.

    Attributes:
        found: what comes of a look-up; None: what was kept decides.
        told: what comes of asking for a status.
    """

    found: Callable[[Outgoing], Answer] | None = None
    told: ProviderStatus | CannotTell = field(default_factory=lambda: CannotTell("not asked for"))
    calls: list[int] = field(default_factory=list)
    asked: list[int] = field(default_factory=list)
    polled: list[str] = field(default_factory=list)
    where: str = "127.0.0.1"

    @property
    def endpoint(self) -> str:
        """Return the host that the gate sees."""
        return self.where

    async def send(self, notice: Outgoing) -> Result:
        """Count the call, and do as told."""
        self.calls.append(notice.delivery_id)
        return await super().send(notice)

    async def lookup(self, notice: Outgoing, since: datetime) -> Answer:
        """Count the question, and answer as told."""
        self.asked.append(notice.delivery_id)
        return await super().lookup(notice, since) if self.found is None else self.found(notice)

    async def status(self, provider_id: str) -> ProviderStatus | CannotTell:
        """Count the question, and answer as told."""
        self.polled.append(provider_id)
        return self.told


@dataclass(frozen=True)
class House:
    """An office with its clock, and short words for what the tests do with it."""

    office: Office

    def with_channels(self, *channels: Channel) -> House:
        """Return the same office with these channels."""
        return House(self.office.with_channels({one.name: one for one in channels}))

    def drain(self, moment: datetime | None = None, **more: Any) -> Tally:
        """Send what is ready, once."""
        return asyncio.run(Dispatcher(self.office.tools(), **more).drain(moment or self.office.clock.now()))

    def reconcile(self, *, poll: bool = False) -> Findings:
        """Ask about what is in doubt, once."""
        return asyncio.run(reconcile(self.office.tools(), poll=poll))

    def run(self, within: float = 0.0, **more: Any) -> Sent:
        """Run the engine."""
        now = self.office.clock.now()
        return asyncio.run(engine.run(self.office.tools(), moment=now, within=timedelta(seconds=within), **more))

    def rows(self) -> list[Delivery]:
        """Return all deliveries in order."""
        with reading(self.office.engine) as connection:
            found = connection.execute(select(DELIVERIES).order_by(DELIVERIES.c.id)).mappings()
            return [Delivery(**row) for row in found]

    def states(self) -> list[str]:
        """Return the states of all deliveries in order."""
        return [row.state for row in self.rows()]

    def outcomes(self) -> list[tuple[str, str, str]]:
        """Return outcome, code and author of all outcomes in order."""
        o = OUTCOMES.c
        with reading(self.office.engine) as connection:
            query = select(o.outcome, o.error_code, o.by).order_by(o.id)
            return [(row[0], row[1], row[2]) for row in connection.execute(query)]

    def put(self, **values: Any) -> None:
        """Put all deliveries into a situation that is hard to reach otherwise."""
        with writing(self.office.engine) as connection:
            connection.execute(update(DELIVERIES).values(**values))

    def release(self, level: int = 4, *, channels: Sequence[str] = ("sms",), valid_hours: int = 24) -> int:
        """Release an alert to everybody; return its version."""
        manual = ManualAlert.model_validate({
            "countries": [COUNTRY], "level": level, "title_zh": "示例：请留意安全", "channels": list(channels),
            "valid_hours": valid_hours,
        })  # fmt: skip
        draft = draft_manual(manual, self.office.name, self.office.clock.now())
        with writing(self.office.engine) as connection:
            version = alerts.open_alert(connection, draft, self.office.acting(SYSTEM))
            assert version is not None
            alerts.release_by_rule(connection, version, self.office.acting(SYSTEM))
        return version


def house(engine: Engine, home: Path, clock: Clock, keys: MasterKeys, **settings: Any) -> House:
    """Open an office with one recorder for SMS."""
    ensure_instance(engine, keys, clock.now())
    office = Office(load(home=home, **settings), engine, clock, keys, {"sms": Scripted()})
    return House(office)


def enrol_people(home: House, numbers: Sequence[str], *, channel: str = "sms") -> None:
    """Enrol one person for each number."""
    office = home.office
    with writing(office.engine) as connection:
        new = [
            NewPerson(name=f"示例{i}", addresses=(NewAddress(channel, number),), postings=(NewPosting(COUNTRY),),
                      consent=GivenConsent(Ground.EMPLOYMENT, "test/1"))
            for i, number in enumerate(numbers)
        ]  # fmt: skip
        secret = index_key(connection, office.keys)
        enrol(connection, SYSTEM, new, keys=office.keys, index_key=secret, now=office.clock.now())


def claim(home: House, owner: str = "one", limit: int = 10) -> list[store.Claimed]:
    """Claim as a worker does, for the lease of the settings."""
    now = home.office.clock.now()
    lease = store.Lease(owner, now, now + timedelta(seconds=home.office.settings.lease), limit)
    with writing(home.office.engine) as connection:
        claimed = store.claim(connection, lease, "sms")
        store.insert_attempts(connection, [
            {"delivery_id": c.id, "no": c.attempts, "lease_token": c.lease_token, "worker": owner, "channel": "sms",
             "body_sha256": "0" * 64, "started_at": now}
            for c in claimed
        ])  # fmt: skip
    return claimed


def numbers(count: int) -> list[str]:
    """Return that many numbers."""
    return [f"+99290{i:07d}" for i in range(1, count + 1)]


READY, SENDING, ACCEPTED = DeliveryState.READY, DeliveryState.SENDING, DeliveryState.ACCEPTED
UNKNOWN, UNRESOLVED, FAILED = DeliveryState.UNKNOWN, DeliveryState.UNRESOLVED, DeliveryState.FAILED
