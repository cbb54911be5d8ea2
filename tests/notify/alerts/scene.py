"""An office with a register, in which the tests open alerts and look at what is planned."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Engine, Row, insert, select, update

from core.clock import FixedClock
from core.database import ensure_instance, reading, set_mode, writing
from core.keys import MasterKeys
from core.tables import Mode, table
from notify import alerts
from notify.alerts import Acting
from notify.model import AlertDraft
from notify.store import alerts as store
from notify.store.outbox import DELIVERIES, LINKS, RECIPIENTS, TEXTS
from notify.tables import AlertStatus, AlertVersion, DeliveryState
from registry.actors import SYSTEM, Actor
from registry.employers import add_employer
from registry.enrol import enrol
from registry.people import Channel, NewAddress, NewPerson, NewPosting
from registry.tables import Posting, PostingStatus, Role
from tests.notify.made import OFFICE
from tests.registry.people import CONSENT

OFFICER = Actor("lin.daiyu", Role.OFFICER, 1)
SECOND = Actor("tan.chun", Role.OFFICER, 2)
APPROVER = Actor("wang.xifeng", Role.APPROVER, 3)
POSTINGS = table(Posting)


def person(
    *stays: NewPosting,
    sms: Sequence[str] = (),
    email: Sequence[str] = (),
    language: str = "zh",
    employer: int | None = None,
    name: str = "孙悟空",
) -> NewPerson:
    """Return a person, in Zambia if nothing else is said."""
    addresses = [NewAddress(Channel.SMS, value, place) for place, value in enumerate(sms, 1)]
    addresses += [NewAddress(Channel.EMAIL, value, place) for place, value in enumerate(email, 1)]
    return NewPerson(name, CONSENT, employer, language, stays or (NewPosting("ZM"),), tuple(addresses))


@dataclass(frozen=True)
class Scene:
    """The office under test."""

    engine: Engine
    keys: MasterKeys
    index_key: bytes
    clock: FixedClock

    def open_for_business(self, mode: Mode = Mode.SANDBOX) -> None:
        """Write the instance row."""
        ensure_instance(self.engine, self.keys, self.clock.now())
        with writing(self.engine) as connection:
            set_mode(connection, mode)

    def enrol(self, *people: NewPerson) -> list[int]:
        """Enrol people; return their ids."""
        with writing(self.engine) as connection:
            return enrol(
                connection, SYSTEM, people, keys=self.keys, index_key=self.index_key, now=self.clock.now()
            )  # fmt: skip

    def employer(self, code: str) -> int:
        """Add an employer."""
        with writing(self.engine) as connection:
            return add_employer(connection, SYSTEM, code=code, name=f"花果山{code}公司", now=self.clock.now())

    def acting(self, actor: Actor) -> Acting:
        """Return `actor` acting now."""
        return Acting(actor, self.clock.now(), OFFICE)

    def open(self, draft: AlertDraft, actor: Actor = OFFICER) -> int:
        """Open an alert or a version; return the number of the version."""
        with writing(self.engine) as connection:
            version_id = alerts.open_alert(connection, draft, self.acting(actor))
        assert version_id is not None
        return version_id

    def by_rule(self, draft: AlertDraft) -> int:
        """Open and release as the policy does; return the number of the version."""
        version_id = self.open(draft, SYSTEM)
        with writing(self.engine) as connection:
            alerts.release_by_rule(connection, version_id, self.acting(SYSTEM))
        return version_id

    def by_officers(self, draft: AlertDraft) -> int:
        """Take a draft through two pairs of hands and release it; return the number of the version."""
        version_id = self.open(draft)
        with writing(self.engine) as connection:
            alerts.submit(connection, version_id, self.acting(OFFICER))
            alerts.approve(connection, version_id, self.acting(APPROVER))
            alerts.release(connection, version_id, self.acting(OFFICER))
        return version_id

    def version(self, version_id: int) -> AlertVersion:
        """Return a version."""
        with reading(self.engine) as connection:
            return store.version(connection, version_id)

    def alert_of(self, version_id: int) -> int:
        """Return the alert of a version."""
        return self.version(version_id).alert_id

    def status(self, version_id: int) -> AlertStatus:
        """Return where a version stands."""
        return AlertStatus(self.version(version_id).status)

    def people(self, version_id: int) -> list[int]:
        """Return who a version is for."""
        with reading(self.engine) as connection:
            query = select(RECIPIENTS.c.registrant_id).where(RECIPIENTS.c.version_id == version_id)
            return list(connection.execute(query.order_by(RECIPIENTS.c.registrant_id)).scalars())

    def recipients(self, version_id: int) -> dict[int, Row[Any]]:
        """Return the recipients of a version by person."""
        with reading(self.engine) as connection:
            rows = connection.execute(select(RECIPIENTS).where(RECIPIENTS.c.version_id == version_id)).all()
        return {row.registrant_id: row for row in rows}

    def notices(self, version_id: int) -> list[Row[Any]]:
        """Return the deliveries of a version with the variant, language and text of each, in order of channel."""
        query = (
            select(DELIVERIES, TEXTS.c.variant, TEXTS.c.language, TEXTS.c.body)
            .join(TEXTS, TEXTS.c.id == DELIVERIES.c.text_id)
            .where(DELIVERIES.c.version_id == version_id)
            .order_by(DELIVERIES.c.channel.desc(), DELIVERIES.c.id)
        )
        with reading(self.engine) as connection:
            return list(connection.execute(query).all())

    def record_of(self, version_id: int, registrant_id: int) -> list[int]:
        """Return the deliveries that a person's record of a version points to."""
        query = (
            select(LINKS.c.delivery_id)
            .join(RECIPIENTS, RECIPIENTS.c.id == LINKS.c.recipient_id)
            .where(RECIPIENTS.c.version_id == version_id, RECIPIENTS.c.registrant_id == registrant_id)
        )
        with reading(self.engine) as connection:
            return sorted(connection.execute(query).scalars())

    def set_state(self, version_id: int, state: DeliveryState, **values: object) -> None:
        """Put all deliveries of a version into a state, as a dispatcher would have."""
        with writing(self.engine) as connection:
            query = update(DELIVERIES).where(DELIVERIES.c.version_id == version_id)
            connection.execute(query.values(state=state, **values))

    def move_home(self, registrant_id: int) -> None:
        """Let a person return."""
        with writing(self.engine) as connection:
            query = update(POSTINGS).where(POSTINGS.c.registrant_id == registrant_id)
            connection.execute(query.values(status=PostingStatus.RETURNED))

    def write(self, target: Any, **values: object) -> None:
        """Write one row of a table."""
        with writing(self.engine) as connection:
            connection.execute(insert(target).values(**values))
