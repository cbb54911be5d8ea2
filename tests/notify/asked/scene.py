"""A small office that has asked: people with their ways, a company, contacts at home, and an alert that asks."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, select

from core.clock import Clock
from core.database import reading, writing
from core.keys import MasterKeys
from core.tables import table
from notify import alerts
from notify.channels.base import Channel, Outgoing
from notify.channels.recorder import Recorder
from notify.dispatch import Dispatcher
from notify.manual import ManualAlert, draft_manual
from notify.safety.board import board
from notify.safety.tables import SafeWord
from notify.store import alerts as alert_store
from registry.actors import SYSTEM
from registry.contacts import add_contact
from registry.employers import add_employer
from registry.enrol import enrol, index_key
from registry.liaisons import Duty, NewLiaison
from registry.people import GivenConsent, NewAddress, NewContact, NewPerson, NewPosting
from registry.tables import Ground
from tests.notify.sending.house import COUNTRY, House, house

BASE = "https://office.example.invalid"
PHONES = ("+992900000001", "+992900000002", "+992900000003")
MAILS = ("first@example.invalid", "second@example.invalid", "third@example.invalid")
HOME_NUMBER = "+8613900139001"
WORDS = table(SafeWord)


def recorders(*names: str) -> dict[str, Recorder]:
    """Return channels that keep what they are given."""
    return {name: Recorder(name, f"test_{name}") for name in names}


def asking_house(
    engine: Engine, home: Path, clock: Clock, keys: MasterKeys, channels: Mapping[str, Channel], **settings: Any
) -> House:
    """Return an office with these channels open and in use."""
    made = house(engine, home, clock, keys, channels=tuple(channels), public_base_url=BASE, **settings)
    return House(made.office.with_channels(channels))


def person(
    name: str, *ways: tuple[str, str], employer: int | None = None, home: str = "", language: str = "zh"
) -> NewPerson:
    """Return somebody in the country, reached by these ways, in this order."""
    addresses = tuple(NewAddress(channel, value, at) for at, (channel, value) in enumerate(ways, 1))
    contacts = (NewContact("示例家人", "父亲", home),) if home else ()
    return NewPerson(
        name=name, consent=GivenConsent(Ground.EMPLOYMENT, "test/1", foreign=True), employer_id=employer, language=language,
        postings=(NewPosting(COUNTRY),), addresses=addresses, contacts=contacts,
    )  # fmt: skip


def enrol_all(home: House, people: Sequence[NewPerson]) -> None:
    """Enrol people; they are numbered from 1 in a fresh register."""
    office = home.office
    with writing(office.engine) as connection:
        secret = index_key(connection, office.keys)
        enrol(connection, SYSTEM, people, keys=office.keys, index_key=secret, now=office.clock.now())


def add_company(home: House, *, mail: str = "", phone: str = "") -> int:
    """Add a company with one contact; return its number."""
    office = home.office
    with writing(office.engine) as connection:
        number = add_employer(connection, SYSTEM, code="DEMO1", name="示例一公司", now=office.clock.now())
        contact = NewLiaison(Duty.LIAISON, "联络示例", phone, mail)
        add_contact(connection, SYSTEM, number, contact, keys=office.keys, now=office.clock.now())
    return number


def ask(home: House, *, channels: Sequence[str] = ("sms",), every: bool = True, asks: bool = True) -> int:
    """Release an alert of level 4 that asks; return the number of the alert."""
    office, now = home.office, home.office.clock.now()
    manual = ManualAlert.model_validate({
        "countries": [COUNTRY], "level": 4, "title_zh": "示例：请尽快离开", "title_en": "An example: please leave",
        "channels": list(channels),
    })  # fmt: skip
    draft = replace(draft_manual(manual, office.name, now), ask_safe=asks, every_channel=every)
    with writing(office.engine) as connection:
        version = alerts.open_alert(connection, draft, office.acting(SYSTEM))
        assert version is not None
        alerts.release_by_rule(connection, version, office.acting(SYSTEM))
        return alert_store.version(connection, version).alert_id


def send(home: House) -> None:
    """Send what is ready."""
    asyncio.run(Dispatcher(home.office.tools()).drain(home.office.clock.now()))


def gone_out(home: House, channel: str) -> list[Outgoing]:
    """Return what went out over a channel that keeps it."""
    assert home.office.channels is not None
    kept = home.office.channels[channel]
    assert isinstance(kept, Recorder)
    return kept.sent


def said(home: House) -> list[tuple[int, int, str, str]]:
    """Return what was said, in order of person: alert, person, answer, means."""
    w = WORDS.c
    with reading(home.office.engine) as connection:
        query = select(w.alert_id, w.registrant_id, w.answer, w.means).order_by(w.alert_id, w.registrant_id, w.id)
        return [(row[0], row[1], row[2], row[3]) for row in connection.execute(query)]


def states(home: House, alert_id: int) -> dict[int, str]:
    """Return where each person stands on the board."""
    with reading(home.office.engine) as connection:
        return {one.place.registrant_id: str(one.state) for one in board(connection, alert_id, SYSTEM).entries}
