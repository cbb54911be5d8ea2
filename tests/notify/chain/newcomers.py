"""What the tests do with people who come when an alert is in force already."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import update

from core.database import reading, writing
from core.tables import table
from notify import alerts, engine
from notify.chain import Next, follow
from notify.channels.recorder import Recorder
from notify.later.catching import catch_up
from notify.model import AlertDraft
from notify.office import Office
from notify.proof import gaps
from notify.store import alerts as store
from notify.store.outbox import DELIVERIES
from notify.tables import DeliveryState
from registry.actors import SYSTEM
from registry.enrol import Sealer, add_addresses
from registry.history import Change
from registry.people import Channel, NewAddress, NewPerson
from registry.scope import person_key
from registry.store import add_changes, make_changes
from registry.tables import Address
from tests.notify.alerts.scene import APPROVER, OFFICER, Scene


@dataclass(frozen=True)
class Later:
    """An office, its register, and what reached telephones and mailboxes."""

    scene: Scene
    office: Office

    def join(self, *people: NewPerson) -> list[int]:
        """Register people as a roster does: with the history of it."""
        ids = self.scene.enrol(*people)
        with writing(self.scene.engine) as connection:
            new = [Change(one, "registrant", one, None, {"employer_id": None}) for one in ids]
            add_changes(connection, new, by="test", at=self.scene.clock.now())
        return ids

    def change(self, registrant_id: int, row_id: int, before: dict[str, object], after: dict[str, object]) -> None:
        """Change a stay as the register does."""
        with writing(self.scene.engine) as connection:
            one = Change(registrant_id, "posting", row_id, before, after)
            make_changes(connection, [one], by="test", at=self.scene.clock.now())

    def give_number(self, registrant_id: int, number: str) -> None:
        """Write one more number of a person down."""
        sealer = Sealer(self.scene.keys, self.scene.index_key, "test", self.scene.clock.now())
        with writing(self.scene.engine) as connection:
            wrapped = person_key(connection, registrant_id)
            assert wrapped is not None
            given = [(registrant_id, self.scene.keys.unwrap(wrapped), NewAddress(Channel.SMS, number))]
            add_changes(connection, add_addresses(connection, sealer, given), by="test", at=sealer.now)

    def catch_up(self, after: timedelta = timedelta(minutes=1)) -> int:
        """Look for newcomers a while later."""
        self.scene.clock.moment += after
        return catch_up(self.office, self.scene.clock.now())

    def send(self) -> None:
        """Send what is due."""
        now = self.scene.clock.now()
        asyncio.run(engine.run(self.office.tools(), moment=now, within=timedelta(0)))

    def sent(self, channel: str = "sms") -> list[tuple[str, str]]:
        """Return what was sent, as addresses and texts."""
        recorder = (self.office.channels or {})[channel]
        assert isinstance(recorder, Recorder)
        return [(one.address, one.body) for one in recorder.sent]

    def next(self, alert_id: int, wanted: Next) -> int:
        """Take the next version of an alert through two pairs of hands and release it; return its number."""
        with writing(self.scene.engine) as connection:
            version = follow(connection, alert_id, wanted, self.office.acting(OFFICER))
            alerts.submit(connection, version, self.office.acting(OFFICER))
            alerts.approve(connection, version, self.office.acting(APPROVER))
            alerts.release(connection, version, self.office.acting(OFFICER))
        return version

    def by_rule(self, draft: AlertDraft) -> int:
        """Open and release as the policy does; return the number of the version."""
        acting = self.office.acting(SYSTEM)
        with writing(self.scene.engine) as connection:
            version = alerts.open_alert(connection, draft, acting)
            assert version is not None
            alerts.release_by_rule(connection, version, acting)
        return version

    def alert_of(self, version: int) -> int:
        """Return the alert of a version."""
        with reading(self.scene.engine) as connection:
            return store.version(connection, version).alert_id

    def put(self, delivery_id: int, **values: object) -> None:
        """Put a notice into a state, as a dispatcher would have."""
        with writing(self.scene.engine) as connection:
            connection.execute(update(DELIVERIES).where(DELIVERIES.c.id == delivery_id).values(**values))

    def accept(self, version: int, *, but: int) -> None:
        """Let everything of a version have left, but for one notice."""
        for one in self.scene.notices(version):
            if one.id != but:
                self.put(one.id, state=DeliveryState.ACCEPTED, provider_status="delivered", provider_rank=9)

    def stop(self, registrant_id: int, channel: str) -> None:
        """Stop the addresses of a person on a channel."""
        rows = table(Address)
        which = (rows.c.registrant_id == registrant_id, rows.c.channel == channel)
        with writing(self.scene.engine) as connection:
            connection.execute(update(rows).where(*which).values(stopped_at=self.scene.clock.now(), stop_reason="test"))

    def gaps(self) -> list[str]:
        """Return the kinds of what is not accounted for."""
        with reading(self.scene.engine) as connection:
            return [one.kind for one in gaps(connection)]
