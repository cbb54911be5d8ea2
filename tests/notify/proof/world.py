"""An office that has told people of one alert: from a capture on disk to receipts, over channels that do as they are told."""

from __future__ import annotations

import asyncio
import hashlib
import json
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import insert, select

from core.clock import FixedClock
from core.database import ensure_instance, open_engine, reading, upgrade, writing
from core.keys import MasterKeys
from core.settings import load
from core.tables import table
from notify import alerts, proof, receipts
from notify.channels.base import Accepted, Outgoing, Rejected, Result
from notify.channels.recorder import Recorder
from notify.dispatch import Dispatcher
from notify.model import AlertDraft
from notify.office import Office
from notify.store import alerts as store
from notify.store.outbox import LINKS, RECIPIENTS
from notify.tables import Delivery
from registry.actors import SYSTEM, Actor
from registry.employers import add_employer
from registry.enrol import enrol, index_key
from registry.people import Channel, NewAddress, NewPerson, NewPosting
from registry.tables import Role
from sources.model import Advisory, Capture, ChangeKind
from sources.store import ADVISORIES, CHANGES, save_capture
from sources.wire import message_json, store_advisory
from tests.notify.made import NIGHT, advisory, change, draft
from tests.registry.people import CONSENT

OFFICER = Actor("lin.daiyu", Role.OFFICER, 1)
AUDITOR = Actor("jia.zheng", Role.AUDITOR, 2)
BODY = b"<html>\xe6\x8f\x90\xe9\x86\x92 one page of the ministry</html>"
REFUSED = "+260970000003"
SHARED = "+260970000009"


@dataclass
class World:
    """The office, the channels' double, and who is who.

    Attributes:
        people: ids: two of company A, of whom the second has a number that is refused; one of B; one of A without any
            address; one of A and one of B behind one number.
    """

    home: Path
    office: Office
    clock: FixedClock
    phones: Recorder
    people: tuple[int, ...] = ()
    employers: tuple[int, ...] = ()
    version_id: int = 0

    @property
    def alert_id(self) -> int:
        """Return the number of the alert."""
        with reading(self.office.engine) as connection:
            return store.version(connection, self.version_id).alert_id

    def company(self, place: int) -> Actor:
        """Return a contact of a company: 0 is A, 1 is B."""
        return Actor("xue.pan", Role.COMPANY, 3, self.employers[place])

    def enrol(self, people: Sequence[NewPerson]) -> tuple[int, ...]:
        """Enrol people; return their ids."""
        with writing(self.office.engine) as connection:
            secret = index_key(connection, self.office.keys)
            found = enrol(connection, SYSTEM, people, keys=self.office.keys, index_key=secret, now=self.clock.now())
        return tuple(found)

    def release(self, one: AlertDraft) -> int:
        """Open and release a draft as a rule does; return the number of the version."""
        with writing(self.office.engine) as connection:
            version = alerts.open_alert(connection, one, self.office.acting(SYSTEM))
            assert version is not None
            alerts.release_by_rule(connection, version, self.office.acting(SYSTEM))
        return version

    def send(self) -> None:
        """Send what is ready, once."""
        asyncio.run(Dispatcher(self.office.tools()).drain(self.clock.now()))

    def seal(self) -> None:
        """Seal what is open."""
        with writing(self.office.engine) as connection:
            proof.seal(connection, self.clock.now())

    def deliveries(self) -> list[Any]:
        """Return all deliveries in order."""
        with reading(self.office.engine) as connection:
            return list(connection.execute(select(table(Delivery)).order_by(table(Delivery).c.id)).all())

    def notice_of(self, registrant_id: int) -> int:
        """Return the number of the notice that carries a person's."""
        with reading(self.office.engine) as connection:
            query = select(LINKS.c.delivery_id).join(RECIPIENTS, RECIPIENTS.c.id == LINKS.c.recipient_id)
            return int(
                connection.execute(query.where(RECIPIENTS.c.registrant_id == registrant_id)).scalars().first() or 0
            )

    def hear(self, delivery_id: int, status: str, code: str = "") -> None:
        """Let the provider say something of a notice."""
        fields = {"MessageStatus": status, "To": "+260970000001"}
        word = receipts.Word(delivery_id, "recorder", f"REC{delivery_id}.1", status, code, fields, "callback")
        with writing(self.office.engine) as connection:
            receipts.accept(connection, word, self.office.keys, self.clock.now())


def answer(notice: Outgoing) -> Result:
    """Take every notice but those to one number, which does not exist."""
    if notice.address == REFUSED:
        return Rejected("21211", "no such number", 400, address_bad=True)
    return Accepted(f"REC{notice.delivery_id}.{notice.attempt}", "queued", 201)


def open_world(home: Path) -> World:
    """Open the office that lies in a directory; make it if there is none."""
    clock = FixedClock(NIGHT + timedelta(minutes=5))
    keys = MasterKeys({"test": bytes(range(32))}, "test")
    engine = open_engine(f"sqlite:///{home / 'lingbao.db'}")
    upgrade(engine)
    ensure_instance(engine, keys, clock.now())
    phones = Recorder(answer=answer)
    settings = load(home=home, channels="sms", canaries="sms:+8613800138000")
    return World(home, Office(settings, engine, clock, keys, {"sms": phones}), clock, phones)


def person(name: str, employer: int, *numbers: str) -> NewPerson:
    """Return a person in Zambia."""
    addresses = tuple(NewAddress(Channel.SMS, one, place) for place, one in enumerate(numbers, 1))
    return NewPerson(name, CONSENT, employer, "zh", (NewPosting("ZM"),), addresses)


def read_source(world: World, one: Advisory, kind: ChangeKind = ChangeKind.NEW) -> tuple[int, int]:
    """Keep a capture, the advisory read from it and its change; return the numbers of change and advisory."""
    capture = Capture(one.source, one.url, world.clock.now(), BODY, "text/html")
    world.office.archive.put(capture.sha256, BODY)
    with writing(world.office.engine) as connection:
        kept = save_capture(connection, capture, NIGHT)
        row = {"source_id": one.source, "native_id": one.native_id, "fingerprint": one.fingerprint,
               "body": json.loads(json.dumps(store_advisory(one), default=str)), "capture_id": kept, "as_of": NIGHT}  # fmt: skip
        number = connection.execute(insert(ADVISORIES).values(row).returning(ADVISORIES.c.id)).scalar_one()
        moved = {"source_id": one.source, "native_id": one.native_id, "kind": kind, "confirmed": True, "after_id": number,
                 "reason": message_json(change(kind, one).reason), "as_of": NIGHT, "held": False,
                 "decided_at": world.clock.now(), "outcome": "sent"}  # fmt: skip
        changed = connection.execute(insert(CHANGES).values(moved).returning(CHANGES.c.id)).scalar_one()
    return changed, number


def tell(home: Path) -> World:
    """Make the office, and let it tell everybody in Zambia."""
    world = open_world(home)
    with writing(world.office.engine) as connection:
        world.employers = tuple(
            add_employer(connection, SYSTEM, code=code, name=f"花果山{code}公司", now=world.clock.now())
            for code in ("A-1", "B-1")
        )
    a, b = world.employers
    world.people = world.enrol([
        person("孙悟空", a, "+260970000001"), person("猪八戒", a, REFUSED), person("贾宝玉", b, "+260970000002"),
        person("沙悟净", a), person("白龙马", a, SHARED), person("林黛玉", b, SHARED),
    ])  # fmt: skip
    changed, number = read_source(world, advisory())
    world.version_id = world.release(
        draft(channels=("sms",), change_id=changed, advisory_id=number, origin_key="change/1")
    )
    world.send()
    world.hear(world.notice_of(world.people[0]), "delivered")
    world.seal()
    return world


def copy_of(world: World, home: Path) -> World:
    """Return the same office in another directory, to be changed at will."""
    world.office.engine.dispose()
    shutil.copytree(world.home, home)
    copied = open_world(home)
    copied.people, copied.employers, copied.version_id = world.people, world.employers, world.version_id
    return copied


def sha256(text: bytes) -> str:
    """Return a hash as the tables have it."""
    return hashlib.sha256(text).hexdigest()
